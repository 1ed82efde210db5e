"""Tables for people: drawn by Rich, cut to a terminal's width, whole where nobody is watching."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from losscli.report.formats import Screen
from losscli.schema.records import record
from losscli.schema.text import plural, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_UNBOUNDED = 1_000_000  # columns, where there is no terminal
_GAP = "  "
_PADDING = 3  # columns that a table puts between its own


@record
class Column:
    """A column of a table: texts, or vectors of numbers that are cut in the middle where they do not fit."""

    name: str
    cells: Sequence[str] | Sequence[Sequence[str]]
    left: bool = False
    strong: bool = False


def console(screen: Screen) -> Console:
    """A Rich console that keeps what is printed."""
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=screen.width if screen.terminal else _UNBOUNDED,
        force_terminal=screen.terminal,
        no_color=not screen.colour,
        color_system="auto" if screen.colour else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def drawn(paper: Console) -> str:
    """What was printed on a console, less the blanks that tables leave at the ends of lines and around themselves."""
    file = paper.file
    text = file.getvalue() if isinstance(file, StringIO) else ""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "".join(f"{line}\n" for at, line in enumerate(lines) if line or lines[at - 1])


def pairs(rows: Sequence[tuple[str, str]], strong: str) -> Table:
    """Names and numbers, one a line; the one named `strong` stands out."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim")
    table.add_column(overflow="fold")
    for name, number in rows:
        table.add_row(name, number, style="bold" if name == strong else None)
    return table


def table(columns: Sequence[Column], screen: Screen, gap_after: int | None = None) -> Table:
    """A table of columns, with a row of dots where samples were left out after row `gap_after`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawing = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    texts = _fitted(columns, screen)
    for column in columns:
        drawing.add_column(
            printable(column.name),
            justify="left" if column.left else "right",
            overflow="ellipsis" if screen.terminal else "fold",
            no_wrap=True,
            style="bold" if column.strong else None,
        )
    for at, row in enumerate(zip(*texts, strict=True)):
        drawing.add_row(*row)
        if at == gap_after:
            drawing.add_row(*("⋮" for _ in columns), style="dim")
    return drawing


def fitting(columns: Sequence[Column], screen: Screen, optional: Sequence[str]) -> list[Column]:
    """The columns that a terminal has room for: the optional ones go first, in that order."""
    kept = list(columns)
    for name in optional:
        width = sum(max(map(len, [c.name, *c.cells]), default=0) + _PADDING for c in kept)
        if not screen.terminal or width <= screen.width:
            break
        kept = [column for column in kept if column.name != name]
    return kept


def more(left_out: int) -> str:
    """What to say under a table that leaves samples out."""
    return f"{plural(left_out, 'more sample')}: --rows all" if left_out else ""


def _fitted(columns: Sequence[Column], screen: Screen) -> list[list[str]]:
    """The cells as texts; vectors share what the other columns leave of the width."""
    texts = {at: [printable(cell) for cell in c.cells if isinstance(cell, str)] for at, c in enumerate(columns)}
    vectors = [at for at, c in enumerate(columns) if c.cells and not isinstance(c.cells[0], str)]
    plain = [at for at in texts if at not in vectors]
    used = sum(max(map(len, [columns[at].name, *texts[at]])) for at in plain) + len(_GAP) * len(columns)
    room = max(12, (screen.width - used) // len(vectors)) if screen.terminal and vectors else _UNBOUNDED
    for at in vectors:
        width = max((len(number) for cell in columns[at].cells for number in cell), default=0)
        texts[at] = [_vector(cell, width, room) for cell in columns[at].cells]
    return [texts[at] for at in range(len(columns))]


def _vector(numbers: Sequence[str], width: int, room: int) -> str:
    """Numbers side by side, each in its own column; the middle ones give way to dots where they do not fit."""
    padded = [number.rjust(width) for number in numbers]
    fitting = (room + len(_GAP)) // (width + len(_GAP))
    if len(padded) > fitting:
        fitting = max(2, (room - len(" …")) // (width + len(_GAP)))
        padded = [*padded[: fitting - 1], "…", padded[-1]]
    return _GAP.join(padded)
