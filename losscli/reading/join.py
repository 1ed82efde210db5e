"""Joining files on a key column: rows belong together by name, not by position."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import prod

import numpy as np

from losscli.reading.columns import Columns
from losscli.reading.container import Container
from losscli.reading.opener import Opened
from losscli.reading.shards import Shards
from losscli.schema.data import Data, Elements, Held
from losscli.schema.faults import DataFault, LossError
from losscli.schema.records import record
from losscli.schema.settings import spelled

NAMELESS = "id"  # what a key column without a name is called in results


@record
class Keys:
    """The key of each row of a source, none of them twice, and where the rows stand."""

    rows: dict[str, int]
    places: Sequence[str]


@record
class Rows:
    """How the rows of several sources belong together.

    `keys` are the columns of each file, by its name, that only tell rows apart; `orders` give the row of each source,
    by its label, that belongs to each row of the first; `notes` and `warnings` say how. `words` are the values of the
    column `joined_on` in the rows of the first source.
    """

    keys: Mapping[str, tuple[str, ...]]
    orders: Mapping[str, Callable[[], list[int]]]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    joined_on: str = ""
    words: Callable[[], Sequence[str]] = tuple


def rows_by_key(
    sources: Mapping[str, Opened], must_join: Collection[str], key: str, faults: dict[str, LossError]
) -> Rows:
    """How rows belong together by a key that is asked for; sources that need not join do so if they can."""
    joining: dict[str, Container] = {}
    for label, source in sources.items():
        try:
            if label in must_join:
                check_joinable(source.container, key)
            if has_key(source.container, key):
                joining[label] = source.container
        except LossError as fault:
            faults[label] = fault
    if faults:
        return Rows({}, {})
    keys_by_name: dict[str, Keys] = {}

    def keys(container: Container) -> Keys:
        if container.name not in keys_by_name:
            keys_by_name[container.name] = keys_of(container, key)
        return keys_by_name[container.name]

    def order(container: Container) -> list[int]:
        return row_order(keys(first), keys(container), first.name, container.name)

    first = next(iter(sources.values())).container
    orders = {label: partial(order, container) for label, container in joining.items()}
    names = {container.name: (key,) for container in joining.values()}
    return Rows(names, orders, joined_on=key.strip() or NAMELESS, words=lambda: list(keys(first).rows))


def columns_of(container: Container) -> tuple[Columns, ...]:
    """The files with columns that a container consists of; none if it is of another kind."""
    parts = container.parts if isinstance(container, Shards) else (container,)
    tables = tuple(part for part in parts if isinstance(part, Columns))
    return tables if len(tables) == len(parts) else ()


def chosen_columns(opened: Opened) -> list[int]:
    """The columns that a source asks for by its selector, by their indices in the labels."""
    table = next(iter(columns_of(opened.container)), None)
    if opened.selector is None or table is None or not table.labels:
        return []
    try:
        return table.selected(opened.selector)[0]
    except DataFault:  # picking says so
        return []


def has_key(container: Container, key: str) -> bool:
    """Whether the rows of a source can be joined on the key."""
    return any(table.find(key) is not None for table in columns_of(container))


def check_joinable(container: Container, key: str) -> None:
    """A DataFault if the rows of a source cannot be joined on the key."""
    tables = columns_of(container)
    if not tables:
        raise DataFault(
            f"{container.name}: {spelled('key')} joins rows of tables, and this is none", "save it as CSV or .npz"
        )
    for table in tables:
        table.column(key)


def keys_of(container: Container, key: str) -> Keys:
    """The key of each row of a source."""
    rows: dict[str, int] = {}
    places: list[str] = []
    for table in columns_of(container):
        for row, word in enumerate(table.cells(key)):
            place = table.row_place(row)
            if word in rows:
                raise DataFault(
                    f"{place}: the key {word!r} occurs twice, first at {places[rows[word]]}", "keep one row"
                )
            rows[word] = len(places)
            places.append(place)
    return Keys(rows, places)


def row_order(first: Keys, second: Keys, name: str, second_name: str) -> list[int]:
    """For each row of the first source, the row of the other with the same key."""
    for ours, theirs, lacking in ((first, second, second_name), (second, first, name)):
        missing = [word for word in ours.rows if word not in theirs.rows]
        if missing:
            more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise DataFault(
                f"{ours.places[ours.rows[missing[0]]]}: the key {missing[0]!r} has no row in {lacking}{more}",
                "give each key a row in every file",
            )
    return [second.rows[word] for word in first.rows]


def reordered(data: Data, order: list[int]) -> Data:
    """The array with its rows in another order."""
    below = prod(data.shape[1:])
    missing = data.missing
    if missing is not None:
        missing = replace(missing, rows=np.flatnonzero(np.isin(order, missing.rows)))
    array: Elements = data.array()[np.array(order, np.intp)]
    text = data.text

    def before(flat: int) -> int:
        return order[flat // below] * below + flat % below

    return replace(
        data,
        store=Held(array),
        place=lambda flat: data.place(before(flat)),
        text=(lambda flat: text(before(flat))) if text else None,
        as_stored=data,
        missing=missing,
    )
