"""The messages of Arrow files and streams: where the buffers of each batch lie, and the sizes that they claim.

pyarrow believes these sizes, so they are checked before it sees a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from losscli.reading.binary.arrow_layout import Span
from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.reading.binary.flatbuffers import Table, root
from losscli.schema.faults import DataFault
from losscli.schema.records import record

MAGIC = b"ARROW1"
_NEXT = b"\xff\xff\xff\xff"  # before the length of a message, since Arrow 0.15
_LONGEST_METADATA = 64 << 20  # of a message
_LARGEST_BUFFER = 256 << 20  # unpacked
_LARGEST_BATCH = 1 << 30
_ROWS_OF_NOTHING = 1 << 24  # that a column may have beyond one for each bit
_DICTIONARY, _BATCH = 2, 3  # kinds of messages
_FIFTH = 4  # version of the format
_OLD_PACKING = b"ARROW:experimental_compression"  # a key in messages of the fourth version
_CURE = "write it anew"
_CUT_OFF = "it was cut off: copy or write it anew"
_SMALLER = "write smaller batches"


@record
class Batch:
    """A message that holds columns. `nodes` are lengths and counts of nulls, `buffers` offsets in the body and lengths.

    `views` counts the buffers of each column of string views. `dictionary` is the number of the one that the message
    holds, or adds to.
    """

    rows: int
    dictionary: int | None
    delta: bool
    fifth: bool
    packed: bool
    body: int
    nodes: NDArray[np.int64]
    buffers: NDArray[np.int64]
    views: NDArray[np.int64]


def is_file(extent: Extent) -> bool:
    """Whether a footer says where the batches lie; else one message follows another."""
    return read_bytes(extent, 0, len(MAGIC)) == MAGIC


def check_schema(extent: Extent) -> None:
    """A DataFault where what describes the columns is longer than the file, or than any writer makes it."""
    if is_file(extent):
        _footer(extent)
    else:
        _metadata(extent, 0, None)


def big_endian(extent: Extent) -> bool:
    try:
        schema = _footer(extent).table(1) if is_file(extent) else root(_metadata(extent, 0, None)[0]).table(2)
        return schema is None or bool(schema.number(0, 2))
    except IndexError:
        raise _damaged(extent, "what describes its columns") from None


def batches(extent: Extent) -> Iterator[Batch]:
    """The record batches in their order, and the dictionaries before the batches that need them."""
    for start, size in _blocks(extent) if is_file(extent) else _stream(extent):
        raw, body = _metadata(extent, start, size)
        try:
            yield _batch(extent, raw, body)
        except IndexError:
            raise _damaged(extent, f"the message at {start}") from None


def checked(extent: Extent, spans: Sequence[Span]) -> Iterator[Batch]:
    """The record batches, after a check of what some of their columns, and all dictionaries, claim to unpack to."""
    of_nothing = np.zeros(len(spans), np.int64)  # rows of each column
    held, dictionaries = dict[int, int](), 0
    for batch in batches(extent):
        if batch.dictionary is not None:
            size, before = _check_claims(extent, batch, batch.buffers), held.get(batch.dictionary, 0)
            held[batch.dictionary] = size + before if batch.delta else size
            dictionaries += held[batch.dictionary] - before
            _check_sum(extent, dictionaries if batch.packed else 0, "dictionaries")
            continue
        total = 0
        for at, span in enumerate(spans):
            nodes, buffers = span.of(extent.name, batch.nodes, batch.buffers, batch.views, fifth=batch.fifth)
            size = _check_claims(extent, batch, buffers)
            of_nothing[at] += max(0, int(nodes[:, 0].max(initial=0)) - 8 * size)
            total += size if batch.packed else 0
        _check_sum(extent, total, "a batch")
        if of_nothing.max(initial=0) > _ROWS_OF_NOTHING:
            fact = f"{extent.name}: a batch of {batch.rows} rows whose elements take no bytes"
            raise DataFault(fact, "write the column as float64")
        yield batch


def _check_sum(extent: Extent, size: int, what: str) -> None:
    if size > _LARGEST_BATCH:
        raise DataFault(f"{extent.name}: {what} of {size} bytes unpacked", _SMALLER)


def _check_claims(extent: Extent, batch: Batch, buffers: NDArray[np.int64]) -> int:
    """The bytes of some buffers when they are unpacked."""
    if not batch.packed:
        return int(buffers[:, 1].sum())
    size, claim = 0, bytearray(8)
    with extent.opened() as read_into:
        for offset, length in buffers[buffers[:, 1] > 0].tolist():
            if length < 8:
                raise _damaged(extent, f"a buffer of {length} bytes that should begin with its length")
            read_into(memoryview(claim), batch.body + offset)
            claimed = int.from_bytes(claim, "little", signed=True)
            if not -1 <= claimed <= _LARGEST_BUFFER:
                fact = f"{extent.name}: a buffer of {length} bytes that claims to hold {claimed}"
                raise DataFault(fact, _CURE if claimed < 0 else _SMALLER)
            size += length - 8 if claimed == -1 else claimed
    return size


def _footer(extent: Extent) -> Table:
    tail = read_bytes(extent, max(0, extent.size - 10), 10)
    length = int.from_bytes(tail[:4], "little", signed=True)
    if extent.size < 18 or tail[4:] != MAGIC:
        raise DataFault(f"{extent.name}: no footer of an Arrow file at its end", _CUT_OFF)
    if not 0 < length <= extent.size - 18:
        raise _damaged(extent, f"a footer of {length} bytes, in a file of {extent.size}")
    if length > _LONGEST_METADATA:
        raise DataFault(f"{extent.name}: a footer of {length >> 20} MiB", "write fewer columns, or larger batches")
    try:
        return root(read_bytes(extent, extent.size - 10 - length, length))
    except IndexError:
        raise _damaged(extent, "its footer") from None


def _blocks(extent: Extent) -> Iterator[tuple[int, int]]:
    """Where the messages of a file begin, and the lengths of what describes them: dictionaries first."""
    footer = _footer(extent)
    try:
        for field in (2, 3):
            for start, size, _ in footer.rows(field, 3).tolist():
                yield start, size & 0xFFFFFFFF
    except IndexError:
        raise _damaged(extent, "its footer") from None


def _stream(extent: Extent) -> Iterator[tuple[int, None]]:
    """Where the messages of a stream begin, but for the first, which describes its columns."""
    at, first = 0, True
    while True:
        head = read_bytes(extent, at, 8)
        if len(head) < 8:
            raise DataFault(f"{extent.name}: a stream of Arrow's that has no end", _CUT_OFF)
        if head == _NEXT + bytes(4):
            return
        if not first:
            yield at, None
        raw, body = _metadata(extent, at, None)
        try:
            at, first = body + root(raw).number(3, 8), False
        except IndexError:
            raise _damaged(extent, f"the message at {at}") from None
        if not body <= at <= extent.size:
            raise _damaged(extent, f"a message that ends at {at}, in a file of {extent.size} bytes")


def _metadata(extent: Extent, start: int, size: int | None) -> tuple[bytes, int]:
    """What describes the message that begins at a place, and where its body begins. `size` is what the footer says."""
    if not 0 <= start <= extent.size - 8:
        raise _damaged(extent, f"a message at {start}, in a file of {extent.size} bytes")
    head = read_bytes(extent, start, 8)
    prefix = 8 if head.startswith(_NEXT) else 4
    length = int.from_bytes(head[prefix - 4 : prefix], "little", signed=True)
    if size is not None and length + prefix != size:
        raise _damaged(extent, f"a message at {start} of {length + prefix} bytes, and the footer says {size}")
    if not 0 < length <= extent.size - start - prefix:
        raise _damaged(extent, f"a message at {start} of {length} bytes, in a file of {extent.size}")
    if length > _LONGEST_METADATA:
        raise DataFault(f"{extent.name}: a message of {length >> 20} MiB", "write fewer columns")
    return read_bytes(extent, start + prefix, length), start + prefix + length


def _batch(extent: Extent, raw: bytes, body: int) -> Batch:
    message = root(raw)
    kind, header, size = message.number(1, 1), message.table(2), message.number(3, 8)
    dictionary, delta, about = None, False, header
    if header and kind == _DICTIONARY:
        dictionary, delta, about = header.number(0, 8), bool(header.number(2, 1)), header.table(1)
    if kind not in (_DICTIONARY, _BATCH) or about is None:
        raise IndexError
    if not 0 <= size <= extent.size - body:
        raise _damaged(extent, f"a batch of {size} bytes at {body}, in a file of {extent.size}")
    rows, nodes, buffers = about.number(0, 8), about.rows(1, 2), about.rows(2, 2)
    fifth = message.number(0, 2) >= _FIFTH
    used = buffers[buffers[:, 1] != 0]
    if rows < 0 or (nodes[:, 0] < 0).any() or (used < 0).any() or (used[:, 0] > size - used[:, 1]).any():
        raise _damaged(extent, f"a buffer that lies outside of its batch at {body}")
    packed = about.table(3) is not None or (not fifth and _OLD_PACKING in raw)
    return Batch(rows, dictionary, delta, fifth, packed, body, nodes, buffers, about.rows(4, 1)[:, 0])


def _damaged(extent: Extent, what: str) -> DataFault:
    return DataFault(f"{extent.name}: the data are damaged: {what}", _CURE)
