"""A loss under every convention, as a report: one row per convention."""

from __future__ import annotations

from math import nan
from typing import Any

from losscli.report.report import Cell, Column, Part, Prose, Report, Signature, rows_document, table_of, words_table
from losscli.request.conventions import SideBySide, Under
from losscli.schema.text import significant

_HEADER = ("convention", "value", "reduction", "differs", "source", "names")
_NOTHING = "nothing"
_COLUMNS = (
    Column("convention", left=True),
    Column("value", digits=None, strong=True),
    Column("reduction", left=True),
    Column("names", left=True, wraps=True),
)


def report(side_by_side: SideBySide) -> Report:
    """The values of all conventions, then what each of them sets."""
    rows = [(row.convention.name, row.value, row.reduction, ", ".join(row.names)) for row in side_by_side.rows]
    groups: list[tuple[Part, ...]] = [(Signature(side_by_side.signature),), (table_of(_COLUMNS, rows),)]
    reasons: list[Part] = []
    for row in side_by_side.rows:
        differs = _differs(row)
        reasons.append(Prose(f"{row.convention.name}: {'the defaults' if differs == _NOTHING else differs}"))
        reasons.append(Prose(row.convention.source, dim=True, indent=2))
    groups.append(tuple(reasons))
    return Report(
        tuple(groups),
        rows_document(_object(row) for row in side_by_side.rows),
        words_table(_HEADER, [_cells(row) for row in side_by_side.rows]),
    )


def bare(side_by_side: SideBySide, digits: int | None) -> str:
    """The values alone, one line per convention; nan if a convention has none."""
    return "".join(f"{significant(nan if row.value is None else row.value, digits)}\n" for row in side_by_side.rows)


def _differs(row: Under) -> str:
    return row.fault or "; ".join(row.differs) or _NOTHING


def _cells(row: Under) -> tuple[Cell, ...]:
    names = ", ".join(row.names)
    return row.convention.name, row.value, row.reduction, _differs(row), row.convention.source, names


def _object(row: Under) -> dict[str, Any]:
    return {
        "convention": row.convention.name,
        "value": row.value,
        "reduction": row.reduction,
        "differs": list(row.differs),
        "source": row.convention.source,
        "names": list(row.names),
        "error": row.fault or None,
    }
