"""Names before places: which column tells the rows of two files apart, and which of their columns belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from losscli.reading.columns import Columns, selector_of
from losscli.reading.container import Container, named_like_id, shown_name
from losscli.reading.join import NAMELESS, Rows, chosen_columns, columns_of
from losscli.reading.opener import Opened
from losscli.reading.shards import Shards
from losscli.schema.data import Data, Elements, Held, class_names
from losscli.schema.faults import DataFault
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.schema.synonyms import role_named

_NAMED = 3  # values that an error names


def rows_of(sources: Mapping[str, Opened], must_join: Sequence[str], roles: Sequence[str]) -> Rows:
    """How rows belong together by a column that two files share, where nobody names a key.

    Such a column holds words or whole numbers, none twice in either file, is not the only column, and is not asked for.
    The sources in `must_join` are refused where the rows of their files cannot be joined.
    """
    tabular = {label: source for label, source in sources.items() if columns_of(source.container)}
    keys: dict[str, tuple[str, ...]] = {}
    orders: dict[str, Callable[[], list[int]]] = {}
    notes: list[str] = []
    warnings: list[str] = []
    joined: _Shared | None = None
    if len({source.container.name for source in tabular.values()}) < 2:
        return Rows(keys, orders)
    first = next(iter(tabular.values()))
    for label, second in tabular.items():
        if second.container.name == first.container.name:
            continue
        both = [s for s in tabular.values() if s.container.name in (first.container.name, second.container.name)]
        shared = list(_shared(first.container, second.container, both, roles))
        names = f"{first.container.name} and {second.container.name}"
        join = next((column for column in shared if column.alike), None)
        if join is not None:
            joined = joined or join
            for container in (first.container, second.container):
                keys[container.name] = (*keys.get(container.name, ()), join.column)
            if not join.in_order:
                orders[label] = join.order
            if not join.in_order or any(source.selector is None for source in both):
                notes.append(f"{names}: rows joined on the column {shown_name(join.column)}")
        elif not shared and label in must_join and all(source.selector is None for source in both):
            _refuse_repeated(first.container, second.container, both, roles)
        elif shared and label in must_join:
            fact = f"{names} both have a column {shown_name(shared[0].column)}, and its values differ"
            if any(source.selector is None for source in both):
                raise _differing(fact, shared[0], both, first.container.name, second.container.name)
            warnings.append(f"{fact}: rows are paired by their places")
    rows = Rows(keys, orders, tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(warnings)))
    if joined is None:
        return rows
    return replace(rows, joined_on=joined.column or NAMELESS, words=partial(joined.words, joined.ours))


def _differing(fact: str, column: _Shared, both: Sequence[Opened], ours: str, theirs: str) -> DataFault:
    """Why rows cannot be joined on a column, and which of its values a file lacks where others are in both."""
    left, right = column.words(column.ours), column.words(column.theirs)
    lacking = {theirs: [w for w in left if w not in set(right)], ours: [w for w in right if w not in set(left)]}
    rows = f"give each {column.column or 'of its values'} a row in both files"
    cures = [rows if any(lacking.values()) else f"join on it with {spelled('key', column.column)}"]
    if len(left) == len(right):
        cures.append(f"choose columns: {_chosen(both, column.column)}")
    if len(lacking[theirs]) == len(left):  # the two have nothing in common
        return DataFault(fact, cures[-1])
    named = ", ".join(f"{name} lacks {_some(words)}" for name, words in lacking.items() if words)
    return DataFault(f"{fact}: {named}" if named else fact, ", or ".join(cures))


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED + 1 else ""
    return ", ".join(words[:_NAMED] if more else words) + more


def _refuse_repeated(first: Container, second: Container, both: Sequence[Opened], roles: Sequence[str]) -> None:
    """Refuses two whole files with an id column whose values repeat in one of them."""
    for column in first.labels:
        if column not in second.labels or not named_like_id(column) or role_named(column, roles):
            continue
        containers = [container for container in (first, second) if _identities(container, column) is None]
        tables = {container.name: columns_of(container) for container in containers}
        for name in tables if len(tables) == 1 else ():
            cells = [cell for table in tables[name] for cell in table.cells(column)]
            repeated = next((cell for cell, count in Counter(cells).items() if count > 1), None)
            if repeated is not None:
                names = f"{first.name} and {second.name}"
                fact = f"{names} both have a column {shown_name(column)}, and in {name} its value {repeated} repeats"
                kept = f"keep one row of each {column or 'of its values'}"
                raise DataFault(fact, f"{kept}, or choose columns: {_chosen(both, column)}")


def without(container: Container, keys: tuple[str, ...]) -> Container:
    """The tables without their key columns, which are no data."""
    if not keys:
        return container
    if isinstance(container, Shards):
        return replace(container, parts=tuple(without(part, keys) for part in container.parts))
    return container.without(tuple(dict.fromkeys(keys))) if isinstance(container, Columns) else container


def columns_matched(data: Mapping[str, Data]) -> tuple[dict[str, Data], tuple[str, ...]]:
    """The arrays, their columns in the order of the first array's, where both have the same names."""
    done, notes = dict(data), []
    first = next((array for array in data.values() if array.names), None)
    for label, array in data.items():
        if first is None or array is first or len(array.names) != len(first.names):
            continue
        for ours, theirs in ((first.names, array.names), (class_names(first.names), class_names(array.names))):
            if ours != theirs and set(ours) == set(theirs) and len(set(ours)) == len(ours):
                done[label] = _in_order(array, [theirs.index(name) for name in ours])
                notes.append(f"{first.source} and {array.source}: columns matched by name")
                break
    return done, tuple(notes)


