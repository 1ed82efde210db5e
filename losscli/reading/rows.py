"""One row of an array: by its index, by a key in another column, or because no other has a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from losscli.reading.columns import Arrays, Columns
from losscli.reading.container import Container, address, listed, near_miss
from losscli.reading.shards import Shards
from losscli.schema.data import Data, Held, Missing
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_number
from losscli.schema.records import record
from losscli.schema.text import plural

_INDEX = re.compile(r"(.+)\.(-?[0-9]{1,9})", re.DOTALL)
_KEY = re.compile(r"(.*)\[([^\[\]=]+)=(.*)\]", re.DOTALL)
_NAMED = 3  # rows that an error names


@record
class Mark:
    """What a selector has behind a column: `.INDEX`, or `[KEY=VALUE]`."""

    base: str
    index: int = 0
    key: str = ""
    value: str = ""


@record
class Row:
    """One row of a container, which is an array of its own."""

    container: Container
    mark: Mark
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.container.name

    def expect(self, selector: str | None) -> None:
        """Nothing: the container knows it."""

    def pick(self, selector: str | None) -> Data:
        if selector is not None:
            raise DataFault(f"{self.name}: one row, {selector!r} cannot be picked from it", "leave the selector out")
        mark = self.mark
        if not mark.key:
            return at_index(self.container.pick(mark.base), mark.index, address(self.name, mark.base))
        tables = _tables(self.container)
        cells = [cell for table in tables for cell in table.cells(mark.key)]
        data = self.container.pick(mark.base) if mark.base else tables[0].without((mark.key,)).pick(None)
        return by_key(data, cells, mark, self.name)


def marked(selector: str) -> Mark | None:
    """The mark of a row that a selector ends in, None if it has none."""
    if match := _INDEX.fullmatch(selector):
        return Mark(match[1], int(match[2]))
    if match := _KEY.fullmatch(selector):
        return Mark(match[1], key=match[2].strip(), value=match[3].strip())
    return None


def row_of(container: Container, selector: str) -> Row | None:
    """The row that a selector means; None if it means columns, or is a path that its container follows itself."""
    mark = marked(selector)
    if mark is None or selector in container.labels:
        return None
    tables = _tables(container)
    if not tables or (isinstance(tables[0], Arrays) and tables[0].paths) or _selects(tables[0], selector):
        return None
    if not mark.key and mark.index >= 0 and not _selects(tables[0], mark.base):
        return None  # the error for the whole has the nearer names: `p.2` where there are p.0 and p.1
    if not mark.base and len(tables) > 1:
        return None
    for column in filter(None, (mark.base, mark.key)):
        container.expect(column)
    return Row(container, mark)


def _tables(container: Container) -> Sequence[Columns]:
    parts = container.parts if isinstance(container, Shards) else (container,)
    tables = [part for part in parts if isinstance(part, Columns)]
    return tables if len(tables) == len(parts) else []


def _selects(table: Columns, selector: str) -> bool:
    try:
        table.selected(selector)
    except DataFault:
        return False
    return True


def at_index(data: Data, index: int, source: str) -> Data:
    """The row of an index; one from the end counts the rows that have a value."""
    if not data.shape:
        raise DataFault(f"{source}: a single number, which has no rows", "leave the index out")
    filled = filled_rows(data)
    rows = filled if index < 0 else np.arange(data.shape[0])
    if not -len(rows) <= index < len(rows):
        if index < 0 and not len(rows) and data.missing is not None:
            raise data.missing.fault
        what = "rows with a value" if len(rows) < data.shape[0] else "rows"
        raise DataFault(f"{source}: no row {index}", f"it has {len(rows)} {what}, counted from 0 or from the end, -1")
    return one_row(data, int(rows[index]))


def by_key(data: Data, cells: Sequence[str], mark: Mark, name: str) -> Data:
    """The row whose key is a value. Of several the one that has a value, if it is alone."""
    if data.shape[:1] != (len(cells),):
        fact = f"{name}: {plural(len(cells), 'key')} in {mark.key}, and {mark.base} has shape {data.shape}"
        raise DataFault(fact, "choose a column with as many rows")
    return one_row(data, keyed_row(cells, filled_rows(data).tolist(), mark, name))


def keyed_row(cells: Sequence[str], filled: Sequence[int], mark: Mark, name: str) -> int:
    """The row whose cell is the mark's value, of those that are filled."""
    value = mark.value
    number = float(value) if is_number(value) else None
    rows = [
        row
        for row, cell in enumerate(cells)
        if cell == value or (number is not None and is_number(cell) and float(cell) == number)
    ]
    if not rows:
        raise DataFault(f"{name}: no row with {mark.key} = {value!r}{_nearest(value, number, cells)}", _known(cells))
    if len(rows) > 1:
        having = set(filled)
        rows = [row for row in rows if row in having] or rows
    if len(rows) > 1:
        some = ", ".join(map(str, rows[:_NAMED])) + (f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else "")
        cure = f"select one by its index: {address(name, f'{mark.base}.{rows[0]}')}" if mark.base else "keep one row"
        raise DataFault(f"{name}: {len(rows)} rows with {mark.key} = {value!r}: {some}", cure)
    return rows[0]


def _nearest(value: str, number: float | None, cells: Sequence[str]) -> str:
    if number is None:
        return near_miss(value, dict.fromkeys(cells))
    numbers = {float(cell): cell for cell in cells if is_number(cell)}
    close = sorted(numbers, key=lambda other: abs(other - number))[:2]
    return f", the nearest: {' and '.join(numbers[other] for other in sorted(close))}" if close else ""


def _known(cells: Sequence[str]) -> str:
    return f"its values are {listed(dict.fromkeys(cells))}"


def filled_rows(data: Data) -> NDArray[np.intp]:
    """The rows that lack nothing."""
    every = np.arange(data.shape[0])
    return every if data.missing is None else np.delete(every, data.missing.rows)


def one_row(data: Data, row: int) -> Data:
    """A row as an array of one axis less."""
    below = prod(data.shape[1:])
    start, text, missing = row * below, data.text, data.missing
    if missing is not None:
        lacks = row in missing.rows
        fault = missing.fault
        if lacks and row != missing.rows[0]:
            fault = DataFault(f"{data.place(start)}: no value", fault.cure)
        missing = Missing(np.zeros(1, np.intp), fault) if lacks else None
    return replace(
        data,
        store=Held(data.store.flat(start, start + below).reshape(data.shape[1:])),
        place=lambda flat: data.place(start + flat),
        text=(lambda flat: text(start + flat)) if text else None,
        missing=missing,
        as_stored=None,
    )


def only_filled(data: Data, source: str) -> Data:
    """The array for which one number is asked: of a column with empty cells the only one that has a value."""
    if data.missing is None or len(data.shape) != 1:
        return data
    rows = filled_rows(data)
    if len(rows) == 1:
        return one_row(data, int(rows[0]))
    if not len(rows):
        raise data.missing.fault
    fact = f"{source}: {len(rows)} of {plural(data.size, 'row')} have a value, and one number is asked for"
    raise DataFault(fact, f"the last of them is {quote(f'{source}.-1')}")
