"""CSV and its kin to tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from losscli.reading.binary.byte_range import PIECE
from losscli.reading.content import Content
from losscli.reading.text.csv_rows import Skipped, rows_of
from losscli.reading.text.grid import Rows
from losscli.reading.text.numbers import PLAIN, Notation, is_index, misread
from losscli.reading.text.pieces import LONGEST_LINE, Piece, pieces_of, too_long
from losscli.reading.text.table import Table
from losscli.reading.text.table_pass import Layout, Passes
from losscli.schema.data import flags
from losscli.schema.faults import DataFault
from losscli.schema.kinds import delimiter_of
from losscli.schema.number_text import is_integer, is_number
from losscli.schema.settings import spelled
from losscli.schema.synonyms import role_named

_UTF_16 = 4096  # bytes of which one is a NUL in UTF-16
_HEAD = 1000  # lines that are looked at to see what a table has


def _ask() -> str:
    return f"give {spelled('header', True)} if line 1 names the columns, else {spelled('header', False)}"


def open_csv(content: Content) -> Table:
    return _open(content, ",")


def open_tsv(content: Content) -> Table:
    return _open(content, "\t")


def open_text(content: Content) -> Table:
    return _open(content, "")


def _open(content: Content, delimiter: str) -> Table:
    """The table that delimited text holds. --delimiter goes before the format's; without both it is seen."""
    content = _with_whole_line(content)
    options, name = content.options, content.name
    notation = Notation(options.decimal, delimiter_of(options.thousands) if options.thousands else "")
    lines = _first_lines(content)
    at = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if at is None:
        commented = any(line.startswith("#") for line in lines)
        raise DataFault(
            f"{name}: {'nothing but comments' if commented else 'empty, it holds no data'}", "write one row a line"
        )
    if options.delimiter:
        delimiter = delimiter_of(options.delimiter)
    elif not delimiter or notation.point == delimiter:
        delimiter = _seen_delimiter(lines[at], notation)
    cut = len(lines) > at + _HEAD or not content.whole
    head = _head(lines[: at + _HEAD], at, delimiter, name, cut=cut)
    cells = [list(map(notation.seen, row)) for row in head.cells]
    first, place = cells[0], f"{name} line {head.lines[0]}"
    named = has_header(first, cells[1] if head.rows > 1 else (), place, options.header)
    if options.header is None:
        _refuse_unclear(cells, place, content.names, delimiter)
    if named and head.rows == 1 and content.whole:
        raise DataFault(f"{name}: a header and no rows", f"write rows below it, or give {spelled('header', False)}")
    first_line = head.lines[named] if head.rows > named else len(lines) + 1
    before = [line for number, line in enumerate(lines, 1) if number < first_line]
    comments = sum(line.startswith("#") for line in before)
    blanks = sum(not line.strip() for line in before)
    layout = Layout(
        name,
        tuple(head.cells[0]) if named else (),
        len(first),
        delimiter,
        notation,
        head.lines[0],
        first_line,
        comments,
        blanks,
        cells[named:],
    )
    passes = Passes(layout, content)
    table = Table(layout, passes, () if options.key is None else (options.key,), options.keep_text)
    if options.key is not None and (key := table.find(options.key)) is not None:
        passes.want([key], as_text=True)
    return table


def _first_lines(content: Content) -> list[str]:
    """The whole lines of the head."""
    head = content.head
    if b"\0" in head[:_UTF_16] and head.startswith((b"\xff\xfe", b"\xfe\xff")):
        cure = f"save it as UTF-8, or give {spelled('encoding', 'utf-16')}"
        raise DataFault(f"{content.name}: the text is UTF-16", cure)
    if not content.whole and b"\0" not in head:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    read = iter([head])
    pieces = pieces_of(lambda _: next(read, b""), content.name)
    return [line for piece in pieces for line in piece.content.decode().split("\n")[:-1]]


