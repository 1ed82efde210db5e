"""The description of arrays as a report: one row per array."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from losscli.report.report import Cell, Column, Report, rows_document, table_of, words_table
from losscli.request.inspection import Look
from losscli.schema.data import Data

_HEADER = ("source", "shape", "dtype", "low", "high", "non-finite", "looks like", "evidence")
_COLUMNS = (
    Column("source", left=True, wraps=True, strong=True),
    Column("shape", left=True),
    Column("dtype", left=True),
    Column("low"),
    Column("high"),
    Column("non-finite"),
    Column("looks like", left=True),
    Column("evidence", left=True, wraps=True),
)

Inspected = tuple[Data, Look]


def report(rows: Sequence[Inspected]) -> Report:
    """One row per array: shape, range, likely meaning, and the evidence for it."""
    cells = [_cells(*row) for row in rows]
    return Report(
        ((table_of(_COLUMNS, cells),),),
        rows_document(_object(*row) for row in rows),
        words_table(_HEADER, cells),
    )


def _object(data: Data, look: Look) -> dict[str, object]:
    empty = isnan(look.low)
    return {
        "source": data.source,
        "shape": list(data.shape),
        "dtype": data.dtype,
        "low": None if empty else look.low,
        "high": None if empty else look.high,
        "non_finite": look.non_finite,
        "looks_like": look.kind,
        "evidence": look.evidence,
    }


def _cells(data: Data, look: Look) -> tuple[Cell, ...]:
    shape = "×".join(map(str, data.shape)) or "a number"
    ends = [None if isnan(end) else end for end in (look.low, look.high)]
    return data.source, shape, data.dtype, *ends, look.non_finite, look.kind, look.evidence
