"""What one path leads to in records that come one after another: numbers, words or truth values, or arrays of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from math import prod

import numpy as np

from losscli.numerics.decimals import Indices
from losscli.reading.binary.spool import Scratch, Spool
from losscli.reading.container import listed, near_miss
from losscli.reading.text.column import Texts
from losscli.reading.text.lists import array_of, written
from losscli.reading.text.numbers import EXACT_LIMIT, misread
from losscli.schema.data import Data, Elements, Missing
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written, is_number, out_of_range
from losscli.schema.settings import spelled

NUMBERS, FLAGS, WORDS = "numbers", "truth values", "words"
_DTYPES = {NUMBERS: np.dtype(np.float64), FLAGS: np.dtype(np.bool_), WORDS: np.dtype(np.int64)}
_MOST_AXES = 32
_MOST_FILLED = 1 << 27  # elements that stand for nothing, which a short line may ask for


class Lacking:
    """Stands for what a record has no key for."""


LACKING = Lacking()


class _Unlike(Exception):
    """The values are not of one kind or shape: which is the first, is seen row by row."""


@dataclass(slots=True)
class JsonColumn:
    """What is known of a column so far.

    `place` is what errors call the value in a line. `shape` is that of each value, `keys` are those of mappings of
    numbers, which are rows of columns by name. `fault` says why it is no array; then nothing more is read.
    """

    path: str
    place: Callable[[int], str]
    keep_text: bool
    scratch: Scratch
    kind: str = ""
    shape: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    rows: int = 0
    found: bool = False
    words: dict[str, int] = field(default_factory=dict)
    texts: Texts | None = None
    spool: Spool | None = None
    missing: list[Indices] = field(default_factory=list)
    lacking: DataFault | None = None
    fault: DataFault | None = None
    inexact: DataFault | None = None
    fractions: bool = False

    def add(self, values: Sequence[object], records: Sequence[object], lines: Sequence[int]) -> None:
        """The values of some records, which are on these lines."""
        if self.fault is None:
            try:
                self._add(values, records, lines)
            except DataFault as fault:
                self.fault = fault
        self.rows += len(values)

    def data(self, source: str, rows_of: Callable[[int], int]) -> Data:
        """The array of all rows; `rows_of` gives the line of each."""
        if self.fault is None and self.inexact is not None and not self.fractions:
            self.fault = self.inexact
        if self.fault is not None:
            raise self.fault
        if self.spool is None:
            self._begin(NUMBERS, ())
        assert self.spool is not None
        below, texts = prod(self.shape), self.texts
        rows = np.concatenate(self.missing) if self.missing else np.empty(0, np.intp)
        return Data(
            source=source,
            dtype={NUMBERS: "float64", FLAGS: "bool", WORDS: "str"}[self.kind],
            store=self.spool.store((self.rows, *self.shape)),
            place=lambda flat: self._place_of(flat, below, rows_of),
            names=self.keys,
            words=tuple(self.words),
            text=(lambda flat: texts[flat]) if texts is not None and self.kind == NUMBERS else None,
            decimal=self.kind == NUMBERS,
            missing=None if self.lacking is None else Missing(rows, self.lacking),
        )

    def _place_of(self, flat: int, below: int, rows_of: Callable[[int], int]) -> str:
        place = self.place(rows_of(flat // below))
        if not self.shape:
            return place
        if self.keys:
            return f"{place}.{self.keys[flat % below]}"
        return f"{place}[{', '.join(str(int(i)) for i in np.unravel_index(flat % below, self.shape))}]"

    def _add(self, values: Sequence[object], records: Sequence[object], lines: Sequence[int]) -> None:
        kept = [row for row, value in enumerate(values) if value is not None and value is not LACKING]
        solid, places = [values[row] for row in kept], [lines[row] for row in kept]
        self.found = self.found or any(value is not LACKING for value in values)
        lacking: dict[int, Callable[[], DataFault]] = {
            row: partial(self._no_value, values[row], records[row], lines[row])
            for row in set(range(len(values))).difference(kept)
        }
        run = None
        if solid:
            self._look(solid, places)
            if self.keys:
                solid = [self._numbers_of(value, line) for value, line in zip(solid, places, strict=True)]
            try:
                run = self._run(solid, places, kept, lacking)
            except _Unlike:
                self._explain(solid, places)
                raise
        if lacking:
            rows = sorted(lacking)
            self.missing.append(np.array(rows, np.intp) + self.rows)
            self.lacking = self.lacking or lacking[rows[0]]()
        if run is None:
            self._fill(len(values))
        elif self.spool is not None:
            if len(kept) < len(values):
                whole = self._nothing(len(values))
                whole.reshape(len(values), -1)[kept] = run.reshape(len(kept), -1)
                run = whole.reshape(-1)
            self.spool.add(run)

    def _look(self, values: Sequence[object], lines: Sequence[int]) -> None:
        """Sees by the first value whether all are mappings of numbers."""
        first = values[0]
        if isinstance(first, dict) and not self.kind:
            if not first or not all(isinstance(entry, (int, float)) for entry in first.values()):
                self._explain(values, lines)
            self.keys = tuple(first)

    def _begin(self, kind: str, shape: tuple[int, ...]) -> None:
        """Knows what the values are; those before were none."""
        self.kind, self.shape = kind, shape
        self.spool = Spool(self.place(1), _DTYPES[kind], self.scratch)
        if self.keep_text:
            self.texts = Texts()
        self._fill(self.rows)

    def _fill(self, rows: int) -> None:
        """Elements of rows that have no value, as soon as it is known how many these are."""
        if self.spool is not None and rows:
            self.spool.add(self._nothing(rows).reshape(-1))
            if self.texts is not None:
                self.texts.add([""] * (rows * prod(self.shape)))

    def _nothing(self, rows: int) -> Elements:
        if rows * prod(self.shape) > _MOST_FILLED:
            fact = f"{self.path or 'the records'}: {rows} records without a value, where others have {self.shape}"
            raise DataFault(fact, "leave these records out of the file")
        dtype = _DTYPES[self.kind]
        return np.full((rows, *self.shape), np.nan if self.kind == NUMBERS else 0, dtype)

    def _no_value(self, value: object, record: object, line: int) -> DataFault:
        fact = f"{self.place(line)}: null where a value must stand"
        if value is LACKING:
            keys = record if isinstance(record, dict) else ()
            fact = f"{self.place(line)}: no such key{near_miss(self.path, keys)}, it has {listed(keys)}"
        return DataFault(fact, _leave_out())

    def _numbers_of(self, value: object, line: int) -> list[object]:
        """The values of a mapping, in the order of the first one's keys."""
        if not isinstance(value, dict):
            raise DataFault(f"{self.place(line)}: no mapping, as there is in the lines before", "write records alike")
        if value.keys() != set(self.keys):
            differing = sorted(value.keys() ^ set(self.keys))[:1]
            fact = f"{self.place(line)}: the key {differing[0]!r} is not in all of these mappings"
            raise DataFault(fact, f"select one: {self.path}.{differing[0]}")
        return [value[key] for key in self.keys]

    def _run(
        self,
        values: Sequence[object],
        lines: Sequence[int],
        rows: Sequence[int],
        lacking: dict[int, Callable[[], DataFault]],
    ) -> Elements:
        """The elements of values, one after another; those of the rows that have a null in them are lacking."""
        shape, leaves, kinds = _levels(values)
        holes = kinds & {type(None)}
        kinds -= holes
        words = str in kinds and self.kind != NUMBERS and not is_number(str(next(filter(_is_word, leaves))))
        if kinds == {str} and words and not any(is_number(str(leaf)) for leaf in leaves if leaf):
            kind = WORDS
        elif words and not self.kind and isinstance(leaves[0], str):
            raise _Unlike
        elif kinds <= {int, float, Written, str} and kinds:
            kind = NUMBERS
        elif kinds == {bool}:
            kind = FLAGS
        else:
            raise _Unlike
        if self.spool is None:
            self._begin(kind, shape)
        if (kind, shape) != (self.kind, self.shape) or (self.keys and kind != NUMBERS):
            raise _Unlike
        if self.texts is not None:
            self.texts.add([written(leaf) for leaf in leaves])
        if holes:
            self._find_nulls(leaves, lines, rows, lacking)
        if kind == FLAGS:
            return np.array([leaf is True for leaf in leaves], np.bool_)
        if kind == WORDS:
            known = self.words
            for leaf in leaves:
                if leaf not in known and leaf is not None:
                    known[str(leaf)] = len(known)
            return np.fromiter((known.get(str(leaf), 0) for leaf in leaves), np.int64, len(leaves))
        return self._numbers(leaves, kinds, lines)

    def _find_nulls(
        self,
        leaves: Sequence[object],
        lines: Sequence[int],
        rows: Sequence[int],
        lacking: dict[int, Callable[[], DataFault]],
    ) -> None:
        below = prod(self.shape)
        for flat, leaf in enumerate(leaves):
            if leaf is None and rows[flat // below] not in lacking:
                place = self._place_of(flat, below, lambda row: lines[row])
                lacking[rows[flat // below]] = partial(
                    DataFault, f"{place}: null where a value must stand", _leave_out()
                )

    def _numbers(self, leaves: Sequence[object], kinds: Iterable[type], lines: Sequence[int]) -> Elements:
        below = prod(self.shape)

        def place(flat: int) -> str:
            return self._place_of(flat, below, lambda row: lines[row])

        if str in kinds:
            leaves = [
                _spelled(leaf, flat, place) if isinstance(leaf, str) else leaf for flat, leaf in enumerate(leaves)
            ]
        try:
            run = np.fromiter((np.nan if leaf is None else leaf for leaf in leaves), np.float64, len(leaves))
        except OverflowError:
            raise _Unlike from None
        for flat in np.flatnonzero((run == 0) | np.isinf(run)).tolist():
            leaf = leaves[flat]
            if isinstance(leaf, Written) and (fact := out_of_range(leaf.text, leaf)):
                raise DataFault(f"{place(flat)}: {fact}", "scale the data")
        self.fractions = self.fractions or float in kinds or Written in kinds or str in kinds
        if not self.fractions and self.inexact is None:
            for flat in np.flatnonzero(np.abs(run) >= EXACT_LIMIT).tolist():
                if int(run[flat]) != leaves[flat]:
                    fact = f"{place(flat)}: the integer {leaves[flat]} is not exact in float64"
                    self.inexact = DataFault(fact, "keep below 2**53")
                    break
        return run

    def _explain(self, values: Sequence[object], lines: Sequence[int]) -> None:
        """Raises the fault of the first value that is no array, or not as the ones before."""
        kind, shape = self.kind, self.shape if self.kind else None
        for value, line in zip(values, lines, strict=True):
            place = self.place(line)
            if isinstance(value, dict):
                below = ", ".join(f"{self.path}.{key}" if self.path else key for key in list(value)[:5])
                raise DataFault(f"{place}: a mapping where a number must stand", f"select from it: {below}")
            data = array_of(value, place, keep_text=False)
            own = {"bool": FLAGS, "str": WORDS}.get(data.dtype, NUMBERS)
            kind, shape = kind or own, data.shape if shape is None else shape
            if data.shape != shape:
                fact = f"{place}: shape {data.shape}, the records before have {shape}"
                raise DataFault(fact, "make all equally long")
            if own != kind:
                shown = repr(value) if isinstance(value, str) else written(value)[:40].lower()
                raise DataFault(f"{place}: {shown}, where the records before have {kind}", f"write {kind} in all")


def _is_word(leaf: object) -> bool:
    return isinstance(leaf, str)


def _leave_out() -> str:
    return f"write a value there, or leave such rows out with {spelled('missing', 'skip')}"


def _spelled(leaf: object, flat: int, place: Callable[[int], str]) -> object:
    """The number in a string; NaN and Infinity have no other way in JSON."""
    if not isinstance(leaf, str):
        return leaf
    if not is_number(leaf):
        fact, cure = misread(leaf)
        raise DataFault(f"{place(flat)}: {fact}", cure)
    return Written(leaf)


def _levels(values: Sequence[object]) -> tuple[tuple[int, ...], Sequence[object], set[type]]:
    """The shape that all values have, their leaves one after another, and the types of these."""
    shape: list[int] = []
    level: list[object] = list(values)
    while lists := [value for value in level if isinstance(value, list)]:
        lengths = set(map(len, lists))
        if len(lists) < len(level) or len(lengths) > 1 or len(shape) == _MOST_AXES:
            raise _Unlike
        shape += lengths
        level = list(chain.from_iterable(lists))
    kinds = set(map(type, level))
    if dict in kinds:
        raise _Unlike
    return tuple(shape), level, kinds
