"""Truth seen as something else than it is: labels off by one, classes in another order, 0 and 1 for -1 and 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.engine.arrays import Field
from losscli.schema.domains import SIGN
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Labels, LazyHypothesis, PerSample, View, with_labels, with_view
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.orders import orders

_STEPS = (
    (-1, "from_one", "one too low, as if they counted from 1", "the last class"),
    (1, "one_up", "one too high: counted from 1, where 0 is the first class", "class 0"),
)
_FROM_ZERO = "count classes from 0, in the labels as in the columns"
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
_FLIPPED = declare("target_flipped", "A", "yes and no of the targets are exchanged", "check which class is the yes")
ZERO_FOR_MINUS_ONE = declare(
    "zero_for_minus_one",
    "A",
    "the targets were 0 and 1, where -1 and 1 are expected",
    "make -1 of 0: 2·target - 1",
)
MINUS_ONE_FOR_ZERO = declare(
    "minus_one_for_zero",
    "A",
    "the targets were -1 and 1, where 0 and 1 are expected",
    "make 0 of -1: (target + 1) / 2",
)
NOT_DIVIDED_BY_255 = declare(
    "not_divided_by_255",
    "A",
    "{role} is a picture of {values}, where numbers from 0 to 1 are expected",
    "divide {role} by 255",
    later=1,
)


def target_views(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What the truth may have been taken for."""
    field = next((field for field in dataset.bound.inputs if field.name == "target"), None)
    if field is None:
        return
    if dataset.labels is not None:
        yield from _labels(dataset, dataset.labels)
        return
    known = {mistake.name for mistake in dataset.own}
    for mistake, view in _of_answers(dataset, field):
        if mistake.name not in known:
            yield with_view(dataset, mistake, field.name, view)


def _of_answers(dataset: Dataset, field: Field) -> Iterator[tuple[Mistake, View]]:
    """Yes and no exchanged, or written with other numbers."""
    if field.role.domain is SIGN:
        yield _FLIPPED, lambda t: -t
        yield ZERO_FOR_MINUS_ONE, lambda t: np.maximum(t, 0.0)
    elif dataset.loss.kind in ("binary", "embedding", "segmentation") and field.role.axes in ("u", "..."):
        yield _FLIPPED, lambda t: 1.0 - t
        if np.isin(dataset.argument(field.name), (0.0, 1.0)).all():
            yield MINUS_ONE_FOR_ZERO, lambda t: 2.0 * t - 1.0
            yield NOT_DIVIDED_BY_255.of(role=field.name, values="0 and 255"), lambda t: 255.0 * t


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
    yield from orders(dataset, labels)


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
