"""The sizes that the pages of a Parquet file claim, checked before a library believes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_LARGEST_PAGE = 256 << 20  # bytes; writers make pages of 1 MiB, one of them of 100
_LONGEST_FOOTER = 32 << 20  # each byte of which is looked at here
_LONGEST_LIST = 1 << 22  # entries
_MANY = 1 << 25  # entries of lists in a row group, from which on they must take bytes
_OF_A_BYTE = 1 << 13  # entries of lists; of rows that are all alike a byte holds a few hundred
_HEADER = 256  # bytes of a header that are read at first
_LONGEST_HEADER = 16 << 20  # with the least and the greatest text of a page
_DEEPEST = 16
_CURE = "write it anew"
_AS_THEY_ARE: Mapping[int, Callable[[Any], Any]] = {}


@record
class Chunk:
    """The pages of a column in one row group."""

    path: str
    rows: int
    values: int
    start: int
    size: int


def check_footer(extent: Extent) -> None:
    """A DataFault for a file that does not end as Parquet does, before its lengths are believed."""
    tail = read_bytes(extent, max(0, extent.size - 8), 8)
    if tail[4:] == b"PARE":
        raise DataFault(f"{extent.name}: encrypted", "write it without encryption")
    if extent.size < 12 or tail[4:] != b"PAR1":
        fact = f"{extent.name}: no footer of a Parquet file at its end"
        raise DataFault(fact, "it was cut off: copy or write it anew")
    length = int.from_bytes(tail[:4], "little")
    if length > extent.size - 12:
        fact = f"{extent.name}: a footer of {length} bytes, in a file of {extent.size}"
        raise DataFault(fact, "the file is damaged: copy or write it anew")
    if length > _LONGEST_FOOTER:
        raise DataFault(f"{extent.name}: a footer of {length >> 20} MiB", "write fewer columns, or larger row groups")


def chunks_of(extent: Extent, names: Collection[str]) -> list[Chunk]:
    """The chunks of some columns.

    The footer is read here, for pyarrow ends the process where some numbers in a damaged one do not agree.
    """
    length = int.from_bytes(read_bytes(extent, extent.size - 8, 4), "little")
    footer = read_bytes(extent, extent.size - 8 - length, length)

    def of_group(group: dict[int, Any]) -> list[Chunk]:
        chunks = (_chunk(column[3], group[3]) for column in group[1])
        return [chunk for chunk in chunks if chunk.path in names or chunk.path.partition(".")[0] in names]

    try:
        return [chunk for chunks in _Thrift(footer).fields(0, {4: of_group})[4] for chunk in chunks]
    except (LookupError, TypeError, AttributeError):
        raise DataFault(f"{extent.name}: the footer of the Parquet file is damaged", _CURE) from None


def check_lists(extent: Extent, chunks: Iterable[Chunk]) -> None:
    """A DataFault for lists that do not fit into memory: pyarrow holds a whole row."""
    for chunk in chunks:
        name, cure = f"{extent.name}::{chunk.path}", "write it as .npy, or as more rows of shorter lists"
        if chunk.values > max(0, chunk.rows) * _LONGEST_LIST:
            raise DataFault(f"{name}: {chunk.rows} rows of lists that hold {chunk.values} entries", cure)
        if chunk.values > max(_MANY, chunk.rows, chunk.size * _OF_A_BYTE):
            raise DataFault(
                f"{name}: {chunk.values} entries of lists in {chunk.size} bytes", "write smaller row groups"
            )


def check_pages(extent: Extent, chunks: Iterable[Chunk]) -> None:
    """A DataFault where a page of the columns claims to be larger than any writer makes one, or lies outside."""
    for chunk in chunks:
        name, start, end = f"{extent.name}::{chunk.path}", chunk.start, chunk.start + chunk.size
        if start < 4 or end < start or end > extent.size:
            fact = f"{name}: its data should lie at {start} to {end}, in a file of {extent.size} bytes"
            raise DataFault(fact, _CURE)
        values = 0
        while start < end:
            length, claimed, packed, count = _page(extent, start, end, name)
            values += count
            if values > chunk.values:
                raise DataFault(f"{name}: pages of {values} entries, and the footer says {chunk.values}", _CURE)
            if claimed > _LARGEST_PAGE:
                fact = f"{name}: a page of {packed} bytes that claims to hold {claimed}"
                raise DataFault(fact, "write smaller pages")
            if claimed < 0 or packed < 0 or start + length + packed > end:
                raise DataFault(f"{name}: a page at {start} that is longer than its column", _CURE)
            start += length + packed


def _chunk(about: dict[int, Any], rows: int) -> Chunk:
    """A chunk as the footer describes it, by the numbers that Parquet's definition gives its fields."""
    path, values, size, data, dictionary = b".".join(about[3]), about[5], about[7], about[9], about.get(11)
    if not all(isinstance(number, int) for number in (rows, values, size, data, dictionary or 0)):
        raise TypeError
    start = min(dictionary, data) if dictionary else data
    return Chunk(path.decode("utf-8", "replace"), rows, values, start, size)


