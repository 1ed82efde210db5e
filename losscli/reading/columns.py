"""Columns by name, whatever the format: of a text table, of the arrays of an .npz file or of a mapping in JSON.

Ranges, lists, patterns, `ROLE_0 … ROLE_k`, words as labels, id columns and --key work with what is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Protocol, runtime_checkable

import numpy as np

from losscli.reading.container import Container, label_of, listed, named_like_id, near_miss, shown_name
from losscli.reading.side_by_side import side_by_side
from losscli.schema.data import Data, Elements, numbered
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_ROW_KEY = re.compile(r"\[[^\[\]=]+=[^\]]*\]")  # `[epoch=3]`


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
    """The columns of `a`, `a,b`, `a:c` or `a_*`, and whether it names just one; a name may hold these marks."""
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
        elif _is_pattern(part) and part not in columns.labels:
            indices += _matched(columns, part)
        else:
            indices.append(columns.column(part))
    return indices, len(parts) == 1 and ":" not in selector and not _is_pattern(selector)


def _is_pattern(part: str) -> bool:
    return "*" in part or "?" in part


def _matched(columns: Columns, pattern: str) -> list[int]:
    """The columns of a pattern, in the order of the file; those that only a number at their end tells apart, by it."""
    labels = columns.labels
    found = [at for at, label in enumerate(labels) if fnmatchcase(label, pattern.replace("[", "[[]"))]
    if not found:
        near = near_miss(pattern.replace("*", "").replace("?", ""), labels)
        raise DataFault(f"{columns.name}: no column matches {pattern!r}{near}", f"it has {listed(labels)}")
    split = [numbered(labels[at]) for at in found]
    numbers = [number for _, number in split if number is not None]
    if len({stem for stem, _ in split}) == 1 and len(set(numbers)) == len(found):
        return [at for _, at in sorted(zip(numbers, found, strict=True))]
    return found


def selects_columns(selector: str, labels: Sequence[str]) -> bool:
    """Whether a selector is a list, range or pattern of columns, and no path that begins with the name of one."""
    selector = _ROW_KEY.sub("", selector)
    names = re.split("[,:]", selector)
    several = len(names) > 1 or _is_pattern(selector)
    return several and (names[0] in labels or selector.split(".")[0] not in labels)


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
class Arrays:
    """The arrays of one file by name. `load` reads one when it is needed; those of one axis are columns.

    `ending` is what a selector may have behind a name; with `paths`, `load` follows paths that begin with one.
    `texts` gives the cells of a column as they are written, where the format is a text. Of `records` all columns of
    numbers are one array. `ready` is told which arrays will be loaded, by an empty list that all will be. `meaning` is
    the name that another word stands for, None if it stands for none. `line` is the line of a row, where each has one.
    Of a `log`, which several files make up, not every file has every array.
    """

    name: str
    labels: tuple[str, ...]
    load: Callable[[str], Data]
    ending: str = ""
    paths: bool = False
    texts: Callable[[str], list[str]] | None = None
    notes: tuple[str, ...] = ()
    records: bool = False
    ready: Callable[[Sequence[str]], None] | None = None
    meaning: Callable[[str], str | None] | None = None
    line: Callable[[int], int] | None = None
    log: bool = False

    def expect(self, selector: str | None) -> None:
        if self.ready is None or selector is None:
            return
        if selector not in self.labels and selects_columns(selector, self.labels):
            try:
                self.ready([self.labels[index] for index in self.selected(selector)[0]])
            except DataFault:  # picking says so
                return
        else:
            self.ready([selector])

    def pick(self, selector: str | None) -> Data:
        if selector is None and self.records and len(self.labels) > 1:
            return self._whole()
        if selector is not None and selector not in self.labels:
            selector = self._named(selector)
        if selector is not None and selector not in self.labels:
            if selects_columns(selector, self.labels):
                return self._stacked([self.labels[index] for index in self.selected(selector)[0]])
            if self.paths:
                return self.load(selector)
        return self.load(label_of(self.name, self.labels, selector))

    def _named(self, word: str) -> str:
        """The label that a word means, or the word."""
        return (self.meaning(word) if self.meaning else None) or word.removesuffix(self.ending)

    def find(self, word: str) -> int | None:
        return self.labels.index(word) if word in self.labels else None

    def column(self, word: str) -> int:
        index = self.find(word if word in self.labels else self._named(word))
        if index is None:
            fact = f"{self.name}: no array {word!r}{near_miss(word, self.labels)}"
            raise DataFault(fact, f"it has {listed(self.labels)}")
        return index

    def selected(self, selector: str) -> tuple[list[int], bool]:
        if selector not in self.labels:
            selector = self._named(selector)
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
        if len(data.shape) != 1 or data.missing is not None:
            return None
        elements = data.store.flat(0, data.size)
        if data.words:
            return self.cells(self.labels[column]) if len(data.words) == data.size else None
        return unique_numbers(elements)

    def row_place(self, row: int) -> str:
        return f"{self.name} row {row}" if self.line is None else f"{self.name} line {self.line(row)}"

    def without(self, keys: tuple[str, ...]) -> Arrays:
        return replace(self, labels=tuple(label for label in self.labels if label not in keys))

    def _one_axis(self, label: str) -> Data:
        data = self.load(label)
        if len(data.shape) != 1:
            raise DataFault(f"{data.source}: shape {data.shape}, and a column has one axis", "select it alone")
        return data

    def _whole(self) -> Data:
        """The columns of all records, but for a first one of unique whole numbers that is named like an id."""
        labels, notes = self.labels, tuple[str, ...]()
        if self.ready is not None:
            self.ready(())
        if isinstance(self.identities(0), np.ndarray):
            notes = (f"{self.name}: {shown_name(labels[0])} looks like a row id, left out",)
            labels = labels[1:]
        columns = [self.load(label) for label in labels]
        if any(data.words or len(data.shape) != 1 for data in columns):
            label_of(self.name, self.labels, None)  # which says how to select
        return replace(self._side_by_side(labels, columns), notes=notes)

    def _stacked(self, labels: Sequence[str]) -> Data:
        if self.ready is not None:
            self.ready(labels)
        return self._side_by_side(labels, [self._one_axis(label) for label in labels])

    def _side_by_side(self, labels: Sequence[str], columns: Sequence[Data]) -> Data:
        """Columns as (N, k)."""
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
