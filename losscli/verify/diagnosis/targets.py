"""Truth seen as something else than it is: labels off by one, classes in another order, 0 and 1 for -1 and 1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import PROBABILITY, SIGN
from losscli.verify.diagnosis.attempts import Attempt, relabelled, viewed
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, Vector, part

_VERY_FEW_CLASSES = 4
_FEW_CLASSES = 6  # of which every order is tried
_SOME_CLASSES = 20  # of which every two are exchanged

Labels = NDArray[np.intp]

_STEPS = (
    (-1, "labels_from_one", "the labels were taken one too low, as if they counted from 1", "the last class"),
    (1, "labels_one_up", "the labels were taken one too high: counted from 1, where 0 is the first class", "class 0"),
)
_FROM_ZERO = "count classes from 0, in the labels as in the columns"
_IN_ORDER = "put the columns in the order of the labels"
_REVERSED = part("classes_reversed", "A", "the classes stand in reverse order", _IN_ORDER)
_AS_TEXT = part(
    "classes_sorted_as_text",
    "A",
    "the columns are sorted as text ('10' before '2'), the labels as numbers",
    _IN_ORDER,
)
_FLIPPED = part("target_flipped", "A", "yes and no of the targets are exchanged", "check which class is the yes")
_ZEROS = part(
    "zero_for_minus_one",
    "A",
    "the targets were 0 and 1, where -1 and 1 are expected",
    "make -1 of 0: 2·target - 1",
)


def target_views(case: Case) -> Iterator[Attempt]:
    """What the truth may have been taken for."""
    field = next((field for field in case.bound.inputs if field.name == "target"), None)
    if field is None:
        return
    if case.labels is not None:
        yield from _labels(case, case.labels)
    elif field.role.domain is PROBABILITY and field.role.axes == "u" and case.loss.kind == "binary":
        yield viewed(case, _FLIPPED, field.name, lambda t: 1.0 - t)
    elif field.role.domain is SIGN:
        yield viewed(case, _FLIPPED, field.name, lambda t: -t)
        if _ZEROS.name not in {mistake.name for mistake in case.own}:
            yield viewed(case, _ZEROS, field.name, lambda t: np.maximum(t, 0.0))


def off_by_one(case: Case, labels: Labels) -> Iterator[tuple[Part, Labels]]:
    """Labels that are counted from 1 on one side only, those beyond the ends coming round to the other."""
    for step, name, text, other_end in _STEPS:
        moved = labels + step
        inside = bool(((moved >= 0) & (moved < case.classes)).all())
        said = text if inside else f"{text}; what went past the end came round to {other_end}"
        yield part(name, "S", said, _FROM_ZERO), moved % case.classes


def _labels(case: Case, labels: Labels) -> Iterator[Attempt]:
    """Class indices counted from 1, or in another order of the classes."""
    classes = case.classes
    if classes < 2:
        return
    for mistake, moved in off_by_one(case, labels):
        yield relabelled(case, mistake, moved)
    for step, name, text, _ in _STEPS:
        usable = (labels + step >= 0) & (labels + step < classes)
        if not usable.all():
            nothing = part(f"{name}_zero", "S", f"{text}; what went past the end cost nothing", _FROM_ZERO, later=1)
            yield _without(case, nothing, np.where(usable, labels + step, 0), usable, counted=True)
            ignored = part(f"{name}_dropped", "S", f"{text}; what went past the end was left out", _FROM_ZERO, later=1)
            yield _without(case, ignored, np.where(usable, labels + step, 0), usable, counted=False)
    yield relabelled(case, _REVERSED, classes - 1 - labels)
    if classes > 10:
        as_text = np.array(sorted(range(classes), key=str))
        yield relabelled(case, _AS_TEXT, np.argsort(as_text)[labels])
        yield relabelled(case, _AS_TEXT, as_text[labels])
    for order in _orders(classes, looked_up=case.table is not None):
        yield relabelled(case, in_order(order, likely=_is_likely(order)), np.array(order)[labels])


def _orders(classes: int, *, looked_up: bool) -> Iterator[tuple[int, ...]]:
    """Every order of few classes, fewer if each costs a pass; of more every one in which two are exchanged."""
    if classes <= (_FEW_CLASSES if looked_up else _VERY_FEW_CLASSES):
        yield from (order for order in permutations(range(classes)) if list(order) != sorted(order))
    elif classes <= _SOME_CLASSES:
        for one, other in combinations(range(classes), 2):
            order = list(range(classes))
            order[one], order[other] = other, one
            yield tuple(order)


def _is_likely(order: tuple[int, ...]) -> bool:
    """Whether an order is one of few classes, or two of them are exchanged, or all moved on."""
    classes = len(order)
    moved = sum(at != column for at, column in enumerate(order))
    return classes <= _VERY_FEW_CLASSES or moved == 2 or len({(c - at) % classes for at, c in enumerate(order)}) == 1


def in_order(order: tuple[int, ...], *, likely: bool = True) -> Part:
    """The mistake of columns in another order: where each class was looked for."""
    moved = [f"{at}→{column}" for at, column in enumerate(order) if at != column]
    return part(
        "classes_in_other_order",
        "A",
        f"the columns stand in another order than the labels (class→column: {', '.join(moved)})",
        _IN_ORDER,
        later=2 if likely else 8,
    )


def _without(case: Case, mistake: Part, labels: Labels, usable: NDArray[np.bool_], *, counted: bool) -> Attempt:
    """Labels of which those that do not exist cost nothing, and are counted or not."""
    inner = relabelled(case, mistake, labels)

    def reckon() -> Vector | None:
        found = inner.reckon()
        if found is None:
            return None
        shares = found.shares
        if not counted:
            shares = usable * (np.ones(len(labels)) if shares is None else shares)
        return Vector((mistake,), np.where(usable, found.losses, 0.0), shares)

    return Attempt((mistake,), reckon, inner.passes)
