"""CSV: one table, with all digits."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from losscli.report.report import Cell, Column, Report, Table
from losscli.schema.text import printable


def write_csv(report: Report) -> Iterator[str]:
    """The report's sheet; of a report without one its first table."""
    parts = (part for group in report.groups for part in group)
    sheet = report.sheet or next((part for part in parts if isinstance(part, Table)), None)
    if sheet is not None:
        yield to_csv([[_title(column) for column in sheet.columns]])
        for columns in sheet.blocks:
            yield to_csv(zip(*map(_texts, columns), strict=True))


def to_csv(rows: Iterable[Iterable[str]]) -> str:
    """Lines of CSV, quoted where needed."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _title(column: Column) -> str:
    """`d_input_3` for column 3 of the group `d_input`."""
    return printable("_".join(filter(None, (column.group, column.name))))


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [repr(cell) if isinstance(cell, float) else _text(cell) for cell in cells]


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return printable(cell) if isinstance(cell, str) else str(cell)
