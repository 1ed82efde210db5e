"""The catalogue in every format."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.rendering.tables import Column, Screen, console, drawn, table
from losscli.rendering.text import to_csv, to_json, to_markdown
from losscli.schema.loss import Loss

_HEADER = ("name", "class name", "function name", "family", "inputs")


def as_format(losses: Sequence[Loss], form: str, screen: Screen) -> str:
    """A row a loss: its names, its family, and its inputs in PyTorch's order."""
    if form == "json":
        rows = [dict(zip((name.replace(" ", "_") for name in _HEADER), _row(loss), strict=True)) for loss in losses]
        return (
            to_json(
                {
                    "schema": 1,
                    "rows": [{**row, "inputs": list(loss.roles)} for row, loss in zip(rows, losses, strict=True)],
                }
            )
            + "\n"
        )
    if form == "csv":
        return to_csv([_HEADER, *map(_row, losses)])
    if form == "markdown":
        return to_markdown([_HEADER, *map(_row, losses)])
    columns = zip(*map(_row, losses), strict=True)
    paper = console(screen)
    paper.print(
        table([Column(name, list(cells), left=True) for name, cells in zip(_HEADER, columns, strict=True)], screen)
    )
    return drawn(paper)


def _row(loss: Loss) -> tuple[str, ...]:
    return loss.name, loss.class_name, loss.function_name, loss.family, ", ".join(loss.roles)
