"""JSON lines: a record a line, read in pieces, whatever the size."""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf

from losscli.reading.binary.byte_range import PIECE, reader
from losscli.reading.columns import Arrays, selects_columns
from losscli.reading.container import Container, address, listed, near_miss
from losscli.reading.content import Content, Read
from losscli.reading.rows import at_index, by_key, marked
from losscli.reading.text.json_column import LACKING, JsonColumn
from losscli.reading.text.numbers import integer
from losscli.reading.text.structured import LARGEST, Duplicate, Nested, without_duplicates
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written

_PIECE = PIECE >> 2
_INDEX = re.compile(r"-?[0-9]{1,9}")
_RECORD = re.compile(r"(\[[^\[\]=]+=[^\]]*\])\.(.+)")
_MOST_LOOKED = 1000  # records, to see which keys mappings within them have
_MOST_KEYS = 10_000  # that are remembered of records after the first ones


def open_json_lines(content: Content) -> Container:
    records = Records(content)
    if not records.labels:
        return Nested(content.name, records.of_values)
    return Arrays(
        content.name,
        records.labels,
        records.load,
        paths=True,
        records=True,
        ready=records.want,
        line=lambda row: records.lines.of(row),
    )


@dataclass(slots=True)
class Lines:
    """The line of each row: rows from `starts` on are so many lines below."""

    starts: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))

    def add(self, row: int, lines: Sequence[int]) -> None:
        apart = bool(lines) and lines[-1] - lines[0] >= len(lines)  # blank lines are between them
        for at, line in enumerate(lines if apart else lines[:1], start=row):
            if not self.offsets or line - at != self.offsets[-1]:
                self.starts.append(at)
                self.offsets.append(line - at)

    def of(self, row: int) -> int:
        return row + self.offsets[bisect_right(self.starts, row) - 1]


