"""CSV and its kin to tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from losscli.reading.numerals import is_number, misread
from losscli.reading.options import ReadOptions
from losscli.reading.quick import quick_numbers
from losscli.reading.table import Table
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.synonyms import role_named

_LONGEST_LINE = 64 << 20
_BY_SUFFIX = {"csv": ",", "tsv": "\t"}
_BY_NAME = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "space": " ", "pipe": "|"}


def check_delimiter(word: str) -> str:
    """The character that --delimiter means; a space stands for any run of spaces and tabs."""
    mark = _BY_NAME.get(word, word)
    if len(mark) != 1 or mark.isalnum() or mark in "+-.\"'#\r\n" or not mark.isascii():
        raise UsageFault(f"--delimiter {word!r} cannot separate numbers", "give one of , ; | tab space")
    return mark


def read_table(data: bytes, name: str, suffix: str, options: ReadOptions, roles: Sequence[str]) -> Table:
    """The table that delimited text holds."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise DataFault(f"{name}: empty", "write one row a line")
    delimiter = check_delimiter(options.delimiter) if options.delimiter else _BY_SUFFIX.get(suffix, "")
    if options.key is None and not options.keep_text:
        table = _quick_table(data, name, delimiter, options, roles)
        if table:
            return table
    return _careful_table(_decoded(data, name), name, delimiter, options, roles)


def _quick_table(data: bytes, name: str, delimiter: str, options: ReadOptions, roles: Sequence[str]) -> Table | None:
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
    cells = _split(first, delimiter)
    named = has_header(cells, f"{name} line {line}", options.header, roles, lone_words=False)
    numbers = quick_numbers(data[end:] if named else data[start:], delimiter)
    if numbers is None or numbers.shape[1] != len(cells):
        return None
    lines = range(line + named, line + named + len(numbers))
    notes = _notes(name, comments=line - 1, blanks=0)
    return Table(name, tuple(cells) if named else (), len(cells), lines, numbers=numbers, notes=notes)


def _careful_table(text: str, name: str, delimiter: str, options: ReadOptions, roles: Sequence[str]) -> Table:
    """The table of any text, or the exact place where it is none."""
    content = re.search(r"^(?!#).*\S", text, re.MULTILINE)
    delimiter = delimiter or _seen_delimiter(content[0] if content else "")
    lines = _Lines(name, iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))
    records = list(_records(lines, delimiter, name))
    if not records:
        raise DataFault(f"{name}: nothing but comments", "write one row a line")
    first = records[0]
    lone_words = len(first.cells) == 1 and not any(is_number(record.cells[0]) for record in records[1:])
    named = has_header(first.cells, f"{name} line {first.line}", options.header, roles, lone_words)
    rows = records[1:] if named else records
    if not rows:
        raise DataFault(f"{name}: a header and no rows", "write rows below it, or say --no-header")
    for record in rows:
        if len(record.cells) != len(first.cells):
            trailing = record.cells[-1] == "" or first.cells[-1] == ""
            raise DataFault(
                f"{name} line {record.line}: {_counted(len(record.cells), 'cell')}, "
                f"line {first.line} has {len(first.cells)}",
                "leave the delimiter at the line's end out" if trailing else "give each row the same number of cells",
            )
    return Table(
        name,
        tuple(first.cells) if named else (),
        len(first.cells),
        [record.line for record in rows],
        rows=[record.cells for record in rows],
        notes=_notes(name, lines.comments, lines.blanks),
        key=options.key,
        keep_text=options.keep_text,
    )


def has_header(first: Sequence[str], place: str, said: bool | None, roles: Sequence[str], lone_words: bool) -> bool:
    """Whether the first row names the columns; a DataFault where only the user can know."""
    if said is not None:
        return said
    ask = "say --header if line 1 names the columns, else --no-header"
    numbers = [is_number(cell) for cell in first]
    if all(numbers):
        if len(first) >= 2 and list(first) == [str(i) for i in range(len(first))]:
            raise DataFault(f"{place}: 0 to {len(first) - 1} may be data or the names of the columns", ask)
        return False
    reasons = [misread(cell) for cell in first]
    if any(numbers) or all(cure for _, cure in reasons):  # such a row is no header: its words were meant as numbers
        column = numbers.index(False)
        where = f"{place}, column {column}" if len(first) > 1 else place
        cure = reasons[column][1]
        raise DataFault(f"{where}: {reasons[column][0]}", f"{cure}; {ask}" if cure else ask)
    if len(first) == 1 and lone_words and role_named(first[0], roles) is None:
        raise DataFault(f"{place}: {first[0]!r} may be a label or the name of the column", ask)
    return True


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]


@dataclass(slots=True)
class _Lines:
    """Hands out lines, and between records, though not inside a quoted cell, leaves out comments and blank ones."""

    name: str
    rest: Iterator[str]
    number: int = 0
    between: bool = True
    record_start: int = 0
    comments: int = 0
    blanks: int = 0
    _pending: int = field(default=0)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        for line in self.rest:
            self.number += 1
            if len(line) > _LONGEST_LINE:
                raise DataFault(
                    f"{self.name} line {self.number}: {len(line)} characters in one line", "save it as .npy"
                )
            if self.between and line.startswith("#"):
                self.comments += 1
            elif self.between and not line.strip():
                self._pending += 1
            else:
                self._begin()
                return f"{line}\n"
        raise StopIteration

    def _begin(self) -> None:
        if self.between:
            self.between = False
            self.record_start = self.number
            self.blanks += self._pending
            self._pending = 0


def _records(lines: _Lines, delimiter: str, name: str) -> Iterator[_Record]:
    import csv

    # Runs of spaces are beyond the csv module, and whoever aligns columns by them does not quote.
    reader = map(str.split, lines) if delimiter == " " else _csv_rows(lines, delimiter)
    while True:
        lines.between = True
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataFault(f"{name} line {lines.record_start}: {error}", "quote cells as CSV does") from None
        if cells is None:
            return
        yield _Record(lines.record_start, [cell.strip(" \t\n") for cell in cells])


def _csv_rows(lines: _Lines, delimiter: str) -> Iterator[list[str]]:
    import csv

    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


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
    """The delimiter of a line. A comma comes after the semicolon, beside which it is a decimal comma."""
    return next((mark for mark in "\t;," if mark in line), " " if len(line.split()) > 1 else ",")


def _split(line: str, delimiter: str) -> list[str]:
    return line.split() if delimiter == " " else [cell.strip() for cell in line.split(delimiter)]


def _notes(name: str, comments: int, blanks: int) -> tuple[str, ...]:
    counts = ((comments, "comment line"), (blanks, "blank line"))
    return tuple(f"{_counted(n, what)} skipped in {name}" for n, what in counts if n)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