@record
class _Shared:
    """A column that two sources share, and what it holds in each."""

    column: str
    ours: Elements | list[str]
    theirs: Elements | list[str]

    @property
    def alike(self) -> bool:
        """Whether both hold the same keys, in whatever order."""
        if len(self.ours) != len(self.theirs) or type(self.ours) is not type(self.theirs):
            return False
        if isinstance(self.ours, np.ndarray):
            return np.array_equal(self.ours, self.theirs) or np.array_equal(np.sort(self.ours), np.sort(self.theirs))
        return set(self.ours) == set(self.theirs)

    @staticmethod
    def words(keys: Elements | list[str]) -> list[str]:
        """The values as text."""
        return keys if isinstance(keys, list) else [f"{number:.0f}" for number in keys.tolist()]

    @property
    def in_order(self) -> bool:
        return np.array_equal(self.ours, self.theirs)

    def order(self) -> list[int]:
        """The row of the other source for each row of the first, where both hold the same keys."""
        if isinstance(self.ours, np.ndarray):
            rising = np.argsort(self.theirs)
            return [*rising[np.searchsorted(self.theirs, self.ours, sorter=rising)].tolist()]
        rows = {key: row for row, key in enumerate(self.theirs)}
        return [rows[key] for key in self.ours]


def _shared(first: Container, second: Container, both: Sequence[Opened], roles: Sequence[str]) -> Iterator[_Shared]:
    """The columns of one name in two containers that may tell their rows apart, those named like an id first."""
    chosen = {(source.container.name, source.container.labels[at]) for source in both for at in chosen_columns(source)}
    common = [label for label in first.labels if label in set(second.labels)]
    if len(first.labels) < 2 or len(second.labels) < 2:
        return
    for column in sorted(common, key=lambda label: not named_like_id(label)):
        if {(first.name, column), (second.name, column)} & chosen or role_named(column, roles) is not None:
            continue
        ours, theirs = _identities(first, column), _identities(second, column)
        if ours is not None and theirs is not None:
            yield _Shared(column, ours, theirs)


def _identities(container: Container, column: str) -> Elements | list[str] | None:
    """What tells rows apart in a column of all tables of a container, none of them twice."""
    tables = columns_of(container)
    if any(table.labels.count(column) != 1 for table in tables):
        return None
    parts = [table.identities(table.column(column)) for table in tables]
    arrays = [keys for keys in parts if isinstance(keys, np.ndarray)]
    if len(arrays) == len(parts):
        numbers = np.concatenate(arrays)
        distinct = len(parts) == 1 or len(np.unique(numbers)) == len(numbers)
        return numbers if distinct and (len(numbers) > 1 or named_like_id(column)) else None
    words = [word for keys in parts if isinstance(keys, list) for word in keys]
    if not all(isinstance(keys, list) for keys in parts) or len(set(words)) != len(words):
        return None
    return words


def _chosen(both: Sequence[Opened], key: str) -> str:
    """The sources with columns chosen, as an example."""
    words = []
    for source in both:
        labels = source.container.labels
        run = selector_of(labels, [at for at, label in enumerate(labels) if label != key])
        words.append(source.source if source.selector is not None else f"{source.source}::{run}")
    return " ".join(words)


def _in_order(data: Data, order: list[int]) -> Data:
    """The array with its columns in another order."""
    width, place, text = len(order), data.place, data.text

    def before(flat: int) -> int:
        return flat // width * width + order[flat % width]

    array = data.array()[..., order]
    return replace(
        data,
        store=Held(array),
        place=lambda flat: place(before(flat)),
        names=tuple(data.names[column] for column in order),
        text=(lambda flat: text(before(flat))) if text else None,
        as_stored=data,
    )
