"""What arrays look like, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from losscli.report.formats import Screen
from losscli.report.tables import Column, console, drawn, fitting, table
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.request.inspection import Look
from losscli.schema.data import Data
from losscli.schema.text import in_row, shortest

_HEADER = ("source", "shape", "dtype", "low", "high", "non-finite", "looks like", "evidence")

_TEXTS = (0, 1, 2, 6, 7)

Inspected = tuple[Data, Look]


def as_format(rows: Sequence[Inspected], form: str, screen: Screen) -> str:
    """A row an array."""
    if form == "json":
        return to_json({"schema": 1, "rows": [_object(*row) for row in rows]}) + "\n"
    if form == "csv":
        return to_csv([_HEADER, *(_cells(*row, full=True) for row in rows)])
    cells = [_cells(*row, full=False) for row in rows]
    if form == "markdown":
        return to_markdown([_HEADER, *cells])
    paper = console(screen)
    columns = [Column(name, [row[at] for row in cells], left=at in _TEXTS) for at, name in enumerate(_HEADER)]
    shown = fitting(columns, screen, optional=("evidence", "dtype", "non-finite", "low", "high"))
    paper.print(table(shown, screen))
    if len(shown) < len(columns):
        paper.print()
        for row in cells:
            paper.print(f"{row[0]}: {row[-1]}", style="dim")
    return drawn(paper)


def _object(data: Data, found: Look) -> dict[str, object]:
    empty = isnan(found.low)
    return {
        "source": data.source,
        "shape": list(data.shape),
        "dtype": data.dtype,
        "low": None if empty else found.low,
        "high": None if empty else found.high,
        "non_finite": found.non_finite,
        "looks_like": found.kind,
        "evidence": found.evidence,
    }


def _cells(data: Data, found: Look, *, full: bool) -> tuple[str, ...]:
    shape = "×".join(map(str, data.shape)) or "a number"
    ends = ["" if isnan(end) else shortest(end) if full else in_row(end, None) for end in (found.low, found.high)]
    return data.source, shape, data.dtype, *ends, str(found.non_finite), found.kind, found.evidence