def _with_whole_line(content: Content) -> Content:
    """The content with a head that holds a line, however long it is."""
    head = content.head
    pieces: list[bytes] = []
    while (
        len(head) >= PIECE
        and b"\0" not in head
        and not any(mark in (pieces[-1] if pieces else head) for mark in (b"\n", b"\r"))
    ):
        piece = content.read(PIECE)
        if not piece:
            break
        pieces.append(piece)
        if len(pieces) * PIECE > LONGEST_LINE:
            raise too_long(content.name, 1)
    return replace(content, head=b"".join([head, *pieces])) if pieces else content


def _head(lines: Sequence[str], at: int, delimiter: str, name: str, *, cut: bool) -> Rows:
    """The rows of the first lines, from line `at` on; of fewer where they are `cut` inside of a quoted cell."""
    piece = Piece("".join(f"{line}\n" for line in lines).encode(), 1)
    try:
        return rows_of(piece, iter(()), delimiter, name, Skipped())
    except DataFault:
        fewer = (len(lines) + at) // 2
        if not cut or fewer <= at:
            raise
    return _head(lines[:fewer], at, delimiter, name, cut=cut)


def has_header(first: Sequence[str], second: Sequence[str], place: str, asked: bool | None) -> bool:
    """Whether the first row names the columns; a DataFault where only the user can know. `second` is the next row."""
    if asked is not None:
        return asked
    numbers = [is_number(cell) for cell in first]
    if all(numbers):
        if len(first) >= 2 and list(first) == [str(i) for i in range(len(first))]:
            raise DataFault(f"{place}: 0 to {len(first) - 1} may be data or the names of the columns", _ask())
        return False
    if _as_pandas_writes(first, second):
        return True
    reasons = [misread(cell) for cell in first]
    if any(numbers) or all(cure for _, cure in reasons):  # such a row is no header: its words were meant as numbers
        column = numbers.index(False)
        where = f"{place}, column {column}" if len(first) > 1 else place
        cure = reasons[column][1]
        raise DataFault(f"{where}: {reasons[column][0]}", f"{cure}; {_ask()}" if cure else _ask())
    return True


def _as_pandas_writes(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a row names columns some of which have numbers for names: the classes of scores, counted from 0.

    Such a row begins with the nameless index, or has words too, above numbers; and its numbers count from 0.
    """
    counted = [cell for cell in first if is_index(cell)]
    words = [at for at, cell in enumerate(first) if not is_index(cell)]
    if counted != [str(number) for number in range(len(counted))] or any(misread(first[at])[1] for at in words[1:]):
        return False
    if first[0] == "":
        return bool(second) and second[0] != ""
    named = [at for at in words if not misread(first[at])[1]]
    return len(counted) > 1 and named == words and any(is_number(cell) for cell in second[:1])


def _refuse_unclear(rows: Sequence[Sequence[str]], place: str, roles: Sequence[str], delimiter: str) -> None:
    """Refuses a first row of which nothing shows whether it names the columns."""
    first = rows[0]
    if len(rows) > 1 and all(flags([cell]) for row in rows[:2] for cell in row):
        raise DataFault(f"{place}: {first[0]!r} may be data or the name of the column", _ask())
    if len(first) > 1 or len(rows) == 1:
        return
    words_below = {cells[0] for cells in rows[1:] if cells}
    if first[0] == "0" and all(is_number(word) and not is_integer(word) for word in words_below):
        raise DataFault(f"{place}: 0 may be a number or the name of the column, as pandas writes it", _ask())
    seen = _seen_delimiter(first[0], PLAIN)
    if seen in first[0].strip() and seen not in (delimiter, " "):
        option = spelled("delimiter", "tab" if seen == "\t" else seen)
        fact = f"{place}: no {delimiter!r} in {first[0]!r}"
        raise DataFault(fact, f"if {seen!r} separates the columns, give {option}")
    if role_named(first[0], roles) is None and not any(is_number(word) for word in {first[0], *words_below}):
        raise DataFault(f"{place}: {first[0]!r} may be a label or the name of the column", _ask())


def _seen_delimiter(line: str, notation: Notation) -> str:
    """The delimiter of a line. The semicolon is tried before the comma, which is a decimal comma where both occur."""
    marks = [mark for mark in "\t;," if mark != notation.point]
    return next((mark for mark in marks if mark in line), " " if len(line.split()) > 1 else marks[-1])
