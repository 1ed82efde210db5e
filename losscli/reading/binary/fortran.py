"""Arrays whose first axis runs fastest, handed out in C order without being loaded whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from math import prod
from threading import Lock

import numpy as np

from losscli.reading.binary.file_store import FileStore
from losscli.schema.data import Elements
from losscli.schema.records import record

_TILE = 16 << 20  # bytes that are turned to C order at a time
_KEPT = 2  # tiles: several threads ask for neighbouring runs, which may lie across a border
_PIECE = 1 << 20
_PAGE = 4096  # a read of less costs as much


@record
class FortranStore:
    """Elements in Fortran order. `stored` are the same elements as one dimension, in the order of the file.

    A tile is a run in C order: some steps along one axis, with all that is below them, at one index of the axes before.
    Tiles are cut along the first axis of which one step fits into a tile.
    """

    stored: FileStore
    shape: tuple[int, ...]
    tiles: dict[int, Elements] = field(default_factory=dict)
    turn: Lock = field(default_factory=Lock)

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, prod(self.shape))
        pieces = []
        while start < stop:
            first, tile = self._tile(start)
            pieces.append(tile[start - first : stop - first])
            start += len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces or [self.stored.flat(0, 0)])

    def _tile(self, at: int) -> tuple[int, Elements]:
        """The tile that holds an element, and the index of the tile's first one."""
        size = self.stored.dtype.itemsize
        axis = next(axis for axis in range(len(self.shape)) if prod(self.shape[axis + 1 :]) * size <= _TILE)
        below, stride = prod(self.shape[axis + 1 :]), prod(self.shape[:axis])
        most = max(1, _TILE // (max(below, stride) * size))
        before, step = divmod(at // below, self.shape[axis])
        step -= step % most
        first = (before * self.shape[axis] + step) * below
        with self.turn:
            if first not in self.tiles:
                if len(self.tiles) == _KEPT:
                    del self.tiles[next(iter(self.tiles))]
                self.tiles[first] = self._turned(axis, before, step, min(most, self.shape[axis] - step))
            return first, self.tiles[first]

    def _turned(self, axis: int, before: int, step: int, count: int) -> Elements:
        """A tile in C order: `count` steps of the axis, from `step` on, at index `before` of the axes before it."""
        above, under = self.shape[:axis], self.shape[axis + 1 :]
        stride = prod(above)
        height = stride * self.shape[axis]
        index = np.unravel_index(before, above) if above else ()
        offset = step * stride + (int(np.ravel_multi_index(index, above, order="F")) if above else 0)
        turned = np.empty((count, prod(under)), self.stored.decoded(np.empty(0, np.uint8)).dtype)
        # Where each column of the file belongs in C order. One axis needs no index: it lies in both orders alike.
        places = np.arange(prod(under)).reshape(under).reshape(-1, order="F") if len(under) > 1 else None
        wanted = slice(offset, offset + (count - 1) * stride + 1, stride)
        for column, block in self._blocks(prod(under), height, wanted):
            after = column + len(block)
            turned[:, slice(column, after) if places is None else places[column:after]] = block.T
        return turned.reshape(-1)

    def _blocks(self, count: int, height: int, wanted: slice) -> Iterator[tuple[int, Elements]]:
        """The wanted elements of each of so many columns of the file: runs of columns, and where each run begins."""
        size = self.stored.dtype.itemsize
        span = wanted.stop - wanted.start
        entire = 4 * span >= height or height * size <= _PAGE
        length = height if entire else span
        inside = wanted if entire else slice(0, span, wanted.step)
        together = max(1, _PIECE // (length * size))
        with self.stored.opened() as read:
            for column in range(0, count, together):
                raw = np.empty((min(together, count - column), length * size), np.uint8)
                if entire:
                    read(raw.reshape(-1), column * height)
                else:
                    for i, run in enumerate(raw):
                        read(run, (column + i) * height + wanted.start)
                yield column, self.stored.decoded(raw)[:, inside]
