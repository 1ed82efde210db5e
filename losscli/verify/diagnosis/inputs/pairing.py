"""Predictions paired with another row's truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.data import Data, Elements, Held
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, area

_LEAST = 3
_STEPS = (
    (1, "by_one", "before"),
    (-1, "back_by_one", "after"),
    (2, "by_2", "2 places before"),
    (-2, "back_by_2", "2 places after"),
    (3, "by_3", "3 places before"),
    (-3, "back_by_3", "3 places after"),
)
_BY_KEY = "compare each prediction with the truth of its own row (of text: shift once, not never or twice)"

declare = area("pairing")
_SHIFTED = declare(
    "shifted_{way}",
    "A",
    "each prediction was compared with the truth of the row {row} it, and what has none was left out",
    _BY_KEY,
    later=1,
)
_SHIFTED_AROUND = declare(
    "shifted_{way}_around",
    "A",
    "each prediction was compared with the truth of the row {row} it, the last with the first",
    _BY_KEY,
    later=2,
)


def out_of_step(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Each prediction with the truth of a row before or after it, along the last axis of the units."""
    target = next((field for field in dataset.bound.inputs if field.name in ("target", "targets")), None)
    if (
        target is None
        or not isinstance(dataset.bound.layout, Layout)
        or not dataset.shape
        or dataset.shape[-1] < _LEAST
    ):
        return
    plain = dataset.kept is None and len(dataset.shape) == 1 and dataset.bound.sample_weight is None
    for step, way, row in _STEPS[:2] if len(dataset.shape) > 1 else _STEPS:
        if abs(step) >= dataset.shape[-1]:
            continue
        later = 0 if abs(step) == 1 else 3
        dropped, around = (mistake.of(later=later, way=way, row=row) for mistake in (_SHIFTED, _SHIFTED_AROUND))
        if plain:
            yield from _rolled(dataset, dropped, around, step)
        else:
            yield _rebuilt(dataset, dropped, step, drop=True)
            yield _rebuilt(dataset, around, step, drop=False)


def _rolled(dataset: Dataset, dropped: Mistake, around: Mistake, step: int) -> Iterator[LazyHypothesis]:
    """The truth moved along a single axis, with one pass for both or none: what has no partner dropped, or not."""

    @cache
    def moved() -> tuple[Array, Array | None] | None:
        if dataset.labels is not None:
            return dataset.with_labels(np.roll(dataset.labels, step))
        losses = dataset.with_changes({"target": np.roll(dataset.argument("target"), step, axis=0)})
        return None if losses is None else (losses, dataset.denominators)

    def of(mistake: Mistake, inside: slice) -> LazyHypothesis:
        def compute() -> PerSample | None:
            relabelled = moved()
            if relabelled is None:
                return None
            losses, denominators = relabelled
            return PerSample((mistake,), losses[inside], None if denominators is None else denominators[inside])

        return LazyHypothesis((mistake,), compute, passes=dataset.table is None)

    yield of(dropped, slice(step, None) if step > 0 else slice(None, step))
    yield of(around, slice(None))


def _rebuilt(dataset: Dataset, mistake: Mistake, step: int, *, drop: bool) -> LazyHypothesis:
    """The truth moved along the last axis of several, ignored entries with it: the request is made anew."""

    def compute() -> PerSample | None:
        losses = _moved(dataset, step)
        if losses is None:
            return None
        values, denominators, kept = losses
        if drop:
            inside = np.ones(dataset.shape, dtype=bool)
            inside[..., slice(step) if step > 0 else slice(step, None)] = False
            chosen = inside.reshape(-1) if kept is None else inside.reshape(-1)[kept]
            values, denominators = values[chosen], None if denominators is None else denominators[chosen]
        return PerSample((mistake,), values, denominators)

    return LazyHypothesis((mistake,), compute)


def _moved(dataset: Dataset, step: int) -> tuple[Array, Array | None, Elements | None] | None:
    data, layout = dataset.request.inputs["target"], dataset.bound.layout
    axis = len(dataset.shape) - 1
    whole = data.array()
    if isinstance(layout, Layout) and layout.axis is not None and len(data.shape) > len(dataset.shape):
        axis += layout.axis <= axis  # the target has the class axis too
    rolled = Data(data.source, data.dtype, Held(np.roll(whole, step, axis=axis)), data.place, words=data.words)
    request = replace(dataset.request, inputs={**dataset.request.inputs, "target": rolled})
    try:
        bound = request.bound()
    except LossError:
        return None
    computed = dataset.losses_of(bound)
    if computed is None:
        return None
    kept = None
    if bound.ignored is not None:
        kept = rolled.array().reshape(-1) != bound.ignored[1]
    return *computed, kept
