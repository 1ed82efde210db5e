"""Delimited text to rows of cells, each with the number of its line: for pieces in which not every line is a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from losscli.reading.text.grid import Rows
from losscli.reading.text.pieces import Piece
from losscli.schema.faults import DataFault


@dataclass(slots=True)
class Skipped:
    """The lines between rows that are comments or blank; blank ones after the last row do not count."""

    comments: int = 0
    blanks: int = 0
    last_blanks: int = 0


def rows_of(piece: Piece, following: Iterator[Piece], delimiter: str, name: str, skipped: Skipped) -> Rows:
    """The rows of a piece, and of following ones while a quoted cell goes on in them.

    A space stands for any run of spaces and tabs.
    """
    # Whoever aligns columns by spaces does not quote, and the csv module cannot read runs of them.
    if b'"' in piece.content and delimiter != " ":
        return _quoted(_Lines(piece, following, skipped), delimiter, name)
    separator = None if delimiter == " " else delimiter
    cells, lines = [], []
    for number, line in _numbered(piece):
        if _is_row(line, skipped):
            cells.append([cell.strip(" \t") for cell in line.split(separator)])
            lines.append(number)
    return Rows(cells, lines)


def _numbered(piece: Piece) -> Iterator[tuple[int, str]]:
    return enumerate(piece.content.decode().split("\n")[:-1], piece.line)


def _is_row(line: str, skipped: Skipped) -> bool:
    """Whether a line is a row; else it is counted."""
    if line.startswith("#"):
        skipped.comments += 1
        return False
    if not line or line.isspace():
        skipped.last_blanks += 1
        return False
    skipped.blanks += skipped.last_blanks
    skipped.last_blanks = 0
    return True


def _quoted(source: _Lines, delimiter: str, name: str) -> Rows:
    import csv

    cells: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        source.between = True
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DataFault(f"{name} line {source.start}: {error}", "quote cells as CSV does") from None
        if row is None:
            return Rows(cells, lines)
        cells.append([cell.strip(" \t\n") for cell in row])
        lines.append(source.start)


class _Lines:
    """Hands out the lines of rows, and between rows, though not inside of a quoted cell, counts what is none."""

    def __init__(self, piece: Piece, following: Iterator[Piece], skipped: Skipped) -> None:
        self.between = True
        self.start = piece.line
        self._lines, self._following, self._skipped = _numbered(piece), following, skipped

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while True:
            for number, line in self._lines:
                if not self.between:
                    return f"{line}\n"
                if _is_row(line, self._skipped):
                    self.between, self.start = False, number
                    return f"{line}\n"
            if self.between:
                raise StopIteration
            self._lines = _numbered(next(self._following))
