"""Arrays of Arrow to elements: numbers, words and lists of one length, and the rows that lack an element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from losscli.reading.binary.file_store import DType
from losscli.reading.binary.spool import Scratch, Spool
from losscli.schema.data import Data, Elements, Missing, Store, by_index
from losscli.schema.faults import DataFault, LossError
from losscli.schema.number_text import is_number
from losscli.schema.records import record
from losscli.schema.settings import spelled

_AT_ONCE = 1 << 18  # rows of a batch that are turned into elements together
_FEW = 64  # rows that are looked at while it is not known how long their lists are
_SHORT = 10**15  # decimal numbers of as many units have a float64 each
_WORDS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
_TIMES = "cast it to a number, such as seconds, where it is written"

Array = Any  # of Arrow, which has no types for mypy
Kind = Any


@contextmanager
def pyarrow_faults(name: str) -> Iterator[None]:
    """What pyarrow says of a file, as a DataFault."""
    try:
        yield
    except LossError:
        raise
    except MemoryError:
        raise DataFault(f"{name}: does not fit into memory", "write smaller row groups or batches") from None
    # pyarrow raises its own exceptions, and for damage some of Python's; a plain KeyError would be a mistake of ours.
    except (pa.ArrowException, OSError, ValueError, OverflowError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DataFault(f"{name}: pyarrow cannot read it ({reason})", "write it anew") from None


def inner_type(kind: Kind) -> Kind:
    """What a column holds under its lists and its dictionary."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif any(test(kind) for test in _LISTS) or pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def holds_words(kind: Kind) -> bool:
    return any(test(inner_type(kind)) for test in _WORDS)


def holds_lists(kind: Kind) -> bool:
    """Whether each row of a column may hold several elements."""
    return any(test(storage(kind)) for test in _LISTS)


def element_type(kind: Kind, name: str) -> DType:
    """The dtype of a column's elements, of words that of their indices; a DataFault for what are no numbers."""
    leaf = inner_type(kind)
    if holds_words(leaf):
        return np.dtype(np.int64)
    if pa.types.is_decimal(leaf) or pa.types.is_null(leaf):
        return np.dtype(np.float64)
    if pa.types.is_boolean(leaf) or pa.types.is_integer(leaf) or pa.types.is_floating(leaf):
        # Not its to_pandas_dtype(), which before pyarrow 22 imports pandas.
        return np.dtype({"halffloat": "f2", "float": "f4", "double": "f8"}.get(str(leaf), str(leaf)))
    if pa.types.is_temporal(leaf):
        raise DataFault(f"{name}: elements of type {leaf}, which are times", _TIMES)
    if pa.types.is_struct(leaf):
        fields = ", ".join(leaf.field(at).name for at in range(min(leaf.num_fields, 5)))
        raise DataFault(f"{name}: a column of records ({fields})", "write each of their fields as a column")
    raise DataFault(
        f"{name}: elements of type {str(leaf)[:80]}, which are no numbers losscli reads", "save it as float64"
    )


