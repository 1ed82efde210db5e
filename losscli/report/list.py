"""The catalogue in every format."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.report.formats import Screen
from losscli.report.tables import Column, console, drawn, fitting, table
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.schema.loss import Loss

_HEADER = ("name", "class name", "function name", "family", "inputs")


def as_format(losses: Sequence[Loss], form: str, screen: Screen) -> str:
    """A row a loss: its names, its family, and its inputs in PyTorch's order."""
    if form == "json":
        return to_json({"schema": 1, "rows": [_object(loss) for loss in losses]}) + "\n"
    rows = [_row(loss) for loss in losses]
    if form == "csv":
        return to_csv([_HEADER, *rows])
    if form == "markdown":
        return to_markdown([_HEADER, *rows])
    columns = [Column(name, [row[at] for row in rows], left=True) for at, name in enumerate(_HEADER)]
    paper = console(screen)
    shown = fitting(columns, screen, optional=("function name", "family"))
    paper.print(table(shown, screen))
    if len(shown) < len(columns):
        paper.print("more columns: a wider terminal, or -f csv", style="dim")
    return drawn(paper)


def _row(loss: Loss) -> tuple[str, ...]:
    return loss.name, loss.class_name, loss.function_name, loss.family, ", ".join(loss.roles)


def _object(loss: Loss) -> dict[str, object]:
    return {
        "name": loss.name,
        "class_name": loss.class_name,
        "function_name": loss.function_name,
        "family": loss.family,
        "inputs": list(loss.roles),
    }
