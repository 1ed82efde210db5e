"""A report as data: what a command gives to show, before any format. Writers make text of it.

Cells and facts are numbers or words. A number is shown in the digits that the reader asks for, or else in those of its
column; a word is the user's or ours, as it is: each writer makes it safe for its format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from losscli.schema.records import record

ROW_DIGITS = 6  # in a table for people, where all digits would be noise

Cell = float | int | str | None
Columns = Sequence[Sequence[Cell]]  # cells, column by column


@record
class Screen:
    """The output: its width in columns, None if it is unlimited, and whether it has colour."""

    width: int | None = None
    colour: bool = False


@record
class Column:
    """A column: its name, over several of one array their `group`'s; numbers in so many digits, None for all.

    Where there is no room, an optional column is left out, the last one first; one that wraps is folded between words.
    """

    name: str
    group: str = ""
    left: bool = False
    strong: bool = False
    digits: int | None = ROW_DIGITS
    optional: bool = False
    wraps: bool = False


@record
class Table:
    """Rows under a header, some at a time. After row `gap` others are left out; `note` is what to say of that.

    `elsewhere` are the options that show columns for which there is no room.
    """

    columns: tuple[Column, ...]
    blocks: Iterable[Columns]
    rows: int
    gap: int | None = None
    note: str = ""
    elsewhere: str = "-f csv"


@record
class Signature:
    """The signature line, which is never folded."""

    text: str


@record
class Heading:
    """A heading: a verdict before the text, an aside after it."""

    text: str
    verdict: str = ""
    aside: str = ""


@record
class Facts:
    """Names and values, one per line; `strong` is the name of the one to highlight."""

    rows: tuple[tuple[str, Cell], ...]
    strong: str = ""


@record
class Prose:
    """Sentences, folded between words."""

    text: str
    dim: bool = False
    strong: bool = False
    indent: int = 0
    item: bool = False


@record
class Verbatim:
    """Lines of terminal output, unchanged."""

    lines: tuple[str, ...]


Part = Table | Signature | Heading | Facts | Prose | Verbatim


@record
class Ending:
    """The outcome of one case, for a CI server: place, status, reasons in lines, and duration in seconds."""

    file: str
    line: int
    name: str
    status: str
    why: tuple[str, ...]
    seconds: float


@record
class Report:
    """Groups of parts, with an empty line between them; the object for JSON, and the table for CSV.

    Of many cases how each ended, and a `summary` in a line.
    """

    groups: tuple[tuple[Part, ...], ...]
    document: Callable[[], Mapping[str, Any]]  # made where it is asked for
    sheet: Table | None = None
    endings: tuple[Ending, ...] = ()
    summary: str = ""


def table_of(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], note: str = "", elsewhere: str = "-f csv"
) -> Table:
    """A table of rows in memory."""
    blocks = (list(zip(*rows, strict=True)),) if rows else ()
    return Table(tuple(columns), blocks, len(rows), note=note, elsewhere=elsewhere)


def rows_document(rows: Iterable[Mapping[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The document of a command whose JSON is rows, which are made when it is asked for."""
    return lambda: {"schema": 1, "rows": list(rows)}


def words_table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """A table of plain columns under a header, with all digits: a sheet."""
    return table_of([Column(name, digits=None) for name in header], rows)
