"""Columns of Arrow whose elements stay in the file: numbers, none of them missing, that are not packed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from losscli.reading.binary.arrow_layout import Numbers, Span
from losscli.reading.binary.arrow_messages import Batch, batches, big_endian
from losscli.reading.binary.arrow_values import element_type, inner_type, storage, tensor_shape
from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.reading.binary.file_store import DType, FileStore
from losscli.reading.shards import JoinedStore
from losscli.schema.data import Store

_WORTH = 1 << 20  # bytes of a batch: each is read by a call of its own
_PATIENCE = 16  # batches after which this is asked
_OFFSETS = 1 << 17  # that are compared at a time

Kind = Any


def store_in_place(extents: Sequence[Extent], kind: Kind, span: Span) -> Store | None:
    """The store of a column, None where its elements must be copied."""
    leaf = inner_type(kind)
    if not (pa.types.is_integer(leaf) or pa.types.is_floating(leaf)):
        return None
    dtype, runs, size = element_type(leaf, ""), list[FileStore](), 0
    for extent in extents:
        if big_endian(extent):
            return None
        for batch in batches(extent):
            if batch.dictionary is not None:
                continue
            run = None if batch.packed else _run(extent, batch, kind, span, dtype)
            if run is None or run.shape[1:] != (runs or [run])[0].shape[1:]:
                return None
            runs.append(run)
            size += prod(run.shape) * dtype.itemsize
            if len(runs) >= _PATIENCE and size < len(runs) * _WORTH:
                return None
    if not runs or size < len(runs) * _WORTH:
        return None
    shape = (sum(run.shape[0] for run in runs), *(tensor_shape(kind) or runs[0].shape[1:]))
    ends = tuple(accumulate(prod(run.shape) for run in runs))
    return JoinedStore(tuple(runs), ends, shape)


def _run(extent: Extent, batch: Batch, kind: Kind, span: Span, dtype: DType) -> FileStore | None:
    """The elements that a batch has of a column."""
    nodes, buffers = span.of(extent.name, batch.nodes, batch.buffers, batch.views, fifth=batch.fifth)
    shape: tuple[int, ...] = (batch.rows,)
    first, count, at = 0, batch.rows, 0
    for length, nulls in nodes.tolist():
        kind = storage(kind)
        if nulls or first + count > length or (at == 0 and count != length):
            return None
        if pa.types.is_fixed_size_list(kind):
            each, at = kind.list_size, at + 1
            first, count = first * each, count * each
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            width = 4 if pa.types.is_list(kind) else 8
            even = _even(extent, batch.body, buffers[at + 1], width, first, count)
            if even is None:
                return None
            (first, each), at = even, at + 2
            count *= each
        else:
            break
        shape, kind = (*shape, each), kind.value_type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    start, size = buffers[at + 1].tolist()
    if (first + count) * dtype.itemsize > size:
        return None
    return FileStore(extent, batch.body + start + first * dtype.itemsize, shape, dtype, bfloat16=False)


def _even(extent: Extent, body: int, buffer: Numbers, width: int, first: int, count: int) -> tuple[int, int] | None:
    """Where lists of one length begin, and their length; None where they differ in it."""
    start, size = buffer.tolist()
    if not count or (first + count + 1) * width > size:
        return None
    begin = each = -1
    for at in range(first, first + count, _OFFSETS):
        steps = min(_OFFSETS, first + count - at)
        raw = read_bytes(extent, body + start + at * width, (steps + 1) * width)
        offsets = np.frombuffer(raw, f"<i{width}").astype(np.int64)
        if begin < 0:
            begin, each = int(offsets[0]), int(offsets[1] - offsets[0])
        if begin < 0 or each < 0 or (np.diff(offsets) != each).any():
            return None
    return begin, each
