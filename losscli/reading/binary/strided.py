"""Arrays whose elements lie in a file at any strides, handed out in C order without being loaded whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from math import prod
from threading import Lock
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from losscli.reading.binary.file_store import FileStore
from losscli.schema.data import Elements
from losscli.schema.records import record

_TILE = 8 << 20  # bytes that are turned to C order at a time
_KEPT = 2  # tiles: several threads ask for neighbouring runs, which may lie across a border
_PIECE = 1 << 20  # bytes that are copied at a time
_GAP = 16 << 10  # bytes between two runs that cost less to read than a second read

ReadRaw = Callable[[NDArray[np.uint8], int], None]
"""Fills bytes with the elements from an index on."""


@record
class StridedStore:
    """Elements of which one step along an axis skips `strides` elements of the file, from the index `first` on.

    `stored` are all the elements of the file, as one dimension.

    A tile is a run in C order: some steps along one axis, with all that is below them, at one index of the axes before.
    Tiles are cut along the first axis of which one step fits into a tile.
    """

    stored: FileStore
    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
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
        below = prod(self.shape[axis + 1 :])
        most = max(1, _TILE // (below * size))
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
        index: tuple[Any, ...] = (*np.unravel_index(before, self.shape[:axis]), step) if axis else (step,)
        first = self.first + sum(int(i) * stride for i, stride in zip(index, self.strides, strict=False))
        shape, strides = (count, *self.shape[axis + 1 :]), self.strides[axis:]
        turned = np.empty(shape, self.stored.decoded(np.empty(0, np.uint8)).dtype)
        with self.stored.opened() as read:
            self._gather(turned, first, strides, read)
        return turned.reshape(-1)

    def _gather(self, out: Elements, first: int, strides: tuple[int, ...], read: ReadRaw) -> None:
        """Fills an array with the elements from the index `first` on: what lies close together in one read.

        Along one axis, `axis`, blocks of steps are copied at a time; the axes inside of it are read whole.
        """
        size = self.stored.dtype.itemsize
        out, strides = out[..., None], (*strides, 1)  # which has a last axis even if all is read at once
        order = sorted(range(out.ndim - 1), key=lambda axis: strides[axis])
        span, inside = 1, 0
        for axis in order:
            reach = span + (out.shape[axis] - 1) * strides[axis]
            if out.shape[axis] > 1 and ((strides[axis] - span) * size > _GAP or reach * size > _PIECE):
                break
            span, inside = reach, inside + 1
        axis = order[inside] if inside < len(order) else out.ndim - 1
        step = strides[axis]
        close = (step - span) * size <= _GAP
        room = _PIECE // size
        steps = max(1, (room - span) // max(1, step) + 1 if close else room // span)
        outside = [other for other in order[inside + 1 :] if out.shape[other] > 1]
        places = [slice(None)] * out.ndim
        for index in np.ndindex(*(out.shape[other] for other in outside)):
            start = first + sum(i * strides[other] for i, other in zip(index, outside, strict=True))
            for other, i in zip(outside, index, strict=True):
                places[other] = slice(i, i + 1)
            for begin in range(0, out.shape[axis], steps):
                places[axis] = slice(begin, begin + steps)
                block = out[tuple(places)]
                count = block.shape[axis]
                raw = np.empty((1, span + (count - 1) * step) if close else (count, span), self.stored.dtype)
                for i, run in enumerate(raw.view(np.uint8)):
                    read(run, start + (begin + i) * step)
                values = self.stored.decoded(raw.reshape(-1).view(np.uint8))
                skips = [*strides[:axis], step if close else span, *strides[axis + 1 :]]
                block[...] = as_strided(
                    values, block.shape, [skip * values.itemsize for skip in skips], writeable=False
                )
