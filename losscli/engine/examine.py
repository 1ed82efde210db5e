"""Single samples for a report: their losses, and their rows of the gradients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.chunks import Chunk, block, load, run_kernel
from losscli.engine.evaluate import pull, with_ignored
from losscli.engine.tally import weighted
from losscli.engine.unchunked import Whole
from losscli.schema.data import Elements
from losscli.schema.loss import Array
from losscli.schema.records import record


@record
class Detail:
    """A run of units from `start` on. The gradients hold a row a unit, of the inputs whose entries belong to units."""

    start: int
    losses: Array
    ignored: NDArray[np.bool_]
    gradients: Mapping[str, Array]

    @property
    def stop(self) -> int:
        return self.start + len(self.losses)


def examine(bound: Bound, runs: Iterable[tuple[int, int]], scale: float | None) -> Iterator[Detail]:
    """The units of each run; with a `scale`, the derivative of the value in the sum of the losses, their gradients."""
    layout = bound.layout
    if not isinstance(layout, Whole):
        yield from (_run(bound, start, stop, scale) for start, stop in runs)
    elif layout.units:
        every = _run(bound, 0, layout.units, scale)
        for start, stop in runs:
            gradients = {name: rows[start:stop] for name, rows in every.gradients.items()}
            yield Detail(start, every.losses[start:stop], every.ignored[start:stop], gradients)


def own_entries(bound: Bound, field: Field, start: int, stop: int) -> Elements:
    """The elements of an input that belong to each unit of a run, a row each; no columns if they belong to no unit."""
    stored = block(bound, field, start, stop)
    if isinstance(bound.layout, Whole) and field.role.axes != "u":
        rows = bound.layout.by_unit(stored, field.role.axes)
        return np.zeros((stop - start, 0)) if rows is None else rows[start:stop]
    return stored.reshape(stop - start, -1)


def _run(bound: Bound, start: int, stop: int, scale: float | None) -> Detail:
    chunk = load(bound, start, stop)
    kernel = run_kernel(bound, chunk)
    losses = with_ignored(weighted(kernel.value, chunk.weight), chunk, stop - start)
    ignored = np.zeros(stop - start, bool) if chunk.kept is None else ~chunk.kept
    pulled = {} if scale is None else pull(bound, chunk, kernel, scale)
    rows = {
        field.name: _by_unit(bound, field, pulled[field.name], chunk, stop - start)
        for field in bound.differentiable
        if field.name in pulled
    }
    gradients = {name: gradient for name, gradient in rows.items() if gradient is not None}
    return Detail(start, losses, ignored, gradients)


def _by_unit(bound: Bound, field: Field, gradient: Array, chunk: Chunk, units: int) -> Array | None:
    """A row of the gradient a unit; None where its entries belong to no single unit."""
    if isinstance(bound.layout, Whole):
        return None if field.member_of else bound.layout.by_unit(gradient, field.role.axes)
    return with_ignored(gradient, chunk, units).reshape(units, -1)
