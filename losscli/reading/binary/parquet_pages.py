"""The sizes that the pages of a Parquet file claim, checked before a library believes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_LARGEST_PAGE = 256 << 20  # bytes; writers make pages of 1 MiB, one of them of 100
_SHORT_FOOTER = 1 << 20
_HEADER = 256  # bytes of a header that are read at first
_LONGEST_HEADER = 16 << 20  # with the least and the greatest text of a page
_DEEPEST = 16
_CURE = "write it anew"


@record
class Chunk:
    """The pages of a column in one row group."""

    path: str
    values: int
    start: int
    size: int


def chunks_of(extent: Extent, metadata: Any, names: Collection[str]) -> list[Chunk]:
    """The chunks of some columns.

    A short footer is read here, for pyarrow ends the process where some numbers in a damaged one do not agree.
    """
    length = int.from_bytes(read_bytes(extent, extent.size - 8, 4), "little")
    if length <= _SHORT_FOOTER:
        described: Iterable[Chunk] = _described(read_bytes(extent, extent.size - 8 - length, length), extent.name)
    else:
        groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
        described = (_by_pyarrow(group.column(at)) for group in groups for at in range(group.num_columns))
    return [chunk for chunk in described if chunk.path in names or chunk.path.partition(".")[0] in names]


def check_pages(extent: Extent, chunks: Iterable[Chunk]) -> None:
    """A DataFault where a page of the columns claims to be larger than any writer makes one, or lies outside."""
    for chunk in chunks:
        name, start, end = f"{extent.name}::{chunk.path}", chunk.start, chunk.start + chunk.size
        if start < 4 or end < start or end > extent.size:
            fact = f"{name}: its data should lie at {start} to {end}, in a file of {extent.size} bytes"
            raise DataFault(fact, _CURE)
        while start < end:
            length, claimed, packed = _page(extent, start, end, name)
            if claimed > _LARGEST_PAGE:
                fact = f"{name}: a page of {packed} bytes that claims to hold {claimed}"
                raise DataFault(fact, "write smaller pages")
            if claimed < 0 or packed < 0 or start + length + packed > end:
                raise DataFault(f"{name}: a page at {start} that is longer than its column", _CURE)
            start += length + packed


def _described(footer: bytes, name: str) -> list[Chunk]:
    """All chunks that a footer describes, by the numbers that Parquet's definition gives its fields."""
    try:
        groups = _Thrift(footer).fields(0)[4]
        columns = [column[3] for group in groups for column in group[1]]
        return [
            _chunk(b".".join(about[3]).decode("utf-8", "replace"), about[5], about[9], about.get(11), about[7])
            for about in columns
        ]
    except (LookupError, TypeError, AttributeError):
        raise DataFault(f"{name}: the footer of the Parquet file is damaged", _CURE) from None


def _by_pyarrow(column: Any) -> Chunk:
    first = column.dictionary_page_offset
    return _chunk(
        column.path_in_schema, column.num_values, column.data_page_offset, first, column.total_compressed_size
    )


def _chunk(path: str, values: int, data: int, dictionary: int | None, size: int) -> Chunk:
    return Chunk(path, values, min(dictionary, data) if dictionary else data, size)


def _page(extent: Extent, start: int, end: int, name: str) -> tuple[int, int, int]:
    """The length of a page's header, and the sizes of the page unpacked and packed."""
    size = _HEADER
    while True:
        raw = read_bytes(extent, start, min(size, end - start))
        try:
            header = _Thrift(raw)
            fields = header.fields(0)
            claimed, packed = fields[2], fields[3]
            if isinstance(claimed, int) and isinstance(packed, int):
                return header.at, claimed, packed
            raise IndexError
        except LookupError:
            if size >= min(_LONGEST_HEADER, end - start):
                raise DataFault(f"{name}: the header of a page at {start} is damaged", _CURE) from None
            size *= 16


class _Thrift:
    """Structures in Thrift's compact protocol; LookupError where the bytes are none."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self.at = raw, 0

    def fields(self, depth: int) -> dict[int, Any]:
        """The fields of a structure by their ids."""
        if depth > _DEEPEST:
            raise IndexError
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            kind, step = head & 15, head >> 4
            field = field + step if step else self._signed()
            found[field] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
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
            return [self._value(head & 15, depth + 1) for _ in range(count)]
        if kind in (7, 8):
            return self._bytes(8 if kind == 7 else self._unsigned())
        raise IndexError

    def _bytes(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self._raw):
            raise IndexError
        return self._raw[self.at - count : self.at]

    def _byte(self) -> int:
        self.at += 1
        return self._raw[self.at - 1]

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