def _page(extent: Extent, start: int, end: int, name: str) -> tuple[int, int, int, int]:
    """The length of a page's header, the sizes of the page unpacked and packed, and the entries that it has."""
    size = _HEADER
    while True:
        raw = read_bytes(extent, start, min(size, end - start))
        try:
            header = _Thrift(raw)
            fields = header.fields(0)
            claimed, packed = fields[2], fields[3]
            about = fields.get(5, fields.get(8))  # of either version; a page of words has neither
            count = about[1] if about else 0
            if isinstance(claimed, int) and isinstance(packed, int) and isinstance(count, int) and count >= 0:
                return header.at, claimed, packed, count
            raise IndexError
        except (LookupError, TypeError):
            if size >= min(_LONGEST_HEADER, end - start):
                raise DataFault(f"{name}: the header of a page at {start} is damaged", _CURE) from None
            size *= 16


class _Thrift:
    """Structures in Thrift's compact protocol; LookupError where the bytes are none."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self.at = raw, 0

    def fields(self, depth: int, turned: Mapping[int, Callable[[Any], Any]] = _AS_THEY_ARE) -> dict[int, Any]:
        """The fields of a structure by their ids. `turned` is what becomes of each entry of some lists."""
        if depth > _DEEPEST:
            raise IndexError
        raw, found, field = self._raw, dict[int, Any](), 0
        while head := raw[self.at]:
            self.at += 1
            kind, step = head & 15, head >> 4
            field = field + step if step else self._signed()
            if kind < 3:
                found[field] = kind == 1
            elif 4 <= kind <= 6:
                value = raw[self.at]
                if value < 128:  # which most are
                    self.at += 1
                else:
                    value = self._unsigned()
                found[field] = value >> 1 ^ -(value & 1)
            else:
                found[field] = self._value(kind, depth, turned.get(field))
        self.at += 1
        return found

    def _value(self, kind: int, depth: int, turn: Callable[[Any], Any] | None = None) -> Any:
        if kind in (1, 2, 3):  # a truth value in a list is a byte
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 12:
            return self.fields(depth + 1)
        if kind in (9, 10):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._unsigned()
            if count > len(self._raw):
                raise IndexError
            values = (self._value(head & 15, depth + 1) for _ in range(count))
            return list(map(turn, values) if turn else values)
        if kind in (7, 8):
            return self._bytes(8 if kind == 7 else self._unsigned())
        raise IndexError

    def _bytes(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self._raw):
            raise IndexError
        return self._raw[self.at - count : self.at]

    def _byte(self) -> int:
        byte = self._raw[self.at]
        self.at += 1
        return byte

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 63:
                raise IndexError

    def _signed(self) -> int:
        value = self._unsigned()
        return value >> 1 ^ -(value & 1)
