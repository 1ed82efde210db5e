"""Large data by an exact sample of their units, for claims that are arrays: each unit has its loss and its slopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.evaluate import upstream
from losscli.engine.layout import Layout
from losscli.request.compute import Result
from losscli.request.request import Request
from losscli.schema.data import Data, Elements, Held, Store
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset, Everything
from losscli.verify.diagnosis.hypotheses import PerSample
from losscli.verify.diagnosis.per_sample import per_sample_hypotheses
from losscli.verify.diagnosis.rules import Target

ELEMENTS = 15_000  # of all inputs together: few enough for every hypothesis, and for exact evidence far too many
_RUNS = 500  # pieces of contiguous units
_SEED = 0

Runs = Sequence[tuple[int, int]]


class Sampled:
    """The request of some units, evenly spread, and how what belongs to them is cut out of whole arrays."""

    def __init__(self, dataset: Dataset, layout: Layout, runs: Runs) -> None:
        self.dataset, self.layout, self.runs = dataset, layout, runs

    @cached_property
    def per_sample(self) -> tuple[PerSample, ...]:
        """The losses of these units under every mistake."""
        return tuple(per_sample_hypotheses(self.dataset, pairs=True)[0])

    @property
    def note(self) -> str:
        return (
            f"on data this large claimed arrays were compared with mistakes in {self.dataset.units} of"
            f" {self.layout.units} rows, which are evenly spread"
        )

    def target(self, target: Target) -> Target | None:
        """What a claim says of these units."""
        if self.cut(target.claimed, target.role) is None:
            return None

        def cut(numbers: Array) -> Array:
            return np.asarray(self.cut(np.broadcast_to(numbers, target.claimed.shape), target.role))

        return replace(
            target,
            claimed=cut(target.claimed),
            widths=cut(target.widths),
            ours=cut(target.ours),
            own=cut(target.own),
        )

    def cut(self, numbers: Array, role: str) -> Array | None:
        """Of numbers a unit, or of the slopes of an input: those of these units."""
        axes = next((field.role.axes for field in self.dataset.bound.inputs if field.name == role), "u")
        if numbers.size != self.layout.units * (1 if axes == "u" else self.layout.length):
            return None
        return _cut(self.layout, axes, Held(numbers.reshape(-1)), self.runs)


def sampled(request: Request, result: Result, worst: Sequence[int]) -> Sampled | None:
    """A sample of a large request whose units are independent, with those that hold the worst elements of claims."""
    bound, layout = result.bound, result.bound.layout
    if not isinstance(layout, Layout) or not bound.loss.separable or bound.row > 1 or bound.loss.of_many:
        return None
    length, inner = layout.length, layout.inner
    of_rows = {at // (length * inner) * inner + at % inner for at in worst}
    units = [unit for unit in (*worst, *of_rows, layout.units - 1) if unit < layout.units]
    runs = _runs(layout.units, sum(field.data.size for field in bound.inputs) / layout.units, units)
    smaller = _request(request, bound, layout, runs)
    counts = (result.reduced.count, layout.unit_shape[0] if layout.unit_shape else 1, layout.units)
    try:
        return Sampled(Dataset(smaller, smaller.bound(), Everything(upstream(bound), counts)), layout, runs)
    except LossError:
        return None


def _runs(units: int, elements: float, worst: Sequence[int]) -> Runs:
    """Runs of units that lie evenly over all of them, at seeded places, and short ones around the worst."""
    wanted = min(units, max(1, int(ELEMENTS / elements)))
    count = min(_RUNS, wanted)
    length, every = wanted // count, units / count
    draw = np.random.default_rng(_SEED)
    starts = [int(at * every + draw.random() * (every - length)) for at in range(count)]
    chosen = np.unique(np.concatenate([np.arange(start, min(start + length, units)) for start in starts] + [worst]))
    ends = np.flatnonzero(np.diff(chosen) != 1)
    firsts = chosen[np.concatenate([[0], ends + 1])]
    lasts = chosen[np.concatenate([ends, [len(chosen) - 1]])]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


def _cut(layout: Layout, axes: str, store: Store, runs: Runs) -> Elements:
    blocks: list[Elements] = [layout.block(axes, store, start, stop) for start, stop in runs]
    return np.concatenate(blocks)


def _request(request: Request, bound: Bound, layout: Layout, runs: Runs) -> Request:
    """The request of those units alone: a number or a row each."""

    def cut(field: Field) -> Data:
        elements = _cut(layout, field.role.axes, field.data.store, runs)
        return replace(field.data, store=Held(elements))

    return replace(
        request,
        inputs={field.name: cut(field) for field in bound.inputs},
        options={**request.options, **{field.name: cut(field) for field in bound.unit_options}},
        settings=replace(request.settings, class_axis=None),
        sample_weight=None if bound.sample_weight is None else cut(bound.sample_weight),
        groups=None,
        penalty=None,
    )
