"""How the units of a loss lie in its arrays, and how runs of units are taken out and put back."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from losscli.schema.data import Elements, Store
from losscli.schema.loss import Array
from losscli.schema.records import record

CHUNK = 1 << 18  # elements, 2 MiB of float64: nearer the caches, two threads would mostly wait for each other


@record
class Layout:
    """The shape of the first input, and which of its axes holds the classes or the vector of a unit, if one does.

    Units are numbered in C order of the shape without that axis. A run of units is contiguous in that order.
    """

    shape: tuple[int, ...]
    axis: int | None

    @property
    def unit_shape(self) -> tuple[int, ...]:
        return self.shape if self.axis is None else self.shape[: self.axis] + self.shape[self.axis + 1 :]

    @property
    def units(self) -> int:
        return prod(self.unit_shape)

    @property
    def length(self) -> int:
        """Elements a unit."""
        return 1 if self.axis is None else self.shape[self.axis]

    @property
    def inner(self) -> int:
        """Units that share one step of the axes before the class axis: their elements lie interleaved."""
        return 1 if self.axis is None else prod(self.shape[self.axis + 1 :])

    def chunks(self, elements: int = CHUNK) -> Iterator[tuple[int, int]]:
        """Runs of units of about so many elements; none starts inside one outer step and ends in another."""
        steps = max(1, elements // max(1, self.length * self.inner)) * self.inner
        if self.length * self.inner <= elements:
            yield from ((start, min(start + steps, self.units)) for start in range(0, self.units, max(1, steps)))
            return
        step = max(1, elements // max(1, self.length))
        for outer in range(0, self.units, self.inner):
            for start in range(outer, outer + self.inner, step):
                yield start, min(start + step, outer + self.inner)

    def block(self, axes: str, store: Store, start: int, stop: int) -> Elements:
        """The stored elements of a run of units: one a unit, or one row a unit."""
        return store.flat(start, stop) if axes == "u" else self.rows(store, start, stop)

    def rows(self, store: Store, start: int, stop: int) -> Elements:
        """The elements of a run of units, one row a unit, in the stored type."""
        length, inner = self.length, self.inner
        if inner == 1:
            return store.flat(start * length, stop * length).reshape(-1, length)
        outer, first = divmod(start, inner)
        if first == 0 and stop % inner == 0:
            block = store.flat(start * length, stop * length).reshape(-1, length, inner)
            return block.transpose(0, 2, 1).reshape(-1, length)
        base = outer * length * inner + first
        columns = [store.flat(base + c * inner, base + c * inner + stop - start) for c in range(length)]
        return np.stack(columns, axis=1)

    def put(self, rows: Array, out: Array, start: int, stop: int) -> None:
        """Writes what `rows` would read to `out`, an array of the layout's shape that is contiguous in C order."""
        length, inner = self.length, self.inner
        flat = out.reshape(-1)
        outer, first = divmod(start, inner)
        if inner == 1:
            flat[start * length : stop * length] = rows.reshape(-1)
        elif first == 0 and stop % inner == 0:
            block = flat[start * length : stop * length].reshape(-1, length, inner)
            block[...] = rows.reshape(-1, inner, length).transpose(0, 2, 1)
        else:
            step = flat[outer * length * inner :][: length * inner].reshape(length, inner)
            step[:, first : first + stop - start] = rows.T

    def element(self, axes: str, start: int, at: int) -> int:
        """Where element `at` of the block that starts with unit `start` lies, in C order."""
        if axes == "u":
            return start + at
        unit, column = divmod(at, self.length)
        outer, first = divmod(start + unit, self.inner)
        return (outer * self.length + column) * self.inner + first


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy writes it."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
