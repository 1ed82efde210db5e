"""The columns of a text table that somebody wants, read in one pass over its text, whatever its size."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import numpy as np

from losscli.reading.binary.byte_range import reader, spooled
from losscli.reading.binary.spool import Spool
from losscli.reading.content import Content, Read, system_faults
from losscli.reading.text.column import NUMBERS, Column, Texts
from losscli.reading.text.csv_rows import Skipped, rows_of
from losscli.reading.text.grid import Grid, Spans, spans_of
from losscli.reading.text.numbers import EXACT_LIMIT, Notation
from losscli.reading.text.pieces import PIECE, Piece, pieces_of
from losscli.schema.data import Elements, Store
from losscli.schema.faults import DataFault
from losscli.schema.records import record
from losscli.schema.text import plural


@record
class Layout:
    """What the head of a table says of it all.

    `first_line` is where its rows begin, after `skipped` comments and blank lines; `header_line` that of the first row
    or the header. `head` are the first rows.
    """

    name: str
    header: tuple[str, ...]
    width: int
    delimiter: str
    notation: Notation
    header_line: int
    first_line: int
    comments: int
    blanks: int
    head: Sequence[Sequence[str]]

    def place(self, line: int, column: int) -> str:
        """What errors call a cell."""
        if self.width == 1 and not self.header:
            return f"{self.name} line {line}"
        title = (self.header[column] if self.header else "") or str(column)
        return f"{self.name} line {line}, column {title}"


@record
class Block:
    """Columns that were read together: their elements row by row, and what is known of those that are not all numbers.

    `at` gives the place of each column, by its index in the table.
    """

    store: Store
    at: Mapping[int, int]
    odd: Mapping[int, Column]


@dataclass(slots=True)
class Lines:
    """The line of each row: the first row and the lines of every grid."""

    starts: list[int] = field(default_factory=list)
    runs: list[Sequence[int]] = field(default_factory=list)

    def add(self, grid: Grid, before: int) -> None:
        last = self.runs[-1] if self.runs else ()
        if isinstance(grid.lines, range) and isinstance(last, range) and last.stop == grid.lines.start:
            self.runs[-1] = range(last.start, grid.lines.stop)
            return
        self.starts.append(before)
        self.runs.append(grid.lines if isinstance(grid.lines, range) else np.array(grid.lines).tolist())

    def of(self, row: int) -> int:
        at = bisect_right(self.starts, row) - 1
        return self.runs[at][row - self.starts[at]]


class Passes:
    """Reads the columns that were asked for when the first of them is needed; later ones in another pass."""

    def __init__(self, layout: Layout, content: Content) -> None:
        self.layout = layout
        self.rows = 0
        self.lines = Lines()
        self.skipped = Skipped(layout.comments, layout.blanks)
        self._content = content
        self._again: Callable[[], AbstractContextManager[Read]] | None = content.again
        self._wanted: set[int] = set()
        self._as_text: set[int] = set()
        self._blocks: dict[int, Block] = {}

    def want(self, columns: Sequence[int], *, as_text: bool = False) -> None:
        """Says that columns will be needed, perhaps as they are written too."""
        self._wanted.update(columns)
        if as_text:
            self._as_text.update(columns)

    def block(self, columns: Sequence[int]) -> Block:
        """Columns as one block, in this order or another."""
        self.want(columns)
        if self._wanted - self._blocks.keys():
            self._read()
        block = self._blocks[columns[0]]
        if any(self._blocks[column] is not block for column in columns):
            self._blocks = {}
            return self.block(columns)
        return block

    def columns(self, indices: Sequence[int]) -> list[Column]:
        """What is known of columns."""
        odd = self.block(indices).odd
        return [odd[index] if index in odd else self._new(index, NUMBERS) for index in indices]

    def column(self, index: int) -> Column:
        """What is known of a column."""
        return self.columns([index])[0]

    def texts(self, index: int) -> Texts:
        """The cells of a column as they are written."""
        texts = self.column(index).texts
        if texts is None:
            self._as_text.add(index)
            del self._blocks[index]
            return self.texts(index)
        return texts

    def _new(self, index: int, kind: str = "") -> Column:
        texts = Texts() if index in self._as_text else None
        layout = self.layout
        return Column(
            layout.name,
            index,
            lambda line: layout.place(line, index),
            layout.notation,
            self._content.scratch,
            kind,
            texts=texts,
        )

    def _read(self) -> None:
        layout = self.layout
        indices = sorted(self._wanted - self._blocks.keys())
        odd = {index: self._new(index) for index in indices if index in self._as_text}
        spool = Spool(layout.name, np.dtype(np.float64), self._content.scratch)
        rows, lines, skipped = 0, Lines(), Skipped(layout.comments, layout.blanks)
        with system_faults(layout.name), self._bytes(every=len(indices) == layout.width) as read:
            for grid in self._grids(pieces_of(read, layout.name), skipped):
                spool.add(self._elements(grid, rows, indices, odd))
                lines.add(grid, rows)
                rows += grid.rows
        self.rows, self.lines, self.skipped = rows, lines, skipped
        block = Block(spool.store((rows, len(indices))), {index: at for at, index in enumerate(indices)}, odd)
        for column in odd.values():
            _refuse_inexact(column, block)
        self._blocks.update(dict.fromkeys(indices, block))

    def _elements(self, grid: Grid, before: int, indices: Sequence[int], odd: dict[int, Column]) -> Elements:
        """The elements of a grid; a column that is not all plain numbers is looked at alone."""
        values, known = np.empty((grid.rows, len(indices))), np.zeros((grid.rows, len(indices)), bool)
        if isinstance(grid, Spans):
            numbers = [at for at, index in enumerate(indices) if index not in odd or odd[index].kind in ("", NUMBERS)]
            found = grid.floats([indices[at] for at in numbers], self.layout.notation.point)
            if len(numbers) == len(indices):
                values, known = found
            elif numbers:
                values[:, numbers], known[:, numbers] = found
        plain: list[bool] = np.logical_and.reduce(known & (np.abs(values) < EXACT_LIMIT), axis=0).tolist()
        for at, index in enumerate(indices):
            if index in odd or not plain[at]:
                if index not in odd:
                    odd[index] = self._new(index, NUMBERS if before else "")
                values[:, at] = odd[index].add(grid, before, values[:, at], known[:, at])
        return values

    def _bytes(self, *, every: bool) -> AbstractContextManager[Read]:
        """The text from its first byte on. What comes but once is kept, unless every column is read now."""
        content = self._content
        if content.whole:
            once = [content.head]
            return nullcontext(lambda _: once.pop() if once else b"")
        if self._again is not None:
            return self._again()
        if every:
            self._again = self._gone
            left = [content.head]
            return nullcontext(lambda size: left.pop() if left else content.read(size))
        extent = spooled(lambda size: content.read(size) or b"", content.name, content.head)
        self._again = lambda: nullcontext(reader(extent))
        return self._again()

    def _gone(self) -> AbstractContextManager[Read]:
        raise DataFault(f"{self.layout.name}: it can be read but once", "save it to a file, and name that")

    def _grids(self, pieces: Iterator[Piece], skipped: Skipped) -> Iterator[Grid]:
        layout = self.layout
        for piece in _from_line(pieces, layout.first_line):
            if not piece.content.strip():
                skipped.last_blanks += piece.content.count(b"\n")
                continue
            grid: Grid | None = spans_of(piece, layout.delimiter, layout.width)
            if grid is None:
                grid = rows_of(piece, pieces, layout.delimiter, layout.name, skipped)
                self._check_widths(grid)
            elif skipped.last_blanks:
                skipped.blanks, skipped.last_blanks = skipped.blanks + skipped.last_blanks, 0
            if grid.rows:
                yield grid

    def _check_widths(self, grid: Grid) -> None:
        layout = self.layout
        for cells, line in zip(getattr(grid, "cells", ()), grid.lines, strict=False):
            if len(cells) != layout.width:
                trailing = cells[-1] == "" or (layout.header or layout.head[0])[-1] == ""
                raise DataFault(
                    f"{layout.name} line {line}: {plural(len(cells), 'cell')}, line {layout.header_line} "
                    f"has {layout.width}",
                    "leave the delimiter at the line's end out" if trailing else "give each row as many cells",
                )


def _refuse_inexact(column: Column, block: Block) -> None:
    """Whole numbers that no float64 holds are a fault where a column has no others."""
    if column.inexact is None or column.fault is not None:
        return
    rows, width = block.store.shape
    run = max(1, PIECE // width)
    for row in range(0, rows, run):
        values = block.store.flat(row * width, min(row + run, rows) * width).reshape(-1, width)[
            :, block.at[column.index]
        ]
        if np.any((values != np.rint(values)) & np.isfinite(values)):
            return
    column.fault = column.inexact


def _from_line(pieces: Iterator[Piece], line: int) -> Iterator[Piece]:
    """The pieces from a line on."""
    for piece in pieces:
        start = 0
        for _ in range(line - piece.line):
            start = piece.content.find(b"\n", start) + 1
            if not start:
                break
        else:
            if start < len(piece.content):
                yield Piece(piece.content[start:], max(line, piece.line))
