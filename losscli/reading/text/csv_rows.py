"""Delimited text to rows of cells, each with the number of its line."""

from __future__ import annotations

from dataclasses import dataclass, field

from losscli.schema.faults import DataFault

_LONGEST_LINE = 64 << 20


@dataclass(slots=True)
class Records:
    """The rows of a text, the lines they begin at, and how many lines between them are comments or blank."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    comments: int = 0
    blanks: int = 0


def read_records(text: str, delimiter: str, name: str) -> Records:
    """The rows of a text that has no line end but the newline. A space stands for any run of spaces and tabs."""
    lines = text.split("\n")
    longest = max(map(len, lines))
    if longest > _LONGEST_LINE:
        number = next(number for number, line in enumerate(lines, 1) if len(line) == longest)
        raise DataFault(f"{name} line {number}: {longest} characters in one line", "save the data as .npy")
    # Whoever aligns columns by spaces does not quote, and the csv module cannot read runs of them.
    if '"' in text and delimiter != " ":
        return _quoted(lines, delimiter, name)
    return _plain(lines, delimiter, padded=" " in text or "\t" in text)


def _plain(lines: list[str], delimiter: str, padded: bool) -> Records:
    records = Records()
    separator = None if delimiter == " " else delimiter
    blanks = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            records.comments += 1
        elif not line or line.isspace():
            blanks += 1
        else:
            cells = line.split(separator)
            records.rows.append([cell.strip(" \t") for cell in cells] if padded else cells)
            records.lines.append(number)
            records.blanks = blanks  # those at the end of the file are no news
    return records


def _quoted(lines: list[str], delimiter: str, name: str) -> Records:
    import csv

    records = Records()
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        source.between = True
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataFault(f"{name} line {source.start}: {error}", "quote cells as CSV does") from None
        if cells is None:
            records.comments, records.blanks = source.comments, source.blanks
            return records
        records.rows.append([cell.strip(" \t\n") for cell in cells])
        records.lines.append(source.start)


class _Lines:
    """Hands out lines, and between rows, though not inside a quoted cell, leaves out comments and blank ones."""

    def __init__(self, lines: list[str]) -> None:
        self.between = True
        self.start = self.comments = self.blanks = 0
        self._lines = enumerate(lines, 1)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        blanks = 0
        for number, line in self._lines:
            if not self.between:
                return f"{line}\n"
            if line.startswith("#"):
                self.comments += 1
            elif not line or line.isspace():
                blanks += 1
            else:
                self.between = False
                self.start = number
                self.blanks += blanks
                return f"{line}\n"
        raise StopIteration
