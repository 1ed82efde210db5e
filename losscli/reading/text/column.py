"""One column of a table, piece by piece: numbers, words, or arrays in its cells; and where it has none."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.decimals import Indices
from losscli.reading.binary.spool import Scratch, Spool
from losscli.reading.text.grid import Grid
from losscli.reading.text.lists import array_of
from losscli.reading.text.numbers import (
    EXACT_LIMIT,
    Misread,
    Notation,
    is_missing,
    meant_as_number,
    misread,
    misread_cell,
    to_numbers,
)
from losscli.reading.text.printed import printed
from losscli.schema.data import Elements, Store, flags
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_integer, is_number

NUMBERS, WORDS, ARRAYS = "numbers", "words", "arrays"
_BATCH = 64  # cells that are looked at to see what a column holds


class Texts:
    """The cells of a column as they are written, one after another in one string of bytes."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("q", [0])

    def add(self, cells: Sequence[str]) -> None:
        for cell in cells:
            self._bytes += cell.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))

    def __getitem__(self, row: int) -> str:
        return self._bytes[self._ends[row] : self._ends[row + 1]].decode("utf-8", "surrogatepass")

    def __len__(self) -> int:
        return len(self._ends) - 1


@dataclass(slots=True)
class Column:
    """What is known of a column so far.

    `place` names a line of it in errors. `kind` is what its cells hold, "" while all are missing. `words` are its
    distinct words and their indices, `first` is its first cell with a value and its line. `missing` are the rows that
    have no value. `fault` is the first cell that is no number, its row, and whether it lacks a cure;
    then nothing more is read. `inexact` is the first whole number that no float64 is.
    """

    name: str
    index: int
    place: Callable[[int], str]
    notation: Notation
    scratch: Scratch
    kind: str = ""
    words: dict[str, int] = field(default_factory=dict)
    first: tuple[str, int, int] = ("", 0, 0)
    missing: list[Indices] = field(default_factory=list)
    lacking: DataFault | None = None
    fault: tuple[int, DataFault, bool] | None = None
    texts: Texts | None = None
    inexact: tuple[int, DataFault, bool] | None = None
    arrays: Spool | None = None
    shape: tuple[int, ...] = ()

    def add(self, grid: Grid, before: int, values: Elements, known: NDArray[np.bool_]) -> Elements:
        """The elements of the rows of a grid, which come after so many others: numbers, or indices of words.

        `values` are their numbers, as far as these are known already.
        """
        nothing = np.full(grid.rows, np.nan)
        if self.fault is not None:
            return nothing
        if self.texts is not None:
            self.texts.add([self.notation.seen(cell) for cell in grid.texts(self.index, range(grid.rows))])
        if not self.kind:
            self._look(grid, before)
        try:
            if self.kind == NUMBERS:
                return self._numbers(grid, before, values, np.flatnonzero(~known))
            if self.kind == WORDS:
                return self._indices(grid, before)
            if self.kind == ARRAYS:
                self._add_arrays(grid, before)
                return nothing
        except Misread as misfit:
            self._refuse(misfit, grid, before)
            return nothing
        self._lack(np.arange(grid.rows), grid, before)
        return nothing

    @property
    def missing_rows(self) -> Indices:
        return np.concatenate(self.missing) if self.missing else np.empty(0, np.intp)

    def array_store(self, rows: int) -> Store:
        """The arrays of all cells."""
        assert self.arrays is not None
        return self.arrays.store((rows, *self.shape))

    def _look(self, grid: Grid, before: int) -> None:
        """Sees by the first cell with a value what the column holds."""
        for start in range(0, grid.rows, _BATCH):
            rows = range(start, min(start + _BATCH, grid.rows))
            for row, cell in zip(rows, grid.texts(self.index, rows), strict=True):
                if is_missing(cell):
                    continue
                self.first = (cell, grid.lines[row], before + row)
                number = is_number(self.notation.seen(cell)) or meant_as_number(cell)
                self.kind = NUMBERS if number else ARRAYS if cell[:1] in "[(" else WORDS
                return

    def _numbers(self, grid: Grid, before: int, values: Elements, unknown: Indices) -> Elements:
        if len(unknown):
            cells = grid.texts(self.index, unknown)
            lacking = np.array([is_missing(cell) for cell in cells], bool)
            self._lack(unknown[lacking], grid, before)
            values[unknown[lacking]] = np.nan
            left = unknown[~lacking]
            try:
                values[left] = self._read([cell for cell in cells if not is_missing(cell)])
            except Misread as misfit:
                misfit.index = int(left[misfit.index])
                raise
        self._check_exact(values, grid, before)
        return values

    def _read(self, cells: Sequence[str]) -> Elements:
        """The numbers of cells that are looked at one by one."""
        plain = []
        for index, cell in enumerate(cells):
            try:
                plain.append(self.notation.plain(cell))
            except ValueError as fault:
                raise Misread(index, str(fault), misread_cell(cell)[1]) from None
        try:
            return to_numbers(plain, whole=False)
        except Misread as misfit:
            if not is_number(plain[misfit.index]):
                misfit.fact, misfit.cure = misread_cell(cells[misfit.index])
            raise

    def _check_exact(self, values: Elements, grid: Grid, before: int) -> None:
        """Remembers the first whole number that float64 cannot hold."""
        with np.errstate(invalid="ignore"):
            large = np.flatnonzero(np.abs(values) >= EXACT_LIMIT)
        if self.inexact is not None or not len(large):
            return
        for row, cell in zip(large.tolist(), grid.texts(self.index, large), strict=True):
            plain = self.notation.seen(cell)
            if is_integer(plain) and int(plain) != int(values[row]):
                fact = f"{self.place(grid.lines[row])}: the integer {plain} is not exact in float64"
                self.inexact = (before + row, DataFault(fact, "keep below 2**53"), False)
                return

    def _indices(self, grid: Grid, before: int) -> Elements:
        cells = grid.texts(self.index, range(grid.rows))
        if flags([self.first[0]]) is not None:  # among truths NA is no word
            cells = ["" if is_missing(cell) else cell for cell in cells]
        known = self.words
        for row, cell in enumerate(cells):
            if cell not in known and cell:
                if is_number(self.notation.seen(cell)):
                    fact, cure = misread_cell(self.first[0])
                    contrast = f"though line {grid.lines[row]} has {cell!r}"
                    fault = DataFault(
                        f"{self.place(self.first[1])}: {fact}, {contrast}", cure or "write all words, or all numbers"
                    )
                    self.fault = (self.first[2], fault, False)
                    break
                known[cell] = len(known)
        if "" in cells:
            self._lack(np.array([row for row, cell in enumerate(cells) if not cell]), grid, before)
        return np.array([known.get(cell, 0) for cell in cells], np.float64)

    def _add_arrays(self, grid: Grid, before: int) -> None:
        """Cells such as `[0.1 0.9]`, `[1, 2]` or `(1, 2)`: an array each, all of one shape."""
        cells = grid.texts(self.index, range(grid.rows))
        if self.arrays is None:
            first = self._array(self.first[0], 0)
            self.shape, self.arrays = first.shape, Spool(self.name, np.dtype(np.float64), self.scratch)
            self.arrays.add(np.full((before, *self.shape), np.nan))  # of the rows before, which have no value
        found, lacking = [], []
        for row, cell in enumerate(cells):
            if is_missing(cell):
                found.append(np.full(self.shape, np.nan))
                lacking.append(row)
                continue
            array = self._array(cell, row)
            if array.shape != self.shape:
                fact = f"an array of shape {array.shape}, line {self.first[1]} has one of {self.shape}"
                raise Misread(row, fact, "make all cells alike")
            found.append(array)
        self.arrays.add(np.stack(found) if found else np.empty((0, *self.shape)))
        if lacking:
            self._lack(np.array(lacking), grid, before)

    def _array(self, cell: str, row: int) -> NDArray[np.float64]:
        flat = cell[1:-1]
        if cell[0] == "[" and cell[-1] == "]" and "[" not in flat:
            return self._flat_array(flat, cell, row)
        try:
            value = printed(cell)
            data = None if value is None else array_of(value, "it", keep_text=False)
        except DataFault as fault:
            raise Misread(row, f"{_shown(cell)}: {fault.fact}", fault.cure) from None
        if data is None or data.words:
            raise _no_array(cell, row)
        return data.array().astype(np.float64)

    def _flat_array(self, inside: str, cell: str, row: int) -> NDArray[np.float64]:
        """Numbers between commas, where the comma is no mark of numbers, or else between blanks."""
        commas = "," in inside and "," not in (self.notation.point, self.notation.groups)
        words = [word.strip() for word in inside.split(",")] if commas else inside.split()
        try:
            plain = [self.notation.plain(word) for word in words]
        except ValueError as fault:
            raise Misread(row, f"{_shown(cell)}: {fault}", "") from None
        if not all(map(is_number, plain)):
            raise _no_array(cell, row)
        try:
            return to_numbers(plain) if plain else np.empty(0)
        except Misread as misfit:
            raise Misread(row, misfit.fact, misfit.cure) from None

    def _lack(self, rows: Indices, grid: Grid, before: int) -> None:
        if not len(rows):
            return
        self.missing.append(rows + before)
        if self.lacking is None:
            (cell,) = grid.texts(self.index, rows[:1])
            fact, cure = misread(cell)
            self.lacking = DataFault(f"{self.place(grid.lines[int(rows[0])])}: {fact}", cure)

    def _refuse(self, misfit: Misread, grid: Grid, before: int) -> None:
        fault = DataFault(f"{self.place(grid.lines[misfit.index])}: {misfit.fact}", misfit.cure)
        self.fault = (before + misfit.index, fault, not misfit.cure)


def _no_array(cell: str, row: int) -> Misread:
    return Misread(row, f"{_shown(cell)} is no array of numbers", "write it as [1, 2] or [1 2]")


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else f"{cell[:37]}...")
