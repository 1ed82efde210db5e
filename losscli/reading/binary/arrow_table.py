"""A table of columns of Arrow: picked by name, joined on keys, several side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from itertools import islice
from typing import Any

import numpy as np

from losscli.reading.binary.arrow_values import (
    Gathered,
    element_type,
    holds_lists,
    holds_words,
    pyarrow_faults,
)
from losscli.reading.binary.spool import Scratch, Spool
from losscli.reading.columns import selected_columns, selector_of, unique_numbers
from losscli.reading.container import address, listed, named_like_id, near_miss, shown_name
from losscli.reading.side_by_side import exact_in, missing_in
from losscli.schema.data import Data, Elements, Store, by_index
from losscli.schema.faults import DataFault, LossError
from losscli.schema.records import record

_VALUES = 1 << 16  # of a batch
_HEAD = 64  # rows that show whether a column may tell rows apart
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
_LONGEST_METADATA = 1 << 22


@record
class Frame:
    """Columns of one length. `batches` reads some of them, about so many values at a time; `rows` may not be known.

    `stays` gives the store of a column whose elements can stay where they are.
    """

    name: str
    schema: Any
    rows: int | None
    batches: Callable[[Sequence[int], int], Iterator[Any]]
    stays: Callable[[int], Store | None]

    def columns(self, columns: Sequence[int]) -> Iterator[list[Any]]:
        """The columns of each batch. All rows that were promised must come."""
        names, rows = [self.schema.field(at).name for at in columns], 0
        for batch in self.batches(columns, _VALUES):
            rows += len(batch)
            yield [batch.column(batch.schema.get_field_index(name)) for name in names]
        if self.rows is not None and rows != self.rows:
            raise DataFault(f"{self.name}: {rows} rows, and its footer says {self.rows}", "write it anew")


@record
class ArrowTable:
    """The columns of a file. `keys` are those that rows are joined on; what was read is kept in `known`."""

    frame: Frame
    scratch: Scratch
    keys: tuple[str, ...] = ()
    known: dict[tuple[int, ...], Data] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.frame.name

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.frame.schema.names)

    def expect(self, selector: str | None) -> None:
        """Nothing: a column is read alone."""

    def pick(self, selector: str | None) -> Data:
        if selector is not None:
            columns, single = self.selected(selector)
            return self._single(columns[0]) if single else self._side_by_side(columns)
        columns, notes = self._all_columns()
        data = self._single(columns[0]) if len(columns) == 1 else self._side_by_side(columns)
        return replace(data, notes=notes)

    def find(self, word: str) -> int | None:
        """The index of the column that a word means: by name, else by index."""
        count = self.labels.count(word)
        if count > 1:
            raise DataFault(f"{self.name}: {count} columns are named {shown_name(word)}", "give each its own name")
        if count:
            return self.labels.index(word)
        return int(word) if word.isdecimal() and len(word) < 10 and int(word) < len(self.labels) else None

    def column(self, word: str) -> int:
        index = self.find(word)
        if index is None:
            fact = f"{self.name}: no column {word!r}{near_miss(word, self.labels)}"
            raise DataFault(fact, f"it has {listed(self.labels)}")
        return index

    def selected(self, selector: str) -> tuple[list[int], bool]:
        return selected_columns(self, selector)

    def cells(self, column: str) -> list[str]:
        data = self._single(self.column(column))
        if len(data.shape) != 1:
            raise DataFault(f"{data.source}: shape {data.shape}, and a column has one axis", "select it alone")
        elements = data.store.flat(0, data.size).tolist()
        if data.words:
            cells = [data.words[index] for index in elements]
        else:
            cells = [f"{number:.0f}" if number % 1 == 0 else repr(number) for number in elements]
        for row in () if data.missing is None else data.missing.rows.tolist():
            cells[row] = ""
        return cells

    def identities(self, column: int) -> Elements | list[str] | None:
        try:
            with pyarrow_faults(self.name):
                if not self._may_identify(column):  # which spares a pass
                    return None
            data = self._single(column)
        except DataFault:  # picking says so
            return None
        if data.missing is not None:
            return None
        if data.words:
            return self.cells(self.labels[column]) if len(data.words) == data.size else None
        return unique_numbers(data.store.flat(0, data.size))

    def row_place(self, row: int) -> str:
        return f"{self.name} row {row}"

    def without(self, keys: tuple[str, ...]) -> ArrowTable:
        return replace(self, keys=keys)

    def _source(self, column: int) -> str:
        return f"{self.name}::{self.labels[column]}"

    def _single(self, column: int) -> Data:
        """A column: (N,), and of lists with more axes."""
        if (column,) not in self.known:
            self.column(self.labels[column])  # which there must be one of
            source, store = self._source(column), self.frame.stays(column)
            if store is not None:
                dtype = element_type(self.frame.schema.field(column).type, source).name
                self.known[column,] = Data(source, dtype, store, by_index(source, store.shape))
                return self.known[column,]
            with pyarrow_faults(source):
                gathered = Gathered(source, self.frame.schema.field(column).type, self.scratch)
                for (array,) in self.frame.columns([column]):
                    gathered.add(array)
                self.known[column,] = gathered.data()
        return self.known[column,]

    def _side_by_side(self, columns: Sequence[int]) -> Data:
        """Columns of numbers as (N, k), in one pass."""
        if tuple(columns) not in self.known:
            with pyarrow_faults(self.name):
                self.known[tuple(columns)] = self._together(columns)
        return self.known[tuple(columns)]

    def _together(self, columns: Sequence[int]) -> Data:
        fields = [self.frame.schema.field(at) for at in columns]
        gathered = []
        for at, about in zip(columns, fields, strict=True):
            self.column(about.name)
            if holds_words(about.type) or holds_lists(about.type):
                what = "words" if holds_words(about.type) else "lists"
                raise DataFault(f"{self._source(at)}: a column of {what}", self._numbers_only() or "select it alone")
            gathered.append(Gathered(self._source(at), about.type, self.scratch))
        dtype = np.result_type(
            *(element_type(about.type, self._source(at)) for at, about in zip(columns, fields, strict=True))
        )
        spool, rows = Spool(self.name, dtype, self.scratch), 0
        distinct = list(dict.fromkeys(columns))
        for arrays in self.frame.columns(distinct):
            by_column = dict(zip(distinct, arrays, strict=True))
            runs = [
                exact_in(dtype, one.elements(by_column[at]), one.name, rows)
                for at, one in zip(columns, gathered, strict=True)
            ]
            spool.add(np.stack(runs, axis=1))
            rows += len(arrays[0])
        sources = [one.name for one in gathered]
        return Data(
            source=self.name,
            dtype=dtype.name,
            store=spool.store((rows, len(columns))),
            place=lambda flat: f"{sources[flat % len(sources)]}[{flat // len(sources)}]",
            names=tuple(about.name for about in fields),
            missing=missing_in([one.missing for one in gathered]),
        )

    def _all_columns(self) -> tuple[list[int], tuple[str, ...]]:
        """The columns of the whole file that are data, and a note about one that only tells rows apart."""
        kept = [at for at, label in enumerate(self.labels) if label not in self.keys]
        left_out = [at for at in kept if self._tells_rows_apart(at, kept)]
        if len(left_out) < len(kept):
            kept = [at for at in kept if at not in left_out]
        if not kept:
            raise DataFault(f"{self.name}: no column but the key {', '.join(self.keys)}")
        shown = (shown_name(self.labels[at]) for at in left_out)
        return kept, tuple(f"{self.name}: column {name} looks like a row id, left out" for name in shown)

    def _tells_rows_apart(self, column: int, kept: Sequence[int]) -> bool:
        label = self.labels[column]
        if len(kept) < 2:
            return False
        if _PANDAS_INDEX.fullmatch(label) or label in self._index_of_pandas():
            return True
        return column == kept[0] and named_like_id(label) and isinstance(self.identities(column), np.ndarray)

    def _index_of_pandas(self) -> list[str]:
        """The columns that pandas says it wrote its index to."""
        metadata = (self.frame.schema.metadata or {}).get(b"pandas", b"")
        try:
            about = json.loads(metadata) if 0 < len(metadata) < _LONGEST_METADATA else {}
            return [name for name in about.get("index_columns", ()) if isinstance(name, str)]
        except (ValueError, RecursionError, AttributeError, TypeError):
            return []

    def _may_identify(self, column: int) -> bool:
        """Whether the first elements are whole numbers, or words, and none occurs twice."""
        kind = self.frame.schema.field(column).type
        if holds_lists(kind):
            return False
        words = holds_words(kind)
        if not words and element_type(kind, self._source(column)).kind not in "iuf":
            return False
        batches = self.frame.batches([column], _HEAD)
        head = [cell for batch in islice(batches, 1) for cell in batch.column(0)[:_HEAD].to_pylist()]
        if None in head or len(set(head)) < len(head):
            return False
        return words or all(cell % 1 == 0 for cell in head)

    def _numbers_only(self) -> str:
        """How to select the columns of numbers."""
        kinds = [self.frame.schema.field(at).type for at in range(min(len(self.labels), 100))]
        others = []
        for at, kind in enumerate(kinds):
            try:
                element_type(kind, "")
            except LossError:
                continue
            if not (holds_words(kind) or holds_lists(kind) or self._tells_rows_apart(at, range(len(kinds)))):
                others.append(at)
        return f"select columns: {address(self.name, selector_of(self.labels, others))}" if others else ""


@record
class Splits:
    """The splits of a DatasetDict, each a table; a selector begins with the name of one."""

    name: str
    splits: tuple[str, ...]
    table: Callable[[str], ArrowTable]
    opened: dict[str, ArrowTable] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{split}.{label}" for split in self.splits for label in self._table(split).labels)

    def expect(self, selector: str | None) -> None:
        """Nothing: a column is read alone."""

    def pick(self, selector: str | None) -> Data:
        if selector is None:
            if len(self.splits) == 1:
                return self._table(self.splits[0]).pick(None)
            choice = address(self.name, f"{self.splits[-1]}.{self._table(self.splits[-1]).labels[0]}")
            cure = f"select from one, such as {choice}, or name its folder: {self.name}/{self.splits[-1]}"
            raise DataFault(f"{self.name}: {len(self.splits)} splits ({listed(self.splits)})", cure)
        begun = [split for split in self.splits if selector == split or selector.startswith(f"{split}.")]
        if not begun:
            fact = f"{self.name}: no split begins {selector!r}{near_miss(selector.partition('.')[0], self.splits)}"
            raise DataFault(fact, f"write SPLIT.COLUMN; its splits are {listed(self.splits)}")
        split = max(begun, key=len)
        return self._table(split).pick(selector[len(split) + 1 :] or None)

    def _table(self, split: str) -> ArrowTable:
        if split not in self.opened:
            self.opened[split] = self.table(split)
        return self.opened[split]
