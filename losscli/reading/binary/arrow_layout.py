"""Which buffers of a batch of Arrow belong to a column."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from losscli.schema.faults import DataFault
from losscli.schema.records import record

Kind = Any
Numbers = NDArray[np.int64]


@record
class Counts:
    """The nodes, the buffers, the columns of string views and the unions of columns."""

    nodes: int = 0
    buffers: int = 0
    views: int = 0
    unions: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.nodes + other.nodes,
            self.buffers + other.buffers,
            self.views + other.views,
            self.unions + other.unions,
        )


@record
class Span:
    """A column: what comes before it in each batch, what it has itself, and what all columns have."""

    before: Counts
    own: Counts
    every: Counts

    def of(
        self, name: str, nodes: Numbers, buffers: Numbers, views: Numbers, *, fifth: bool
    ) -> tuple[Numbers, Numbers]:
        """The column's nodes and buffers; a DataFault if a batch has not as many as its columns need."""
        if len(views) < self.every.views or (views < 0).any() or (views > len(buffers)).any():
            raise DataFault(f"{name}: the data are damaged: a batch that does not count its buffers", "write it anew")
        ends = [0, *np.cumsum(views).tolist()]
        first, last, end = (
            counts.buffers + ends[counts.views] + (0 if fifth else counts.unions)
            for counts in (self.before, self.before + self.own, self.every)
        )
        if len(nodes) != self.every.nodes or len(buffers) != end:
            fact = f"{len(nodes)} nodes and {len(buffers)} buffers, where {self.every.nodes} and {end} belong"
            raise DataFault(f"{name}: the data are damaged: a batch of {fact}", "write it anew")
        return nodes[self.before.nodes : self.before.nodes + self.own.nodes], buffers[first:last]


def spans(schema: Any) -> list[Span]:
    """The spans of all columns."""
    counts = [_counts(field.type) for field in schema]
    before = list(accumulate(counts, initial=Counts()))
    return [Span(start, own, before[-1]) for start, own in zip(before, counts, strict=False)]


@lru_cache
def _counts(kind: Kind) -> Counts:
    if isinstance(kind, pa.BaseExtensionType):
        return _counts(kind.storage_type)
    union = pa.types.is_union(kind)
    views = _is(kind, "string_view", "binary_view")
    own = Counts(1, 2, int(views), int(union))
    if _is(kind, "null", "run_end_encoded"):
        own = Counts(1, 0)
    elif _is(kind, "struct", "fixed_size_list") or (union and kind.mode == "sparse"):
        own = Counts(1, 1, 0, int(union))
    elif _is(kind, "string", "large_string", "binary", "large_binary", "list_view", "large_list_view"):
        own = Counts(1, 3)
    for inner in _inside(kind):
        own = own + _counts(inner)
    return own


def _inside(kind: Kind) -> Iterator[Kind]:
    if _is(kind, "struct", "union"):
        yield from (kind.field(at).type for at in range(kind.num_fields))
    elif _is(kind, "map"):
        yield pa.struct([("key", kind.key_type), ("value", kind.item_type)])
    elif _is(kind, "run_end_encoded"):
        yield from (kind.run_end_type, kind.value_type)
    elif _is(kind, "list", "large_list", "fixed_size_list", "list_view", "large_list_view"):
        yield kind.value_type


def _is(kind: Kind, *names: str) -> bool:
    """Whether a type is one of some, which an older pyarrow may not know."""
    return any(getattr(pa.types, f"is_{name}", _no)(kind) for name in names)


def _no(_: Kind) -> bool:
    return False
