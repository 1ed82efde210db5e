"""CSV and its kin to tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from losscli.reading.content import Content
from losscli.reading.options import ReadOptions
from losscli.reading.text.csv_rows import read_records
from losscli.reading.text.fast_csv import quick_numbers
from losscli.reading.text.numbers import is_index, misread
from losscli.reading.text.table import Table
from losscli.schema.data import flags
from losscli.schema.faults import DataFault
from losscli.schema.kinds import delimiter_of
from losscli.schema.number_text import is_integer, is_number
from losscli.schema.settings import spelled
from losscli.schema.synonyms import role_named


def _ask() -> str:
    return f"give {spelled('header', True)} if line 1 names the columns, else {spelled('header', False)}"


def open_csv(content: Content) -> Table:
    return read_table(content.text(), content.name, ",", content.options, content.names)


def open_tsv(content: Content) -> Table:
    return read_table(content.text(), content.name, "\t", content.options, content.names)


def open_text(content: Content) -> Table:
    return read_table(content.text(), content.name, "", content.options, content.names)


def read_table(data: bytes, name: str, delimiter: str, options: ReadOptions, roles: Sequence[str]) -> Table:
    """The table that delimited text holds. --delimiter goes before the format's; without both it is seen."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise DataFault(f"{name}: empty, it holds no data", "write one row a line")
    delimiter = delimiter_of(options.delimiter) if options.delimiter else delimiter
    if options.key is None and not options.keep_text:
        table = _quick_table(data, name, delimiter, options.header)
        if table:
            return table
    return _careful_table(_decoded(data, name), name, delimiter, options, roles)


def _quick_table(data: bytes, name: str, delimiter: str, header: bool | None) -> Table | None:
    """The table where it is, but for leading comments and a header, nothing but plain numbers."""
    start, line = 0, 1
    while data.startswith(b"#", start):
        start, line = data.find(b"\n", start) + 1 or len(data), line + 1
    end = data.find(b"\n", start) + 1 or len(data)
    try:
        first = data[start:end].decode().strip()
    except UnicodeDecodeError:
        return None
    if not first or any(mark in first for mark in '"\r\0'):
        return None
    delimiter = delimiter or _seen_delimiter(first)
    cells = first.split() if delimiter == " " else [cell.strip() for cell in first.split(delimiter)]
    try:
        named = has_header(cells, f"{name} line {line}", header)
    except DataFault:
        return None  # the careful way says so, unless it finds worse
    numbers = quick_numbers(data[end:] if named else data[start:], delimiter)
    if numbers is None or numbers.shape[1] != len(cells):
        return None
    if header is None and cells == ["0"] and not np.all(np.floor(numbers) == numbers):
        return None
    lines = range(line + named, line + named + len(numbers))
    notes = _notes(name, comments=line - 1, blanks=0)
    return Table(name, tuple(cells) if named else (), len(cells), lines, numbers=numbers, notes=notes)


def _careful_table(text: str, name: str, delimiter: str, options: ReadOptions, roles: Sequence[str]) -> Table:
    """The table of any text, or the exact place where it is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    content = re.search(r"^(?!#).*\S", text, re.MULTILINE)
    delimiter = delimiter or _seen_delimiter(content[0] if content else "")
    records = read_records(text, delimiter, name)
    rows, lines = records.rows, records.lines
    if not rows:
        raise DataFault(f"{name}: nothing but comments", "write one row a line")
    first, place = rows[0], f"{name} line {lines[0]}"
    named = has_header(first, place, options.header)
    if options.header is None:
        _refuse_unclear(rows, place, roles, delimiter)
    if named and len(rows) == 1:
        raise DataFault(f"{name}: a header and no rows", f"write rows below it, or give {spelled('header', False)}")
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != len(first):
            trailing = cells[-1] == "" or first[-1] == ""
            raise DataFault(
                f"{name} line {line}: {_counted(len(cells), 'cell')}, line {lines[0]} has {len(first)}",
                "leave the delimiter at the line's end out" if trailing else "give each row the same number of cells",
            )
    return Table(
        name,
        tuple(first) if named else (),
        len(first),
        lines[named:],
        rows=rows[named:],
        notes=_notes(name, records.comments, records.blanks),
        keys=() if options.key is None else (options.key,),
        keep_text=options.keep_text,
    )


def has_header(first: Sequence[str], place: str, asked: bool | None) -> bool:
    """Whether the first row names the columns; a DataFault where only the user can know."""
    if asked is not None:
        return asked
    numbers = [is_number(cell) for cell in first]
    if all(numbers):
        if len(first) >= 2 and list(first) == [str(i) for i in range(len(first))]:
            raise DataFault(f"{place}: 0 to {len(first) - 1} may be data or the names of the columns", _ask())
        return False
    if first[0] == "" and all(numbers[1:]) and len(first) > 1:
        raise DataFault(f"{place}: an empty cell and numbers, which may be the names that pandas gives columns", _ask())
    if first[0] == "" and all(
        is_index(cell) if number else not misread(cell)[1] for cell, number in zip(first[1:], numbers[1:], strict=True)
    ):
        return True  # as pandas writes its index, before columns some of which have numbers for names
    reasons = [misread(cell) for cell in first]
    if any(numbers) or all(cure for _, cure in reasons):  # such a row is no header: its words were meant as numbers
        column = numbers.index(False)
        where = f"{place}, column {column}" if len(first) > 1 else place
        cure = reasons[column][1]
        raise DataFault(f"{where}: {reasons[column][0]}", f"{cure}; {_ask()}" if cure else _ask())
    return True


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
    seen = _seen_delimiter(first[0])
    if seen in first[0].strip() and seen not in (delimiter, " "):
        option = spelled("delimiter", "tab" if seen == "\t" else seen)
        fact = f"{place}: no {delimiter!r} in {first[0]!r}"
        raise DataFault(fact, f"if {seen!r} separates the columns, give {option}")
    if role_named(first[0], roles) is None and not any(is_number(word) for word in {first[0], *words_below}):
        raise DataFault(f"{place}: {first[0]!r} may be a label or the name of the column", _ask())


def _decoded(data: bytes, name: str) -> str:
    if b"\0" in data[:4096] and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataFault(f"{name}: the text is UTF-16", "save it as UTF-8")
    if (nul := data.find(b"\0")) >= 0:
        raise DataFault(
            f"{name} line {_line(data, nul)}: a NUL byte at offset {nul}", "this is no text; name its format"
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        at = error.start
        fact = f"{name} line {_line(data, at)}: byte 0x{data[at]:02x} at offset {at} is not UTF-8"
        raise DataFault(fact, "save it as UTF-8") from None


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _seen_delimiter(line: str) -> str:
    """The delimiter of a line. The semicolon is tried before the comma, which is a decimal comma where both occur."""
    return next((mark for mark in "\t;," if mark in line), " " if len(line.split()) > 1 else ",")


def _notes(name: str, comments: int, blanks: int) -> tuple[str, ...]:
    counts = ((comments, "comment line"), (blanks, "blank line"))
    return tuple(f"{_counted(n, what)} skipped in {name}" for n, what in counts if n)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
