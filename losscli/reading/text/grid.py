"""A piece of a table: its cells, as they stand in its bytes or, where that is not plain, as rows of texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.decimals import BEFORE, Bytes, Indices, floats, marks_of
from losscli.reading.text.pieces import Piece
from losscli.schema.records import record

_NEWLINE, _SPACE, _QUOTE = ord("\n"), ord(" "), ord('"')
_BATCH = 12_000  # numbers whose arrays stay in a core's cache, and below the size that the system maps one by one
_COMMENT = re.compile(rb"^#", re.MULTILINE)
_BLANK = re.compile(rb"^[ \t]*\n", re.MULTILINE)


@record
class Rows:
    """Rows of texts, and the line that each begins at."""

    cells: Sequence[Sequence[str]]
    lines: Sequence[int]

    @property
    def rows(self) -> int:
        return len(self.cells)

    def texts(self, column: int, rows: Sequence[int] | Indices) -> list[str]:
        """The cells of a column in some rows."""
        return [self.cells[row][column] for row in rows]


@record
class Spans:
    """Cells where they stand: cell i lies between `marks[ends[i]]` and `marks[ends[i + 1]]`, row by row."""

    raw: bytes
    buffer: Bytes
    marks: Indices
    codes: Bytes
    ends: Indices
    width: int
    line: int
    quoted: bool

    @property
    def rows(self) -> int:
        return (len(self.ends) - 1) // self.width

    @property
    def lines(self) -> Sequence[int]:
        return range(self.line, self.line + self.rows)

    def texts(self, column: int, rows: Sequence[int] | Indices) -> list[str]:
        """The cells of a column in some rows, without quotes and blanks around them."""
        at = np.asarray(rows, np.intp) * self.width + column
        starts, ends = (self.marks[self.ends[at]] + 1).tolist(), self.marks[self.ends[at + 1]].tolist()
        cells = [self.raw[start:end].decode().strip(" \t") for start, end in zip(starts, ends, strict=True)]
        return [_unquoted(cell) for cell in cells] if self.quoted else cells

    def floats(self, columns: Sequence[int], point: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The numbers of columns, row by row, and which are known; of the others the cells must be looked at."""
        shape = (self.rows, len(columns))
        first, last = self.ends[:-1], self.ends[1:]
        if list(columns) != list(range(self.width)):
            first, last = (ends.reshape(-1, self.width)[:, list(columns)].reshape(-1) for ends in (first, last))
        if self.quoted:  # a quote is a mark as well
            first = first + ((self.codes[first + 1] == _QUOTE) & (first + 1 < last))
            last = last - ((self.codes[last - 1] == _QUOTE) & (last - 1 > first))
        values, known = np.empty(len(first)), np.empty(len(first), bool)
        for start in range(0, len(first), _BATCH):
            some = slice(start, start + _BATCH)
            values[some], known[some] = floats(self.buffer, self.marks, self.codes, first[some], last[some], ord(point))
        return values.reshape(shape), known.reshape(shape)


Grid = Rows | Spans


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"').strip(" \t") if cell.startswith('"') else cell


def spans_of(piece: Piece, delimiter: str, width: int) -> Spans | None:
    """The cells of a piece; None where it has comments, blank lines or cells with line ends, or rows of other widths.

    A space stands for any run of spaces and tabs, and then quotes are no quotes.
    """
    content = piece.content
    if b"#" in content and _COMMENT.search(content):
        return None
    if delimiter == " ":
        content = re.sub(rb"^ | (?=\n)", b"", re.sub(rb"[ \t]+", b" ", content), flags=re.MULTILINE)
    if width == 1 and _BLANK.search(content):
        return None
    raw = b"\n" * BEFORE + content
    buffer = np.frombuffer(raw, np.uint8)
    marks, codes = marks_of(buffer)
    newline = codes == _NEWLINE
    between = newline | (codes == ord(delimiter))
    quoted = delimiter != " " and b'"' in content
    if quoted:
        inside = _inside_quotes(buffer, marks, codes, delimiter)
        if inside is None or np.any(newline & inside):
            return None
        between &= ~inside
    ends = np.flatnonzero(between)[BEFORE - 1 :]
    closing = codes[ends[1:]] == _NEWLINE
    rows = int(np.count_nonzero(closing))
    if len(closing) != rows * width or not closing[width - 1 :: width].all():
        return None
    return Spans(raw, buffer, marks, codes, ends, width, piece.line, quoted)


def _inside_quotes(buffer: Bytes, marks: Indices, codes: Bytes, delimiter: str) -> NDArray[np.bool_] | None:
    """Which marks stand inside of quotes; None where a quote stands elsewhere than around a cell."""
    quote = codes == _QUOTE
    parity = np.cumsum(quote, dtype=np.uint8) % 2 == 1
    around = np.zeros(256, bool)
    around[[_NEWLINE, _SPACE, _QUOTE, ord("\t"), ord(delimiter)]] = True
    opening, closing = marks[quote & parity], marks[quote & ~parity]
    if len(opening) != len(closing) or not around[buffer[opening - 1]].all() or not around[buffer[closing + 1]].all():
        return None
    inside: NDArray[np.bool_] = parity
    return inside
