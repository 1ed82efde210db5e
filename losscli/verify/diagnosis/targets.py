"""Truth seen as something else than it is: labels off by one, classes in another order, 0 and 1 for -1 and 1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import PROBABILITY, SIGN
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Labels, LazyHypothesis, PerSample, with_labels, with_view
from losscli.verify.diagnosis.mistakes import Mistake, area

_VERY_FEW_CLASSES = 4
_FEW_CLASSES = 6  # of which every order is tried
_SOME_CLASSES = 20  # of which every two are exchanged

_STEPS = (
    (-1, "from_one", "one too low, as if they counted from 1", "the last class"),
    (1, "one_up", "one too high: counted from 1, where 0 is the first class", "class 0"),
)
_FROM_ZERO = "count classes from 0, in the labels as in the columns"
_IN_ORDER = "put the columns in the order of the labels"
declare = area("target")
_OFF_BY_ONE = declare("labels_{where}", "S", "the labels were taken {how}{end}", _FROM_ZERO)
_PAST_THE_END_ZERO = declare(
    "labels_{where}_zero", "S", "the labels were taken {how}; what went past the end cost nothing", _FROM_ZERO, later=1
)
_PAST_THE_END_DROPPED = declare(
    "labels_{where}_dropped",
    "S",
    "the labels were taken {how}; what went past the end was left out",
    _FROM_ZERO,
    later=1,
)
_IN_OTHER_ORDER = declare(
    "classes_in_other_order",
    "A",
    "the columns stand in another order than the labels (class→column: {moved})",
    _IN_ORDER,
)
_REVERSED = declare("classes_reversed", "A", "the classes stand in reverse order", _IN_ORDER)
_AS_TEXT = declare(
    "classes_sorted_as_text",
    "A",
    "the columns are sorted as text ('10' before '2'), the labels as numbers",
    _IN_ORDER,
)
_FLIPPED = declare("target_flipped", "A", "yes and no of the targets are exchanged", "check which class is the yes")
_ZEROS = declare(
    "zero_for_minus_one",
    "A",
    "the targets were 0 and 1, where -1 and 1 are expected",
    "make -1 of 0: 2·target - 1",
)


def target_views(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What the truth may have been taken for."""
    field = next((field for field in dataset.bound.inputs if field.name == "target"), None)
    if field is None:
        return
    if dataset.labels is not None:
        yield from _labels(dataset, dataset.labels)
    elif field.role.domain is PROBABILITY and field.role.axes == "u" and dataset.loss.kind == "binary":
        yield with_view(dataset, _FLIPPED, field.name, lambda t: 1.0 - t)
    elif field.role.domain is SIGN:
        yield with_view(dataset, _FLIPPED, field.name, lambda t: -t)
        if _ZEROS.name not in {mistake.name for mistake in dataset.own}:
            yield with_view(dataset, _ZEROS, field.name, lambda t: np.maximum(t, 0.0))


def off_by_one(dataset: Dataset, labels: Labels) -> Iterator[tuple[Mistake, Labels]]:
    """Labels that are counted from 1 on one side only, those beyond the ends coming round to the other."""
    for step, where, how, other_end in _STEPS:
        moved = labels + step
        inside = bool(((moved >= 0) & (moved < dataset.classes)).all())
        end = "" if inside else f"; what went past the end came round to {other_end}"
        yield _OFF_BY_ONE.of(where=where, how=how, end=end), moved % dataset.classes


def _labels(dataset: Dataset, labels: Labels) -> Iterator[LazyHypothesis]:
    """Class indices counted from 1, or in another order of the classes."""
    classes = dataset.classes
    if classes < 2:
        return
    for mistake, moved in off_by_one(dataset, labels):
        yield with_labels(dataset, mistake, moved)
    for step, where, how, _ in _STEPS:
        usable = (labels + step >= 0) & (labels + step < classes)
        if not usable.all():
            nothing = _PAST_THE_END_ZERO.of(where=where, how=how)
            yield _without(dataset, nothing, np.where(usable, labels + step, 0), usable, counted=True)
            ignored = _PAST_THE_END_DROPPED.of(where=where, how=how)
            yield _without(dataset, ignored, np.where(usable, labels + step, 0), usable, counted=False)
    yield with_labels(dataset, _REVERSED, classes - 1 - labels)
    if classes > 10:
        as_text = np.array(sorted(range(classes), key=str))
        yield with_labels(dataset, _AS_TEXT, np.argsort(as_text)[labels])
        yield with_labels(dataset, _AS_TEXT, as_text[labels])
    for order in _orders(classes, looked_up=dataset.table is not None):
        yield with_labels(dataset, in_order(order, likely=_is_likely(order)), np.array(order)[labels])


def _orders(classes: int, *, looked_up: bool) -> Iterator[tuple[int, ...]]:
    """Every order of few classes, fewer if each costs a pass; of more every one in which two are exchanged."""
    if classes <= (_FEW_CLASSES if looked_up else _VERY_FEW_CLASSES):
        yield from (order for order in permutations(range(classes)) if list(order) != sorted(order))
    elif classes <= _SOME_CLASSES:
        for first, second in combinations(range(classes), 2):
            order = list(range(classes))
            order[first], order[second] = second, first
            yield tuple(order)


def _is_likely(order: tuple[int, ...]) -> bool:
    """Whether an order is one of few classes, or two of them are exchanged, or all moved on."""
    classes = len(order)
    moved = sum(at != column for at, column in enumerate(order))
    return classes <= _VERY_FEW_CLASSES or moved == 2 or len({(c - at) % classes for at, c in enumerate(order)}) == 1


def in_order(order: tuple[int, ...], *, likely: bool = True) -> Mistake:
    """The mistake of columns in another order: where each class was looked for."""
    moved = [f"{at}→{column}" for at, column in enumerate(order) if at != column]
    return _IN_OTHER_ORDER.of(later=2 if likely else 8, moved=", ".join(moved))


def _without(
    dataset: Dataset, mistake: Mistake, labels: Labels, usable: NDArray[np.bool_], *, counted: bool
) -> LazyHypothesis:
    """Labels of which those that do not exist cost nothing, and are counted or not."""
    inner = with_labels(dataset, mistake, labels)

    def compute() -> PerSample | None:
        per_sample = inner.compute()
        if per_sample is None:
            return None
        denominators = per_sample.denominators
        if not counted:
            denominators = usable * (np.ones(len(labels)) if denominators is None else denominators)
        return PerSample((mistake,), np.where(usable, per_sample.losses, 0.0), denominators)

    return LazyHypothesis((mistake,), compute, inner.passes)
