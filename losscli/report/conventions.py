"""One request under every convention of its loss, in every format: a row a convention."""

from __future__ import annotations

from math import nan
from textwrap import wrap
from typing import Any

from losscli import __version__
from losscli.report.formats import Screen
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.request.conventions import SideBySide, Under
from losscli.request.signature import loss_and_options
from losscli.schema.text import plural, printable, shortest, significant

_HEADER = ("convention", "value", "reduction", "differs", "source", "names")
_NOTHING = "nothing"
_PROSE = 120  # columns of text, where there is no terminal


def as_format(found: SideBySide, form: str, digits: int | None, screen: Screen) -> tuple[str, list[str]]:
    """The rows in one of the formats, or bare; and what to say of numbers that stand alone."""
    if form == "bare":
        return as_bare(found, digits), [f"in this order: {', '.join(row.convention.name for row in found.rows)}"]
    if form == "json":
        return to_json({"schema": 1, "rows": [_object(row) for row in found.rows]}) + "\n", []
    if form == "csv":
        return to_csv([_HEADER, *(_cells(row, None) for row in found.rows)]), []
    if form == "markdown":
        rows = to_markdown([_HEADER, *(_cells(row, digits) for row in found.rows)])
        return f"`{_signature(found)}`\n\n{rows}", []
    return _as_table(found, digits, screen), []


def as_bare(found: SideBySide, digits: int | None) -> str:
    """Only the numbers, a line a convention; nan where a convention has none."""
    return "".join(f"{significant(nan if row.value is None else row.value, digits)}\n" for row in found.rows)


def _as_table(found: SideBySide, digits: int | None, screen: Screen) -> str:
    """The numbers below each other, then what makes each of them."""
    from rich.text import Text

    from losscli.report.tables import Column, console, drawn, fitting, table

    cells = [_cells(row, digits) for row in found.rows]
    shown = [Column(name, [row[at] for row in cells], left=at != 1, strong=at == 1) for at, name in enumerate(_HEADER)]
    paper = console(screen)
    paper.print(Text(_signature(found), style="dim"), soft_wrap=True)
    paper.print()
    paper.print(table(fitting([*shown[:3], shown[-1]], screen, optional=("names", "reduction")), screen))
    paper.print()
    for name, _, _, differs, source, _ in cells:
        told = "the defaults" if differs == _NOTHING else printable(differs)
        paper.print(Text.assemble((printable(name), "bold"), f": {told}"))
        for line in wrap(printable(source), (screen.width if screen.terminal else _PROSE) - 2):
            paper.print(Text(f"  {line}", style="dim"))
    return drawn(paper)


def _signature(found: SideBySide) -> str:
    """What is the same in all rows."""
    bound = found.bound
    stored = bound.inputs[0].data.dtype
    types = stored if stored == "float64" else f"{stored}→float64"
    parts = [loss_and_options(bound), "all conventions", plural(bound.layout.units, "sample"), types]
    if bound.sample_weight is not None:
        parts.insert(3, "sample weights")
    return " | ".join((*parts, f"losscli {__version__}"))


def _cells(row: Under, digits: int | None) -> tuple[str, ...]:
    value = "" if row.value is None else shortest(row.value) if digits is None else significant(row.value, digits)
    differs = row.fault or "; ".join(row.differs) or _NOTHING
    return row.convention.name, value, row.reduction, differs, row.convention.source, ", ".join(row.names)


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
