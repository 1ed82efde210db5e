"""Tables and text for people, as wide as the terminal, unlimited in a file or pipe; no number is cut.

Where a table has too little room, numbers lose digits, down to three; then optional columns are left out, from the
right; then words are folded; and where even that is too wide, each row becomes a list of its cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import chain, pairwise
from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from losscli.report.report import (
    Cell,
    Column,
    Columns,
    Facts,
    Heading,
    Part,
    Prose,
    Report,
    Screen,
    Signature,
    Table,
)
from losscli.report.writers.texts import cell_texts, shown
from losscli.schema.records import record
from losscli.schema.text import plural, printable

_UNBOUNDED = 1_000_000  # columns, where there is no terminal
_WIDEST = 120  # columns of text on any terminal
_LONGEST = 30  # columns: longer words are broken
_STREAMED = 1_000  # rows: Rich holds a table in memory, and takes a millisecond a row
_GAP = 2
_ALL_DIGITS = 17
_FEWER = (12, 9, 6, 5, 4, 3)  # digits, where all are too wide
_STYLES = {"holds": "bold green", "refuted": "bold red", "fails": "bold red", "error": "bold red"}


@record
class _Fitted:
    """The columns that are shown, by their places; in at most so many digits; `width` of each that wraps."""

    kept: tuple[int, ...]
    digits: int | None
    widths: tuple[int, ...]
    stacked: bool = False


def write_table(report: Report, screen: Screen, digits: int | None) -> Iterator[str]:
    """The parts of a report; groups are separated by an empty line."""
    facts = [part for group in report.groups for part in group if isinstance(part, Facts)]
    width = max((len(name) for part in facts for name, _ in part.rows), default=0)
    between = ""
    for group in report.groups:
        yield between
        for part in group:
            yield from _table(part, screen, digits) if isinstance(part, Table) else _drawn(part, screen, digits, width)
        between = "\n"
    if report.summary:
        yield between
        yield from _drawn(Prose(report.summary, strong=True), screen, digits, width)


def _console(screen: Screen) -> Console:
    return Console(
        file=StringIO(),
        width=screen.width or _UNBOUNDED,
        force_terminal=screen.colour,
        no_color=not screen.colour,
        color_system="standard" if screen.colour else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def _text(paper: Console) -> str:
    """What was printed, less the blanks that Rich leaves at the ends of lines, and its empty lines around tables."""
    file = paper.file
    lines = [line.rstrip() for line in file.getvalue().splitlines()] if isinstance(file, StringIO) else []
    return "\n".join(lines).strip("\n") + "\n"


def _drawn(part: Part, screen: Screen, digits: int | None, name_width: int) -> Iterator[str]:
    paper = _console(screen)
    if isinstance(part, Signature):
        paper.print(Text(printable(part.text), style="dim"), soft_wrap=True)
    elif isinstance(part, Heading):
        paper.print(_heading(part, screen), soft_wrap=True)
    elif isinstance(part, Facts):
        paper.print(_facts(part, digits, name_width))
    elif isinstance(part, Prose):
        start = " " * part.indent + ("- " if part.item else "")
        for line in _folded(printable(part.text), screen, start, " " * len(start)):
            style = "dim" if part.dim else "bold" if part.strong else ""
            paper.print(Text(line, style=style), soft_wrap=True)
    elif not isinstance(part, Table):
        for line in part.lines:
            paper.print(Text(f"  {printable(line)}"), soft_wrap=True)
    yield _text(paper)


def _heading(heading: Heading, screen: Screen) -> Text:
    """A verdict in its colour before a text, or a bold title; an aside behind it."""
    start = f"{heading.verdict}  " if heading.verdict else ""
    end = f"  {printable(heading.aside)}" if heading.aside else ""
    lines = _folded(f"{start}{printable(heading.text)}{end}", screen, "", "  ")
    text = Text("\n".join(lines), style="" if heading.verdict else "bold")
    text.stylize(_STYLES.get(heading.verdict, "bold"), 0, len(heading.verdict))
    if end and len(lines) == 1:
        text.stylize("dim not bold", len(text) - len(end))
    return text


def _facts(facts: Facts, digits: int | None, width: int) -> RichTable:
    """Names, right-aligned over all facts of the report, and what they stand for; long texts folded between words."""
    grid = RichTable.grid(padding=(0, _GAP))
    grid.add_column(justify="right", style="dim", min_width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.rows:
        grid.add_row(name, printable(shown(value, digits)), style="bold" if name == facts.strong else None)
    return grid


def _folded(text: str, screen: Screen, start: str, after: str) -> list[str]:
    """The text in lines that there is room for: `start` before the first, `after` before the others."""
    width = max(min(screen.width, _WIDEST), 20) if screen.width else _UNBOUNDED
    lines = wrap(text, width, initial_indent=start, subsequent_indent=after, break_on_hyphens=False)
    return [printable(line) for line in lines] or [""]  # a line may begin where none did before


def _table(table: Table, screen: Screen, digits: int | None) -> Iterator[str]:
    blocks = iter(table.blocks)
    streams = table.rows > _STREAMED
    first = next(blocks, None) if streams else _joined(blocks)
    if first is None:
        first = [[] for _ in table.columns]
    fitted = _fitted(table, first, screen, digits, streams=streams)
    columns = [table.columns[at] for at in fitted.kept]

    def texts(block: Columns) -> list[list[str]]:
        return [
            _texts(column, block[at], digits, fitted.digits) for column, at in zip(columns, fitted.kept, strict=True)
        ]

    if fitted.stacked:
        for block in chain([first], blocks):
            yield from _stacked(columns, texts(block), screen)
    elif streams:
        yield _grid(columns, fitted, [[] for _ in columns], None, screen)
        for block in chain([first], blocks):
            yield _lines(columns, fitted, texts(block))
    else:
        yield _grid(columns, fitted, texts(first), table.gap, screen)
    left_out = len(table.columns) - len(columns)
    cure = f"a wider terminal, or {table.elsewhere}, shows all"
    notes = [f"{plural(left_out, 'column')} left out: {cure}"] if left_out else []
    for note in filter(None, (*notes, table.note)):
        yield from _drawn(Prose(note, dim=True), screen, digits, 0)


def _joined(blocks: Iterator[Columns]) -> Columns | None:
    """All blocks of a small table as one."""
    every = list(blocks)
    return [list(chain.from_iterable(cells)) for cells in zip(*every, strict=True)] if every else None


def _texts(column: Column, cells: Sequence[Cell], digits: int | None, most: int | None) -> list[str]:
    """The cells as text, numbers in the digits that were asked for, or else in at most `most`."""
    return cell_texts(cells, digits or min(filter(None, (most, column.digits)), default=None))


def _fitted(table: Table, block: Columns, screen: Screen, digits: int | None, *, streams: bool) -> _Fitted:
    """What of a table there is room for, by its first rows: folded, in fewer digits, then with fewer columns."""
    room = screen.width or _UNBOUNDED
    kept = _at_most(table.columns, room // (_GAP + 1))
    columns, titles = table.columns, _titles(table.columns)
    least = {at: _longest_word(block[at]) for at in kept if columns[at].wraps}
    choices: tuple[int | None, ...] = (None,) if digits else (None, *_FEWER)
    widths = {
        most: {at: _width(titles[at], columns[at], block[at], digits, most, streams=streams) for at in kept}
        for most in (choices if screen.width else choices[:1])
    }
    while True:
        for most, by_column in widths.items():
            narrow = _folded_widths({at: by_column[at] for at in kept}, least, room)
            if _total(narrow) <= room:
                return _Fitted(tuple(kept), most, tuple(narrow))
        optional = [at for at in kept if columns[at].optional]
        if not optional:
            return _Fitted(tuple(kept), None, tuple(by_column[at] for at in kept), stacked=True)
        kept.remove(optional[-1])


def _at_most(columns: Sequence[Column], count: int) -> list[int]:
    """The places of so many columns as there can be room for: optional ones are left out, the last first."""
    kept = list(range(len(columns)))
    optional = [at for at in kept if columns[at].optional]
    left_out = set(optional[max(0, len(optional) - max(0, len(columns) - count)) :])
    return [at for at in kept if at not in left_out]


def _folded_widths(widths: Mapping[int, int], least: Mapping[int, int], room: int) -> list[int]:
    """The widths where columns of words give way, the widest of them first, down to their longest words."""
    narrow = dict(widths)
    while (excess := _total(list(narrow.values())) - room) > 0:
        wider = [at for at in least if narrow.get(at, 0) > least[at]]
        if not wider:
            break
        widest = max(wider, key=lambda at: narrow[at])
        second = max((narrow[at] for at in wider if at != widest), default=0)
        narrow[widest] = max(least[widest], min(second, narrow[widest] - 1), narrow[widest] - excess)
    return list(narrow.values())


def _longest_word(cells: Sequence[Cell]) -> int:
    """What a column of words needs at least; longer words than a line has room for are broken."""
    return min(_LONGEST, max((cell_len(word) for cell in cells for word in str(cell).split()), default=0))


def _width(
    title: str, column: Column, cells: Sequence[Cell], digits: int | None, most: int | None, *, streams: bool
) -> int:
    """The width of a column; where more rows are to come, that of the longest number in its digits."""
    above = max(map(cell_len, title.split("\n")))
    if streams and any(isinstance(cell, float) for cell in cells):
        count = digits or min(filter(None, (most, column.digits)), default=None) or _ALL_DIGITS
        return max(above, count + len("-.e-308"))
    return max(above, max(map(cell_len, _texts(column, cells, digits, most)), default=0))


def _titles(columns: Sequence[Column]) -> list[str]:
    """The headers: where an array has several columns, its name stands above the first of them."""
    names = [printable(column.name) for column in columns]
    if not any(column.group for column in columns):
        return names
    groups = ["", *(printable(column.group) for column in columns)]
    above = ["" if group == before else group for before, group in pairwise(groups)]
    return [f"{group}\n{name}" for group, name in zip(above, names, strict=True)]


def _total(widths: Sequence[int]) -> int:
    """The width of a table: a blank before it, and between its columns."""
    return 1 + sum(widths) + _GAP * (len(widths) - 1)


def _grid(
    columns: Sequence[Column], fitted: _Fitted, texts: Sequence[Sequence[str]], gap: int | None, screen: Screen
) -> str:
    """Header, rule and rows, drawn by Rich."""
    grid = RichTable(box=SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0), header_style="bold")
    for column, width, title in zip(columns, fitted.widths, _titles(columns), strict=True):
        grid.add_column(
            title,
            justify="left" if column.left else "right",
            min_width=width,
            max_width=width,
            overflow="fold",
            style="bold" if column.strong else None,
        )
    for at, row in enumerate(zip(*texts, strict=True)):
        grid.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
        if at == gap:
            grid.add_row(*("⋮" for _ in columns), style="dim")
    paper = _console(screen)
    paper.print(grid)
    return _text(paper)


def _lines(columns: Sequence[Column], fitted: _Fitted, texts: Sequence[Sequence[str]]) -> str:
    """Rows as Rich would draw them, without its cost a row."""
    padded = [
        [text.ljust(width) if column.left else text.rjust(width) for text in cells]
        for column, width, cells in zip(columns, fitted.widths, texts, strict=True)
    ]
    gap = " " * _GAP
    return "".join(f" {gap.join(row).rstrip()}\n" for row in zip(*padded, strict=True))


def _stacked(columns: Sequence[Column], texts: Sequence[Sequence[str]], screen: Screen) -> Iterator[str]:
    """Each row as a list of its cells, after the first."""
    for row in zip(*texts, strict=True):
        yield from _drawn(Prose(row[0], strong=True), screen, None, 0)
        for column, text in zip(columns[1:], row[1:], strict=True):
            if text:
                title = " ".join(filter(None, (column.group, column.name)))
                yield from _drawn(Prose(f"{title}: {text}", indent=2), screen, None, 0)
