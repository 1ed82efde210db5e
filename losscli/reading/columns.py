"""Columns by name, whatever the format: of a text table, of the arrays of an .npz file or of a mapping in JSON.

Ranges, lists, `ROLE_0 … ROLE_k`, words as labels, id columns and --key work with what is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any, Protocol, runtime_checkable

import numpy as np

from losscli.reading.container import Container, label_of, listed, named_like_id, near_miss
from losscli.schema.data import Data, Elements, Missing, Store
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_EXACT = 2**53  # up to which float64 holds every whole number


@runtime_checkable
class Columns(Container, Protocol):
    """A container whose arrays are columns: they have rows in common."""

    def find(self, word: str) -> int | None:
        """The index of the column that a word means."""
        ...

    def column(self, word: str) -> int:
        """As `find`, with a DataFault where there is no such column."""
        ...

    def selected(self, selector: str) -> tuple[list[int], bool]:
        """The columns of a selector, and whether it names just one."""
        ...

    def cells(self, column: str) -> list[str]:
        """The cells of one column as text, to be compared with those of other files."""
        ...

    def identities(self, column: int) -> Elements | list[str] | None:
        """The cells of a column of whole numbers, or of words, that has none of them twice; None of any other."""
        ...

    def row_place(self, row: int) -> str:
        """What an error calls a row."""
        ...

    def without(self, keys: tuple[str, ...]) -> Columns:
        """This source without its key columns, which are no data."""
        ...


def selected_columns(columns: Columns, selector: str) -> tuple[list[int], bool]:
    """The columns of `a`, `a,b` or `a:c`, and whether it names just one; a column's name may hold these marks."""
    if selector in columns.labels:
        return [columns.column(selector)], True
    indices: list[int] = []
    parts = selector.split(",")
    for part in parts:
        first, colon, last = part.partition(":")
        if colon and part not in columns.labels:
            start, end = columns.column(first), columns.column(last)
            if end < start:
                raise DataFault(f"{columns.name}: the range {part} runs backwards", f"write {last}:{first}")
            indices += range(start, end + 1)
        else:
            indices.append(columns.column(part))
    return indices, len(parts) == 1 and ":" not in selector


def selects_columns(selector: str, labels: Sequence[str]) -> bool:
    """Whether a selector is a list or range of columns, and no path that begins with the name of one."""
    names = re.split("[,:]", selector)
    return len(names) > 1 and (names[0] in labels or selector.split(".")[0] not in labels)


def selector_of(labels: Sequence[str], columns: Sequence[int]) -> str:
    """The selector of columns, as a user would write it; one whose name does not tell it apart goes by its index."""
    words = [name if (name := "".join(labels[at : at + 1])) and labels.count(name) == 1 else str(at) for at in columns]
    run = list(columns) == list(range(columns[0], columns[-1] + 1))
    return f"{words[0]}:{words[-1]}" if run and len(words) > 1 else ",".join(words)


def unique_numbers(numbers: Elements) -> Elements | None:
    """The numbers, if they are whole and none occurs twice."""
    if not np.all(np.floor(numbers[:1000]) == numbers[:1000]) or not np.all(np.floor(numbers) == numbers):
        return None
    rising = bool(np.all(numbers[:-1] < numbers[1:]))
    return numbers if rising or len(np.unique(numbers)) == len(numbers) else None


@record
class Interleaved:
    """Stores of one axis side by side: (N, k)."""

    columns: tuple[Store, ...]
    dtype: np.dtype[Any]
    names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.columns[0].shape, len(self.columns))

    def flat(self, start: int, stop: int) -> Elements:
        width = len(self.columns)
        stop = min(stop, prod(self.shape))
        first, last = start // width, -(-stop // width)
        rows = np.empty((max(0, last - first), width), self.dtype)
        for at, column in enumerate(self.columns):
            rows[:, at] = exact_in(self.dtype, column.flat(first, last), self.names[at], first)
        return rows.reshape(-1)[start - first * width : max(start, stop) - first * width]