class Records:
    """Reads the paths that were asked for when the first of them is needed; later ones in another pass."""

    def __init__(self, content: Content) -> None:
        self.name = content.name
        self.lines = Lines()
        self._keep_text, self._scratch = content.options.keep_text, content.scratch
        self._again: Callable[[], AbstractContextManager[Read]] | None = content.again
        if self._again is None:
            extent = content.extent()
            self._again = lambda: nullcontext(reader(extent))
        self._decode = _decoder(self._keep_text)
        self._columns: dict[str, JsonColumn] = {}
        self._wanted: dict[str, None] = {}
        self._every = False
        self._late: tuple[str, int] | None = None
        self._head = self._first_records()
        self._mappings = isinstance(self._head[0], dict)
        keys = dict.fromkeys(key for record in self._head if isinstance(record, dict) for key in record)
        self.labels = tuple(keys)
        self._keys = keys

    def want(self, paths: Sequence[str]) -> None:
        """Says which paths will be needed, by nothing that all keys will be."""
        self._every = self._every or not paths
        for path in map(_row_last, paths or self.labels):
            mark = None if path in self.labels else marked(path)
            if mark is None or (not mark.key and not self._is_single(mark.base)):
                if path in self.labels or not self._columns_of(path)[1]:
                    self._wanted[path] = None
            else:
                self._wanted |= dict.fromkeys(filter(None, (mark.base, mark.key)))

    def load(self, path: str) -> Data:
        """What a path leads to: a value of each record, or one of these."""
        path = _row_last(path)
        if path not in self.labels:
            base, columns = self._columns_of(path)
            if columns:
                return self._below(base).pick(columns)
            mark = marked(path)
            if mark is not None and mark.key:
                if not mark.base:
                    fact = f"{self.name}: {path} selects a record, and no value of it"
                    raise DataFault(fact, f"select one: {address(self.name, f'{self.labels[0]}{path}')}")
                cells = Arrays(self.name, (mark.key,), self._column).cells(mark.key)
                return by_key(self.load(mark.base), cells, mark, self.name)
            if mark is not None and self._is_single(mark.base):
                return at_index(self.load(mark.base), mark.index, address(self.name, mark.base))
            if mark is not None and self._is_single(mark.base) is None:
                with suppress(DataFault):
                    data = self.load(mark.base)
                    if len(data.shape) == 1:
                        return at_index(data, mark.index, address(self.name, mark.base))
        return self._column(path)

    def of_values(self, path: str) -> Data:
        """The lines themselves where these are lists or numbers, or one of them."""
        whole = self._column("")
        if not path:
            return whole
        if not _INDEX.fullmatch(path):
            fact = f"{self.name}: no {path!r}: its lines are no mappings"
            raise DataFault(fact, "select a line by its index, or leave the selector out")
        return at_index(whole, int(path), self.name)

    def _columns_of(self, path: str) -> tuple[str, str]:
        """A path to mappings, and the columns of them that its end selects."""
        base, dot, rest = path.partition(".")
        while dot:
            keys = self._keys_below(base)
            if keys and rest not in keys and selects_columns(rest, keys):
                return base, rest
            word, dot, rest = rest.partition(".")
            base = f"{base}.{word}"
        return path, ""

    def _keys_below(self, path: str) -> tuple[str, ...]:
        found = (_walked(record, path, "") for record in self._head[:_MOST_LOOKED])
        return tuple(dict.fromkeys(key for value in found if isinstance(value, dict) for key in value))

    def _below(self, base: str) -> Arrays:
        load = partial(self._loaded_below, base)
        ready = partial(self._wanted_below, base)
        return Arrays(f"{self.name}::{base}", self._keys_below(base), load, paths=True, ready=ready)

    def _loaded_below(self, base: str, label: str) -> Data:
        return self.load(f"{base}.{label}")

    def _wanted_below(self, base: str, labels: Sequence[str]) -> None:
        self.want([f"{base}.{label}" for label in labels])

    def _is_single(self, path: str) -> bool | None:
        """Whether a path leads to single values rather than to lists; None where the first records have none."""
        values = (_walked(record, path, "") for record in self._head)
        first = next((value for value in values if value is not None and value is not LACKING), None)
        return None if first is None else not isinstance(first, (list, dict))

    def _column(self, path: str) -> Data:
        if path not in self._columns:
            self._wanted[path] = None
            self._read()
        column = self._columns[path]
        if self._every and self._late is not None:
            key, line = self._late
            fact = f"{self.name} line {line}: the key {key!r}, which no record at the beginning has"
            raise DataFault(fact, f"select columns: {address(self.name, ','.join(self.labels[:5]))}")
        if not column.found and column.fault is None and path:
            known = tuple(self._keys)
            raise DataFault(f"{self.name}: no key {path!r}{near_miss(path, known)}", f"it has {listed(known)}")
        return column.data(f"{self.name}::{path}" if path else self.name, self.lines.of)

    def _read(self) -> None:
        columns = [
            JsonColumn(path, partial(self._place, path), self._keep_text, self._scratch)
            for path in self._wanted
            if path not in self._columns
        ]
        rows, lines = 0, Lines()
        for numbers, records in self._batches():
            self._check_alike(records, numbers)
            for column in columns:
                if column.fault is None:
                    values = self._values(column, records, numbers)
                    column.add(values, records, numbers)
            lines.add(rows, numbers)
            rows += len(records)
        self.lines = lines
        self._columns |= {column.path: column for column in columns}

    def _place(self, path: str, line: int) -> str:
        return f"{self.name} line {line}, {path}" if path else f"{self.name} line {line}"

    def _values(self, column: JsonColumn, records: Sequence[object], lines: Sequence[int]) -> list[object]:
        path = column.path
        if not path:
            return list(records)
        found = [record[path] for record in records if isinstance(record, dict) and path in record]
        if len(found) == len(records):
            return found
        values: list[object] = []
        for record, line in zip(records, lines, strict=True):
            try:
                values.append(_walked(record, path, f"{self.name} line {line}"))
            except DataFault as fault:
                column.fault = fault
                return []
        return values

    def _check_alike(self, records: Sequence[object], lines: Sequence[int]) -> None:
        """All lines are mappings, or none is; keys that the first ones lack are remembered."""
        for record, line in zip(records, lines, strict=True):
            if isinstance(record, dict) is not self._mappings:
                kind, others = ("a mapping", "none") if not self._mappings else ("no mapping", "one")
                raise DataFault(f"{self.name} line {line}: {kind}, the lines before are {others}", "write lines alike")
            if isinstance(record, dict) and not record.keys() <= self._keys.keys():
                new = next(key for key in record if key not in self._keys)
                self._late = self._late or (new, line)
                if len(self._keys) < _MOST_KEYS:
                    self._keys |= dict.fromkeys(record)

    def _first_records(self) -> list[object]:
        head: list[object] = []
        batches = self._batches(PIECE)
        for _, records in batches:
            head += records
        if not head:
            raise DataFault(f"{self.name}: empty, it holds no data", "write a record a line")
        return head

    def _batches(self, limit: int | None = None) -> Iterator[tuple[Sequence[int], list[object]]]:
        """The records and their lines, some at a time; up to so many bytes."""
        assert self._again is not None
        with self._again() as read:
            done = 0
            for first, texts in _lines(read, self.name):
                numbers = [first + at for at, text in enumerate(texts) if text and not text.isspace()]
                yield numbers, [self._record(texts[number - first], number) for number in numbers]
                done += sum(map(len, texts)) + len(texts)
                if limit is not None and done >= limit:
                    return

    def _record(self, source: bytes, line: int) -> object:
        place = f"{self.name} line {line}"
        try:
            return self._decode(source.decode("utf-8-sig" if line == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            raise DataFault(f"{place}: the byte at offset {error.start} is not UTF-8", "save it as UTF-8") from None
        except json.JSONDecodeError as error:
            cure = "write one JSON document a line"
            if line == 1 and source.strip() in (b"[", b"{"):
                cure = "name a file of one document .json"
            raise DataFault(f"{place}, column {error.colno}: {error.msg}", cure) from None
        except RecursionError:
            raise DataFault(f"{place}: nested too deeply", "an array has at most 32 axes") from None
        except Duplicate as error:
            raise DataFault(f"{place}: the key {error} occurs twice in one mapping", "keep one of them") from None


def _lines(read: Read, name: str) -> Iterator[tuple[int, list[bytes]]]:
    """Whole lines, some at a time, and the number of the first; a DataFault for one that is too long."""
    number, size, pending = 1, 0, list[bytes]()
    while piece := read(_PIECE):
        lines = piece.split(b"\n")
        pending.append(lines[0])
        size += len(lines[0])
        if size > LARGEST:
            raise DataFault(f"{name} line {number}: longer than {LARGEST >> 20} MiB", "write one record a line")
        if len(lines) > 1:
            last = lines.pop()
            lines[0] = b"".join(pending)
            yield number, lines
            number, size, pending = number + len(lines), len(last), [last]
    if size:
        yield number, [b"".join(pending)]


def _decoder(keep_text: bool) -> Callable[[str], object]:
    return json.JSONDecoder(
        object_pairs_hook=without_duplicates,
        parse_float=Written if keep_text else _number,
        parse_int=integer,
        parse_constant=float,
    ).decode


def _number(text: str) -> float:
    """A float; one that may not be what was written keeps its text."""
    value = float(text)
    return value if 0 < abs(value) < inf else Written(text)


def _row_last(path: str) -> str:
    """`[id=7].loss` as `loss[id=7]`."""
    match = None if not path.startswith("[") else _RECORD.fullmatch(path)
    return f"{match[2]}{match[1]}" if match else path


def _walked(value: object, path: str, place: str) -> object:
    """What a path leads to in a record; a key that holds dots itself goes first."""
    rest = path
    while True:
        if isinstance(value, dict):
            if rest in value:
                return value[rest]
            word, dot, rest = rest.partition(".")
            if word not in value:
                return LACKING
            value = value[word]
        elif isinstance(value, list):
            word, dot, rest = rest.partition(".")
            if not _INDEX.fullmatch(word) or not -len(value) <= int(word) < len(value):
                if not place:
                    return LACKING
                known = f"its entries are 0 to {len(value) - 1}" if value else "it is empty"
                raise DataFault(f"{place}, {path}: no entry {word!r}", known)
            value = value[int(word)]
        elif value is None or not place:
            return value if value is None else LACKING
        else:
            raise DataFault(
                f"{place}, {path}: a single value, {rest!r} cannot be picked from it", "shorten the selector"
            )
        if not dot:
            return value
