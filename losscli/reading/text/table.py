"""A table read from text: its columns, by name or index, to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from losscli.reading.columns import selected_columns, selector_of, unique_numbers
from losscli.reading.container import address, listed, named_like_id, near_miss, shown_name
from losscli.reading.text.column import ARRAYS, WORDS, Column
from losscli.reading.text.numbers import Misread, is_index, misread_cell, to_numbers
from losscli.reading.text.table_pass import Block, Layout, Passes
from losscli.schema.data import Data, Elements, Missing, Store, flags
from losscli.schema.faults import DataFault, LossError
from losscli.schema.number_text import is_number
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.schema.text import plural


@record
class Table:
    """Rows of equal length, read when a column of them is needed. `keys` are columns that rows are joined on."""

    layout: Layout
    passes: Passes
    keys: tuple[str, ...] = ()
    keep_text: bool = False

    @property
    def name(self) -> str:
        return self.layout.name

    @property
    def header(self) -> tuple[str, ...]:
        return self.layout.header

    @property
    def labels(self) -> tuple[str, ...]:
        return self.layout.header

    @property
    def notes(self) -> tuple[str, ...]:
        counts = ((self.passes.skipped.comments, "comment line"), (self.passes.skipped.blanks, "blank line"))
        return tuple(f"{plural(n, what)} skipped in {self.name}" for n, what in counts if n)

    def expect(self, selector: str | None) -> None:
        try:
            columns = list(range(self.layout.width)) if selector is None else self.selected(selector)[0]
        except LossError:  # picking says so
            return
        self.passes.want(columns, as_text=self.keep_text)

    def pick(self, selector: str | None) -> Data:
        self.expect(selector)
        if selector is None:
            columns, notes = self._all_columns()
            return replace(self.columns(columns, single=len(columns) == 1), notes=notes)
        return self.columns(*self.selected(selector))

    def columns(self, columns: Sequence[int], single: bool) -> Data:
        """The columns as an array: (N,) of a single one, else (N, k)."""
        block, rows = self.passes.block(columns), self.passes.rows
        if not rows:
            raise DataFault(
                f"{self.name}: a header and no rows", f"write rows below it, or give {spelled('header', False)}"
            )
        chosen = self.passes.columns(columns)
        self._refuse(chosen, single)
        arrays = single and chosen[0].kind == ARRAYS
        store = chosen[0].array_store(rows) if arrays else _store(block, chosen, single)
        words = tuple(chosen[0].words) if single and chosen[0].kind == WORDS else ()
        below = len(columns) * (prod(store.shape[1:]) if single else 1)
        texts = [self.passes.texts(index) for index in columns] if self.keep_text and not arrays else []
        return Data(
            source=self.name,
            dtype="str" if words else "float64",
            store=store,
            place=lambda flat: self._place(flat // below, columns[flat % len(columns)]),
            names=tuple(self.header[column] for column in columns) if self.header and not single else (),
            words=words,
            text=(lambda flat: texts[flat % len(texts)][flat // len(texts)]) if texts else None,
            decimal=not words,
            missing=_missing(chosen),
        )

    def cells(self, column: str) -> list[str]:
        """The cells of one column; as written where rows are joined on it."""
        index = self.column(column)
        known = self.passes.column(index)
        if known.texts is None and known.kind == WORDS:
            words = [*known.words, ""]
            return [words[code] for code in self._codes(known)]
        if known.texts is None and known.fault is None and not known.missing:
            numbers = _store(self.passes.block([index]), [known], single=True).flat(0, self.passes.rows)
            return [f"{number:.0f}" for number in numbers.tolist()]
        texts = self.passes.texts(index)
        return [texts[row] for row in range(len(texts))]

    def identities(self, column: int) -> Elements | list[str] | None:
        """The cells of a column of whole numbers, or else of words, that has none of them twice; None of any other."""
        if not self._may_identify(column):  # which spares a pass
            return None
        known = self.passes.column(column)
        if known.fault is not None or known.missing or known.kind == ARRAYS:
            return None
        if known.kind == WORDS:
            return list(known.words) if len(known.words) == self.passes.rows else None
        return unique_numbers(_store(self.passes.block([column]), [known], single=True).flat(0, self.passes.rows))

    def _may_identify(self, column: int) -> bool:
        """Whether the first cells are whole numbers, or words, and none occurs twice."""
        cells = [row[column] for row in self.layout.head]
        if len(set(cells)) < len(cells) or "" in cells:
            return False
        try:
            return bool(np.all(to_numbers(cells) % 1 == 0))
        except Misread:
            return not all(map(is_number, cells))

    def _codes(self, column: Column) -> list[int]:
        store = _store(self.passes.block([column.index]), [column], single=True)
        codes = store.flat(0, self.passes.rows).copy()
        codes[column.missing_rows] = -1
        return [*codes.tolist()]

    def _place(self, row: int, column: int) -> str:
        return self.layout.place(self.passes.lines.of(row), column)

    def _refuse(self, columns: Sequence[Column], single: bool) -> None:
        """Of several cells that are no numbers, the fault names the one that comes first."""
        faults = [(*column.fault, column.index) for column in columns if column.fault is not None]
        for column in columns:
            if not single and column.kind in (WORDS, ARRAYS) and column.fault is None:
                cell, line, row = column.first
                if column.kind == WORDS and flags(list(column.words)) is not None:
                    continue
                fact, cure = (
                    misread_cell(cell) if column.kind == WORDS else (f"{cell!r} is an array", "select it alone")
                )
                faults.append(
                    (row, DataFault(f"{self.layout.place(line, column.index)}: {fact}", cure), not cure, column.index)
                )
        if faults:
            _, fault, cureless, at = min(faults, key=lambda found: (found[0], found[3]))
            raise DataFault(fault.fact, self._other_columns(at)) if cureless else fault

    def _other_columns(self, column: int) -> str:
        """How to select the columns of numbers, beside one of words."""
        others = [
            index
            for index in range(self.layout.width)
            if index != column and is_number(self.layout.head[0][index]) and not self._tells_rows_apart(index)
        ]
        if not others or column not in (0, self.layout.width - 1):
            return ""
        return f"select columns: {address(self.name, selector_of(self.header, others))}"

    def _tells_rows_apart(self, column: int) -> bool:
        """Whether a column is named like an id and is not the only one."""
        return column == 0 and self.layout.width > 1 and bool(self.header) and named_like_id(self.header[0])

    def _all_columns(self) -> tuple[list[int], tuple[str, ...]]:
        """The columns of the whole file that are data, and a note about one that is none."""
        keys = [self.find(key) for key in self.keys]
        kept = [column for column in range(self.layout.width) if column not in keys]
        notes: tuple[str, ...] = ()
        named = len(kept) > 1 and self._tells_rows_apart(kept[0])
        if named and isinstance(self.identities(0), np.ndarray):  # unique whole numbers, which only tell rows apart
            kept, notes = kept[1:], (f"{self.name}: column {shown_name(self.header[0])} looks like a row id, left out",)
        if any(self.header[column] == "" for column in kept if self.header):
            raise DataFault(
                f"{self.name} line 1: column {self.header.index('')} has no name, as where pandas writes its index",
                f"select columns: {address(self.name, selector_of(self.header, [self.layout.width - 1]))}",
            )
        if not kept:
            raise DataFault(f"{self.name}: no column but the key {', '.join(self.keys)}")
        return kept, notes

    def selected(self, selector: str) -> tuple[list[int], bool]:
        return selected_columns(self, selector)

    def row_place(self, row: int) -> str:
        return f"{self.name} line {self.passes.lines.of(row)}"

    def without(self, keys: tuple[str, ...]) -> Table:
        return replace(self, keys=keys)

    def find(self, word: str) -> int | None:
        """The index of the column that a word means: by name, else by index."""
        word = word.strip()
        if self.header.count(word) > 1:
            raise DataFault(f"{self.name}: two columns are named {shown_name(word)}", "select by index, counted from 0")
        if word in self.header:
            return self.header.index(word)
        return int(word) if is_index(word) and int(word) < self.layout.width else None

    def column(self, word: str) -> int:
        """The index of the column that a word means, which must be there."""
        index = self.find(word)
        if index is not None:
            return index
        if not self.header:
            fact = f"{self.name}: no column {word!r}: it has no header"
            raise DataFault(fact, f"its columns are 0 to {self.layout.width - 1}")
        raise DataFault(
            f"{self.name}: no column {word!r}{near_miss(word, self.header)}", f"it has {listed(self.header)}"
        )


@record
class ColumnStore:
    """Columns of a block. `values` are the elements that the indices of words mean, of each column that has any."""

    block: Store
    at: tuple[int, ...]
    single: bool
    dtype: np.dtype[Any]
    values: tuple[Elements | None, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        rows = self.block.shape[0]
        return (rows,) if self.single else (rows, len(self.at))

    def flat(self, start: int, stop: int) -> Elements:
        width, every = len(self.at), self.block.shape[1]
        stop = min(stop, self.block.shape[0] * width)
        first, last = start // width, -(-stop // width)
        rows = self.block.flat(first * every, last * every).reshape(-1, every)
        if self.at != tuple(range(every)) or any(values is not None for values in self.values):
            rows = rows[:, list(self.at)]  # a copy, for what the block holds must stay as it is
        for column, values in enumerate(self.values):
            if values is not None:
                rows[:, column] = values[rows[:, column].astype(np.intp)]
        run = np.ascontiguousarray(rows).reshape(-1)[start - first * width : stop - first * width]
        return run.astype(self.dtype, copy=False)


def _store(block: Block, columns: Sequence[Column], single: bool) -> Store:
    at = tuple(block.at[column.index] for column in columns)
    words = single and columns[0].kind == WORDS
    values: list[Elements | None] = []
    for column in columns:
        truths = flags(list(column.words)) if column.kind == WORDS and not words else None
        values.append(None if truths is None else np.array(truths, np.float64))
    return ColumnStore(block.store, at, single, np.dtype(np.int64 if words else np.float64), tuple(values))


def _missing(columns: Sequence[Column]) -> Missing | None:
    """The rows in which a column has no value."""
    lacking = [column for column in columns if column.lacking is not None]
    if not lacking:
        return None
    first = min(lacking, key=lambda column: int(column.missing_rows[0]))
    assert first.lacking is not None
    return Missing(np.unique(np.concatenate([column.missing_rows for column in lacking])), first.lacking)