def side_by_side(columns: Sequence[Data], source: str, names: Sequence[str]) -> Data:
    """Columns of numbers, of one length, as (N, k)."""
    stores = tuple(data.store for data in columns)
    dtype = np.result_type(*(store.flat(0, 1).dtype for store in stores))
    dtypes = {data.dtype for data in columns}
    return Data(
        source=source,
        dtype=dtypes.pop() if len(dtypes) == 1 else dtype.name,
        store=Interleaved(stores, dtype, tuple(data.source for data in columns)),
        place=lambda flat: columns[flat % len(columns)].place(flat // len(columns)),
        names=tuple(names),
        missing=missing_in([data.missing for data in columns]),
    )


def missing_in(each: Sequence[Missing | None]) -> Missing | None:
    """The rows in which one of several columns has no value."""
    lacking = [missing for missing in each if missing is not None]
    if not lacking:
        return None
    first = min(lacking, key=lambda missing: int(missing.rows[0]))
    return Missing(np.unique(np.concatenate([missing.rows for missing in lacking])), first.fault)


def exact_in(dtype: np.dtype[Any], values: Elements, name: str, before: int) -> Elements:
    """The elements in a wider type; a DataFault for a whole number that it does not hold."""
    if values.dtype.kind in "iu" and dtype.kind == "f" and values.dtype.itemsize > 4:
        for at in np.flatnonzero((values > _EXACT) | (values.astype(np.float64) < -_EXACT)).tolist():
            if int(float(values[at])) != int(values[at]):
                fact = f"{name}[{before + at}]: the integer {values[at]} is not exact in {dtype.name}"
                raise DataFault(fact, "select it alone")
    wider: Elements = values.astype(dtype, copy=False)
    return wider


@record
class Arrays:
    """The arrays of one file by name. `load` reads one when it is needed; those of one axis are columns.

    `ending` is what a selector may have behind a name; with `paths`, `load` follows paths that begin with one.
    `texts` gives the cells of a column as they are written, where the format is a text.
    """

    name: str
    labels: tuple[str, ...]
    load: Callable[[str], Data]
    ending: str = ""
    paths: bool = False
    texts: Callable[[str], list[str]] | None = None
    notes: tuple[str, ...] = ()

    def expect(self, selector: str | None) -> None:
        """Nothing: each array is read alone."""

    def pick(self, selector: str | None) -> Data:
        if selector is not None and selector not in self.labels:
            selector = selector.removesuffix(self.ending)
        if selector is not None and selector not in self.labels:
            if selects_columns(selector, self.labels):
                return self._stacked([self.labels[index] for index in self.selected(selector)[0]])
            if self.paths:
                return self.load(selector)
        return self.load(label_of(self.name, self.labels, selector))

    def find(self, word: str) -> int | None:
        return self.labels.index(word) if word in self.labels else None

    def column(self, word: str) -> int:
        index = self.find(word)
        if index is None:
            fact = f"{self.name}: no array {word!r}{near_miss(word, self.labels)}"
            raise DataFault(fact, f"it has {listed(self.labels)}")
        return index

    def selected(self, selector: str) -> tuple[list[int], bool]:
        if selector not in self.labels:
            selector = selector.removesuffix(self.ending)
        if self.paths and selector not in self.labels and not selects_columns(selector, self.labels):
            selector = max(
                (label for label in self.labels if selector.startswith(f"{label}.")), key=len, default=selector
            )
        return selected_columns(self, selector)

    def cells(self, column: str) -> list[str]:
        label = self.labels[self.column(column)]
        if self.texts:
            return self.texts(label)
        data = self._one_axis(label)
        elements = data.store.flat(0, data.size).tolist()
        if data.words:
            return [data.words[index] for index in elements]
        return [f"{element:.0f}" if element % 1 == 0 else repr(element) for element in elements]

    def identities(self, column: int) -> Elements | list[str] | None:
        if not named_like_id(self.labels[column]):  # others are not read for this
            return None
        try:
            data = self.load(self.labels[column])
        except DataFault:  # picking says so
            return None
        if len(data.shape) != 1:
            return None
        elements = data.store.flat(0, data.size)
        if data.words:
            return self.cells(self.labels[column]) if len(data.words) == data.size else None
        return unique_numbers(elements)

    def row_place(self, row: int) -> str:
        return f"{self.name} row {row}"

    def without(self, keys: tuple[str, ...]) -> Arrays:
        return replace(self, labels=tuple(label for label in self.labels if label not in keys))

    def _one_axis(self, label: str) -> Data:
        data = self.load(label)
        if len(data.shape) != 1:
            raise DataFault(f"{data.source}: shape {data.shape}, and a column has one axis", "select it alone")
        return data

    def _stacked(self, labels: Sequence[str]) -> Data:
        """Columns side by side, as (N, k)."""
        columns = [self._one_axis(label) for label in labels]
        first = columns[0]
        for data in columns:
            if data.size != first.size:
                fact = f"{first.source} has {first.size} elements, {data.source} has {data.size}"
                raise DataFault(fact, "select columns of one length")
            if data.words:
                raise DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "select a column of words alone")
        texts = [data.text for data in columns if data.text]
        return replace(
            side_by_side(columns, self.name, labels),
            text=(lambda flat: texts[flat % len(columns)](flat // len(columns)))
            if len(texts) == len(columns)
            else None,
            decimal=all(data.decimal for data in columns),
        )
