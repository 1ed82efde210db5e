"""Tables in the format of FlatBuffers, from bytes nobody vouches for: each offset is checked before it is followed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from losscli.schema.records import record


@record
class Table:
    """The fields of a table, by the numbers its definition gives them. IndexError where an offset leads outside."""

    raw: bytes
    at: int

    def number(self, field: int, size: int) -> int:
        """A whole number of so many bytes, 0 where the field is left out."""
        place = self._place(field)
        return _number(self.raw, place, size) if place else 0

    def table(self, field: int) -> Table | None:
        place = self._place(field)
        return Table(self.raw, place + _offset(self.raw, place)) if place else None

    def rows(self, field: int, width: int) -> NDArray[np.int64]:
        """A vector of structures that each are so many numbers of 8 bytes."""
        place = self._place(field)
        if not place:
            return np.empty((0, width), np.int64)
        start = place + _offset(self.raw, place)
        count = _offset(self.raw, start)
        if start + 4 + count * width * 8 > len(self.raw):
            raise IndexError
        return np.frombuffer(self.raw, "<i8", count * width, start + 4).reshape(count, width).astype(np.int64)

    def _place(self, field: int) -> int:
        """Where a field lies, 0 if it is left out."""
        index = self.at - _number(self.raw, self.at, 4)
        entry = 4 + 2 * field
        if entry + 2 > _number(self.raw, index, 2) & 0xFFFF:
            return 0
        offset = _number(self.raw, index + entry, 2) & 0xFFFF
        return self.at + offset if offset else 0


def root(raw: bytes) -> Table:
    return Table(raw, _offset(raw, 0))


def _offset(raw: bytes, at: int) -> int:
    return _number(raw, at, 4) & 0xFFFFFFFF


def _number(raw: bytes, at: int, size: int) -> int:
    if at < 0 or at + size > len(raw):
        raise IndexError
    return int.from_bytes(raw[at : at + size], "little", signed=True)