@record
class Owners:
    """The rows that the entries of an array belong to: so many of them, in turn, to each of some rows."""

    rows: NDArray[np.intp]
    each: int = 1

    def of(self, entries: NDArray[np.intp]) -> NDArray[np.intp]:
        return self.rows[entries // self.each]

    def inside(self, valid: NDArray[np.bool_], length: int) -> Owners:
        """The rows of the entries of lists of one length, of which some are missing."""
        if valid.all():
            return Owners(self.rows, self.each * length)
        return Owners(self.of(np.flatnonzero(valid)), length)


class Gathered:
    """Takes the arrays of a column one after another, and gives its Data."""

    def __init__(self, name: str, kind: Kind, scratch: Scratch) -> None:
        self.name, self.dtype = name, element_type(kind, name)
        self.rows = 0
        self._tensor = tensor_shape(kind)
        self._listed = holds_lists(kind)
        self._inner: tuple[int, ...] | None = None if self._listed else ()
        self._waiting = 0  # rows before the first list that is one
        self._spool = Spool(name, self.dtype, scratch)
        self._words: dict[str, int] | None = {} if holds_words(kind) else None
        self._dictionary: tuple[Array, Elements, NDArray[np.bool_]] | None = None
        self._lacking: list[NDArray[np.intp]] = []
        self._fault: DataFault | None = None

    def add(self, array: Array) -> None:
        """Appends a column of a batch."""
        start = 0
        while start < len(array):
            if self._inner is None:
                self._inner = _shape_of(array.slice(start, _FEW))
            step = _FEW if self._inner is None else max(1, _AT_ONCE // max(1, prod(self._inner)))
            self._spool.add(self.elements(array.slice(start, step)))
            start += step

    def elements(self, piece: Array) -> Elements:
        """The elements of the next rows, a row each; those that are missing are noted."""
        count = len(piece)
        if self._inner is None:
            self._note(np.arange(count), ())
            self.rows, self._waiting = self.rows + count, self._waiting + count
            return np.empty(0, self.dtype)
        values = self._unpacked(piece, Owners(np.arange(count)), 0)
        self.rows += count
        if self._waiting:
            values = np.concatenate([self._empty((self._waiting, *values.shape[1:])), values])
            self._waiting = 0
        return values

    def data(self) -> Data:
        """The whole column."""
        inner = self._inner or ()
        shape = (self.rows, *(self._tensor or inner))
        store = self._spool.store(shape)
        dtype, words = self.dtype.name, tuple[str, ...]()
        if self._words is not None:
            store, dtype, words = _numbers_or_words(store, tuple(self._words))
        place = by_index(self.name, shape)
        return Data(self.name, dtype, store, place, words=words, missing=self.missing)

    @property
    def missing(self) -> Missing | None:
        """The rows that lack an element."""
        return None if self._fault is None else Missing(np.unique(np.concatenate(self._lacking)), self._fault)

    def _empty(self, shape: tuple[int, ...]) -> Elements:
        return np.full(shape, np.nan if self.dtype.kind == "f" else 0, self.dtype)

    def _unpacked(self, array: Array, rows: Owners, axis: int) -> Elements:
        """The elements of an array, which has `axis` lists around each."""
        array = _plain(array)
        if any(test(array.type) for test in _LISTS):
            return self._of_lists(array, rows, axis)
        if array.null_count:
            lacking, axes = np.flatnonzero(~_valid(array)), (self._inner or ())[:axis]
            full = rows.each == prod(axes)  # else a list is missing before
            index = np.unravel_index(int(lacking[0]) % prod(axes), axes) if axes and full else ()
            self._note(rows.of(lacking), tuple(map(int, index)))
        if self._words is not None:
            return self._codes(array, rows)
        return self._numbers(array, rows)

    def _of_lists(self, array: Array, rows: Owners, axis: int) -> Elements:
        assert self._inner is not None
        valid = _valid(array)
        length = self._inner[axis] if axis < len(self._inner) else 0
        lengths = _lengths(array)
        uneven = np.flatnonzero(valid & (lengths != length))
        if len(uneven):
            fact = f"{self.name} row {self.rows + int(rows.of(uneven)[0])}: a list of {lengths[uneven[0]]}"
            raise DataFault(f"{fact} entries, the first row has {length}", "make all lists of a column equally long")
        if not valid.all():
            self._note(rows.of(np.flatnonzero(~valid)), ())
        inside = self._unpacked(array.flatten(), rows.inside(valid, length), axis + 1)
        inside = inside.reshape(int(valid.sum()), length, *self._inner[axis + 1 :])
        if valid.all():
            return inside
        every = self._empty((len(array), *inside.shape[1:]))
        every[valid] = inside
        return every

    def _note(self, rows: NDArray[np.intp], index: tuple[int, ...]) -> None:
        """Rows lack an element: the first of them the one of this index."""
        self._lacking.append(np.unique(rows) + self.rows)
        if self._fault is None and len(rows):
            place = f"{self.name}[{', '.join(map(str, (self.rows + int(rows[0]), *index)))}]"
            cure = f"fill it in, or leave its row out with {spelled('missing', 'skip')}"
            self._fault = DataFault(f"{place} is null, so it is missing", cure)

    def _numbers(self, array: Array, rows: Owners) -> Elements:
        if pa.types.is_null(array.type):
            return self._empty((len(array),))
        if pa.types.is_decimal(array.type):
            return self._of_decimals(array, rows)
        if pa.types.is_boolean(array.type):
            filled: Elements = pc.fill_null(array, False).to_numpy(zero_copy_only=False)
            return filled
        buffer = array.buffers()[1]
        if buffer is None:
            return self._empty((len(array),))
        values = np.frombuffer(buffer, self.dtype, len(array), array.offset * self.dtype.itemsize)
        if not array.null_count:
            return values.copy()  # for the buffer is the batch's
        return np.where(_valid(array), values, self._empty((1,)))

    def _of_decimals(self, array: Array, rows: Owners) -> Elements:
        """The float64 next to each decimal number, if that means no other one of so many digits."""
        values: Elements = pc.cast(pc.cast(array, pa.string()), pa.float64()).to_numpy(zero_copy_only=False)
        with np.errstate(over="ignore"):
            long = np.flatnonzero(np.abs(values) * 10.0 ** max(0, array.type.scale) >= _SHORT)
        for at, row in zip(long.tolist(), rows.of(long).tolist(), strict=True):
            exact = array[at].as_py()
            if Decimal(repr(float(values[at]))) != exact:
                fact = f"{self.name}[{self.rows + row}]: {exact} has more digits than float64 holds"
                raise DataFault(fact, "cast the column to float64 if its rounding is meant")
        return values

    def _codes(self, array: Array, rows: Owners) -> Elements:
        """The indices of the words."""
        assert self._words is not None
        encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        if self._dictionary is None or not encoded.dictionary.equals(self._dictionary[0]):
            words = encoded.dictionary.to_pylist()
            codes = [-1 if word is None else self._words.setdefault(word, len(self._words)) for word in words]
            every = np.array([*codes, 0], np.int64)
            self._dictionary = (encoded.dictionary, every, every < 0)
        _, codes_of, empty = self._dictionary
        indices = pc.fill_null(encoded.indices.cast(pa.int64()), len(codes_of) - 1).to_numpy(zero_copy_only=False)
        if empty.any() and empty[indices].any():
            self._note(rows.of(np.flatnonzero(empty[indices])), ())
        codes_here: Elements = np.maximum(codes_of[indices], 0)
        return codes_here


@record
class MappedStore:
    """A store whose elements are indices of other elements."""

    indices: Store
    values: Elements

    @property
    def shape(self) -> tuple[int, ...]:
        return self.indices.shape

    def flat(self, start: int, stop: int) -> Elements:
        run: Elements = self.values[self.indices.flat(start, stop)]
        return run


def _numbers_or_words(store: Store, words: Sequence[str]) -> tuple[Store, str, tuple[str, ...]]:
    """Words as they are; where every one of them is the text of a number, these numbers."""
    if words and all(map(is_number, words)):
        return MappedStore(store, np.array([float(word) for word in words])), "float64", ()
    return store, "str", tuple(words) or ("",)


def storage(kind: Kind) -> Kind:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def tensor_shape(kind: Kind) -> tuple[int, ...] | None:
    """The shape of each row of a column of tensors, whose elements lie in C order."""
    if isinstance(kind, pa.FixedShapeTensorType) and kind.permutation in (None, list(range(len(kind.shape)))):
        return tuple(kind.shape)
    return None


def _plain(array: Array) -> Array:
    """An array without what only says how it is stored."""
    while True:
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        elif pa.types.is_run_end_encoded(array.type):
            array = pc.run_end_decode(array)
        elif pa.types.is_dictionary(array.type) and not any(test(array.type.value_type) for test in _WORDS):
            array = array.dictionary_decode()
        else:
            return array


def _valid(array: Array) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = array.is_valid().to_numpy(zero_copy_only=False)
    return valid


def _lengths(array: Array) -> NDArray[np.int64]:
    if pa.types.is_fixed_size_list(array.type):
        return np.full(len(array), array.type.list_size)
    lengths: NDArray[np.int64] = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return lengths.astype(np.int64)


def _shape_of(array: Array) -> tuple[int, ...] | None:
    """The shape of the first row that has one, None where all are missing."""
    array = _plain(array)
    if not any(test(array.type) for test in _LISTS):
        return ()
    valid = np.flatnonzero(_valid(array))
    if not len(valid):
        return None
    first = array.slice(int(valid[0]), 1)
    return (int(_lengths(first)[0]), *(_shape_of(first.flatten()) or ()))
