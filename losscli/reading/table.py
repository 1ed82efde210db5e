"""A table read from text: its columns, by name or index, to arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from losscli.reading.container import near_miss
from losscli.reading.numerals import Misread, indexed, is_number, misread, to_numbers
from losscli.schema.data import Data, Elements, Held
from losscli.schema.faults import DataFault
from losscli.schema.records import record


@record
class Table:
    """Rows of equal length. `rows` holds the cells as written, unless all are numbers and nobody needs their text:
    then `numbers` holds them. `lines` are the line numbers of the rows, `key` the column that rows are joined on.
    """

    name: str
    header: tuple[str, ...]
    width: int
    lines: Sequence[int]
    rows: Sequence[Sequence[str]] = ()
    numbers: Elements | None = None
    notes: tuple[str, ...] = ()
    key: str | None = None
    keep_text: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        return self.header

    def pick(self, selector: str | None) -> Data:
        if selector is None:
            columns = self._all_columns()
            return self.columns(columns, single=len(columns) == 1)
        return self.columns(*self._selected(selector))

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
            text=self._texts(columns) if self.keep_text else None,
            decimal=not words,
        )

    def cells(self, column: str) -> list[str]:
        """The cells of one column as written."""
        index = self.column(column)
        return [row[index] for row in self.rows]

    def _place(self, row: int, column: int) -> str:
        if self.width == 1 and not self.header:
            return f"{self.name} line {self.lines[row]}"
        title = (self.header[column] if self.header else "") or str(column)
        return f"{self.name} line {self.lines[row]}, column {title}"

    def _texts(self, columns: Sequence[int]) -> Callable[[int], str]:
        return lambda flat: self.rows[flat // len(columns)][columns[flat % len(columns)]]

    def _numbers(self, columns: Sequence[int]) -> list[Elements]:
        """Each column's numbers; of several cells that are none, the fault names the one that comes first."""
        read: list[Elements] = []
        faults: list[tuple[int, int, Misread]] = []
        for column in columns:
            try:
                read.append(to_numbers([row[column] for row in self.rows]))
            except Misread as fault:
                faults.append((fault.index, column, fault))
        if faults:
            row, column, first = min(faults, key=lambda fault: fault[:2])
            raise first.at(self._place(row, column))
        return read

    def _words(self, column: int) -> tuple[Elements, tuple[str, ...]]:
        """A column that begins with a word, as indices into its words; a number among them is a fault."""
        cells = [row[column] for row in self.rows]
        if "" in cells:
            fact, cure = misread("")
            raise DataFault(f"{self._place(cells.index(''), column)}: {fact}", cure)
        number = next((word for word in dict.fromkeys(cells) if is_number(word)), None)
        if number is not None:
            fact, cure = misread(cells[0])
            beside = f"though line {self.lines[cells.index(number)]} has {number!r}"
            raise DataFault(f"{self._place(0, column)}: {fact}, {beside}", cure or "write all words, or all numbers")
        return indexed(cells)

    def _all_columns(self) -> list[int]:
        if "" in self.header:
            raise DataFault(
                f"{self.name} line 1: column {self.header.index('')} has no name, as where pandas writes its index",
                f"select columns: {self.name}::{self.header[-1]}",
            )
        key = self.find(self.key) if self.key else None
        kept = [column for column in range(self.width) if column != key]
        if not kept:
            raise DataFault(f"{self.name}: no column but the key {self.key}")
        return kept

    def _selected(self, selector: str) -> tuple[list[int], bool]:
        """The columns of a selector, and whether it names just one."""
        if selector in self.header:
            return [self.column(selector)], True
        columns: list[int] = []
        parts = selector.split(",")
        for part in parts:
            first, colon, last = part.partition(":")
            if colon and part not in self.header:
                start, end = self.column(first), self.column(last)
                if end < start:
                    raise DataFault(f"{self.name}: the range {part} runs backwards", f"write {last}:{first}")
                columns += range(start, end + 1)
            else:
                columns.append(self.column(part))
        return columns, len(parts) == 1 and ":" not in selector

    def find(self, word: str) -> int | None:
        """The index of the column that a word means: by name, else by index."""
        word = word.strip()
        if self.header.count(word) > 1:
            raise DataFault(f"{self.name}: two columns are named {word}", "select by index, counted from 0")
        if word in self.header:
            return self.header.index(word)
        return int(word) if word.isascii() and word.isdigit() and int(word) < self.width else None

    def column(self, word: str) -> int:
        """The index of the column that a word means, which must be there."""
        index = self.find(word)
        if index is not None:
            return index
        if not self.header:
            fact = f"{self.name}: no column {word!r}: it has no header"
            raise DataFault(fact, f"its columns are 0 to {self.width - 1}")
        raise DataFault(
            f"{self.name}: no column {word!r}{near_miss(word, self.header)}", f"it has {', '.join(self.header)}"
        )
