"""A table read from text: its columns, by name or index, to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from losscli.reading.columns import selected_columns, selector_of, unique_numbers
from losscli.reading.container import address, listed, named_like_id, near_miss, shown_name
from losscli.reading.text.numbers import (
    Misread,
    has_decimal_comma,
    indexed,
    is_index,
    misread,
    misread_cell,
    to_numbers,
)
from losscli.schema.data import Data, Elements, Held, flags
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_number
from losscli.schema.records import record


@record
class Table:
    """Rows of equal length. `rows` holds the cells as written, unless all are numbers and nobody needs their text:
    then `numbers` holds them. `lines` are the line numbers of the rows, `keys` the columns that rows are joined on.
    """

    name: str
    header: tuple[str, ...]
    width: int
    lines: Sequence[int]
    rows: Sequence[Sequence[str]] = ()
    numbers: Elements | None = None
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    keep_text: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        return self.header

    def pick(self, selector: str | None) -> Data:
        if selector is None:
            columns, notes = self._all_columns()
            return replace(self.columns(columns, single=len(columns) == 1), notes=notes)
        return self.columns(*self.selected(selector))

    def columns(self, columns: Sequence[int], single: bool) -> Data:
        """The columns as an array: (N,) of a single one, else (N, k)."""
        words: tuple[str, ...] = ()
        if self.numbers is not None:
            every = list(columns) == list(range(self.width))
            array = self.numbers if every else np.ascontiguousarray(self.numbers[:, list(columns)])
        elif single and not is_number(self.rows[0][columns[0]]):
            array, words = self._words(columns[0])
        else:
            array = np.stack(self._numbers(columns), axis=1)
        if single:
            array = array.reshape(-1)
        return Data(
            source=self.name,
            dtype="str" if words else "float64",
            store=Held(array),
            place=lambda flat: self._place(flat // len(columns), columns[flat % len(columns)]),
            names=tuple(self.header[column] for column in columns) if self.header and not single else (),
            words=words,
            text=(lambda flat: self.rows[flat // len(columns)][columns[flat % len(columns)]])
            if self.keep_text
            else None,
            decimal=not words,
        )

    def cells(self, column: str) -> list[str]:
        """The cells of one column as written."""
        index = self.column(column)
        if self.numbers is not None:  # which are read as text where somebody asks for a key, but for one that was found
            return [f"{number:.0f}" for number in self.numbers[:, index].tolist()]
        return [row[index] for row in self.rows]

    def identities(self, column: int) -> Elements | list[str] | None:
        """The cells of a column of whole numbers, or else of words, that has none of them twice; None of any other."""
        if self.numbers is not None:
            numbers = self.numbers[:, column]
        else:
            cells = [row[column] for row in self.rows]
            try:
                numbers = to_numbers(cells)
            except Misread:
                words = "" not in cells and not all(map(is_number, cells)) and len(set(cells)) == len(cells)
                return cells if words else None
        return unique_numbers(numbers)

    def _place(self, row: int, column: int) -> str:
        if self.width == 1 and not self.header:
            return f"{self.name} line {self.lines[row]}"
        title = (self.header[column] if self.header else "") or str(column)
        return f"{self.name} line {self.lines[row]}, column {title}"

    def _numbers(self, columns: Sequence[int]) -> list[Elements]:
        """Each column's numbers; of several cells that are none, the fault names the one that comes first."""
        read: list[Elements] = []
        faults: list[tuple[int, int, Misread]] = []
        for column in columns:
            cells = [row[column] for row in self.rows]
            truths = flags(cells)
            try:
                read.append(to_numbers(cells) if truths is None else np.array(truths, np.float64))
            except Misread as fault:
                faults.append((fault.index, column, fault))
        if faults:
            row, column, first = min(faults, key=lambda fault: fault[:2])
            first.cure = first.cure or self._other_columns(column)
            raise first.at(self._place(row, column))
        return read

    def _other_columns(self, column: int) -> str:
        """How to select the columns of numbers, beside one of words."""
        others = [
            index
            for index in range(self.width)
            if index != column and is_number(self.rows[0][index]) and not self._tells_rows_apart(index)
        ]
        if not others or column not in (0, self.width - 1):
            return ""
        return f"select columns: {address(self.name, selector_of(self.header, others))}"

    def _tells_rows_apart(self, column: int) -> bool:
        """Whether a column is named like an id and is not the only one."""
        return column == 0 and self.width > 1 and bool(self.header) and named_like_id(self.header[0])

    def _words(self, column: int) -> tuple[Elements, tuple[str, ...]]:
        """A column that begins with a word, as indices into its words; a number among them is a fault."""
        cells = [row[column] for row in self.rows]
        if "" in cells:
            fact, cure = misread("")
            raise DataFault(f"{self._place(cells.index(''), column)}: {fact}", cure)
        if has_decimal_comma(cells[0]):
            raise DataFault(f"{self._place(0, column)}: {misread(cells[0])[0]}", misread(cells[0])[1])
        number = next((word for word in dict.fromkeys(cells) if is_number(word)), None)
        if number is not None:
            fact, cure = misread_cell(cells[0])
            contrast = f"though line {self.lines[cells.index(number)]} has {number!r}"
            raise DataFault(f"{self._place(0, column)}: {fact}, {contrast}", cure or "write all words, or all numbers")
        return indexed(cells)

    def _all_columns(self) -> tuple[list[int], tuple[str, ...]]:
        """The columns of the whole file that are data, and a note about one that is none."""
        keys = [self.find(key) for key in self.keys]
        kept = [column for column in range(self.width) if column not in keys]
        notes: tuple[str, ...] = ()
        named = len(kept) > 1 and self._tells_rows_apart(kept[0])
        if named and isinstance(self.identities(0), np.ndarray):  # unique whole numbers, which only tell rows apart
            kept, notes = kept[1:], (f"{self.name}: column {shown_name(self.header[0])} looks like a row id, left out",)
        if any(self.header[column] == "" for column in kept if self.header):
            raise DataFault(
                f"{self.name} line 1: column {self.header.index('')} has no name, as where pandas writes its index",
                f"select columns: {address(self.name, selector_of(self.header, [self.width - 1]))}",
            )
        if not kept:
            raise DataFault(f"{self.name}: no column but the key {', '.join(self.keys)}")
        return kept, notes

    def selected(self, selector: str) -> tuple[list[int], bool]:
        return selected_columns(self, selector)

    def row_place(self, row: int) -> str:
        return f"{self.name} line {self.lines[row]}"

    def without(self, keys: tuple[str, ...]) -> Table:
        return replace(self, keys=keys)

    def find(self, word: str) -> int | None:
        """The index of the column that a word means: by name, else by index."""
        word = word.strip()
        if self.header.count(word) > 1:
            raise DataFault(f"{self.name}: two columns are named {shown_name(word)}", "select by index, counted from 0")
        if word in self.header:
            return self.header.index(word)
        return int(word) if is_index(word) and int(word) < self.width else None

    def column(self, word: str) -> int:
        """The index of the column that a word means, which must be there."""
        index = self.find(word)
        if index is not None:
            return index
        if not self.header:
            fact = f"{self.name}: no column {word!r}: it has no header"
            raise DataFault(fact, f"its columns are 0 to {self.width - 1}")
        raise DataFault(
            f"{self.name}: no column {word!r}{near_miss(word, self.header)}", f"it has {listed(self.header)}"
        )
