"""Cells as text."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.report.report import Cell
from losscli.schema.text import printable, significant


def shown(cell: Cell, digits: int | None) -> str:
    """A number with `digits` digits, all of them if None; a word unchanged."""
    if isinstance(cell, float):
        return significant(cell, digits)
    return "" if cell is None else str(cell)


def cell_texts(cells: Sequence[Cell], digits: int | None) -> list[str]:
    """The cells of a column, safe to show, numbers in so many digits."""
    if digits is None:
        return [printable(shown(cell, None)) for cell in cells]
    form = f".{digits}g"
    return [
        format(cell + 0.0, form) if isinstance(cell, float) else printable(shown(cell, None))  # + 0.0: no minus zero
        for cell in cells
    ]
