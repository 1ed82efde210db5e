"""The arrow from reading to the engine: one named array, wherever its elements lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from losscli.schema.faults import DataFault
from losscli.schema.records import record

Elements = NDArray[Any]


class Store(Protocol):
    """Holds the elements of one array and hands out any run of them, so that nobody needs the whole at once."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def flat(self, start: int, stop: int) -> Elements:
        """Elements start to stop, counted in C order, as one dimension in native byte order. Not to be written to.

        Several threads call this at once.
        """
        ...


@record
class Held:
    """A store over an array in memory, of any layout and byte order."""

    array: Elements

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def flat(self, start: int, stop: int) -> Elements:
        array = self.array
        if not array.flags.c_contiguous:
            array = array.reshape(tuple(n for n in array.shape if n != 1))  # a view: it only drops axes
            below = prod(array.shape[1:])  # elements under one step of the first axis
            first = start // below if below else 0
            array = np.ascontiguousarray(array[first : -(-stop // below) if below else 0])
            start, stop = start - first * below, stop - first * below
        run = array.reshape(-1)[start:stop]
        return run if run.dtype.isnative else run.astype(run.dtype.newbyteorder("="))


def by_index(source: str, shape: tuple[int, ...]) -> Callable[[int], str]:
    """Places of an array that has no lines: `logits.npy[3, 2]`."""

    def place(flat: int) -> str:
        if not shape:
            return source
        return f"{source}[{', '.join(str(int(i)) for i in np.unravel_index(flat, shape))}]"

    return place


@record
class Missing:
    """Which rows of an array lack an element, where something stands that means "no value"; and the first of them.

    `rows` are indices of the first axis, rising; of an array without axes 0 is its one row.
    """

    rows: NDArray[np.intp]
    fault: DataFault


@record
class Data:
    """One array as it was found: where it comes from, how it is stored, and what to call its places in an error.

    `dtype` is the stored type, `bfloat16` among them, while `store` may hand out a wider one. `names` are the column
    names of the last axis where a header gave them. Where the cells are words, the elements index `words`.
    `text` gives an element as it was written, for claims, whose digits count; `decimal` says that the elements were
    written in decimal digits, and so may be rounded. `notes` say what was left out. `keys` gives
    what tells the rows apart where they were joined on the column `key`. `as_stored` is the same array as its file has
    it, where its rows or columns were brought into the order of another's. `missing` are the rows that lack an element,
    None if none does; whoever picks an array refuses it, or leaves these rows out.
    """

    source: str
    dtype: str
    store: Store
    place: Callable[[int], str]
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    text: Callable[[int], str] | None = None
    decimal: bool = False
    notes: tuple[str, ...] = ()
    key: str = ""
    keys: Callable[[], Sequence[str]] = tuple
    as_stored: Data | None = None
    missing: Missing | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.store.shape

    @property
    def size(self) -> int:
        return prod(self.store.shape)

    def array(self) -> Elements:
        """All elements in memory. Not to be written to."""
        return self.store.flat(0, self.size).reshape(self.shape)


def held(array: Elements, source: str) -> Data:
    """The Data of an array in memory."""
    return Data(source, array.dtype.name, Held(array), by_index(source, array.shape))


def numbered(name: str) -> tuple[str, int | None]:
    """A name and the number that it ends in: `p_10` is `p_` and 10."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, int(digits)) if 0 < len(digits) < 10 else (name, None)


def class_names(names: Sequence[str]) -> tuple[str, ...]:
    """What the columns of one array are called without what they share: `p_0, p_1` are 0 and 1."""
    split = [numbered(name) for name in names]
    if len({stem for stem, _ in split}) == 1 and all(number is not None for _, number in split):
        return tuple(str(number) for _, number in split)
    start = _shared(names)
    end = _shared([name[start:][::-1] for name in names])
    return tuple(name[start : len(name) - end] for name in names)


def _shared(names: Sequence[str]) -> int:
    """How many characters all names begin with, up to a mark between words."""
    least, most = min(names, default=""), max(names, default="")
    common = next((at for at, pair in enumerate(zip(least, most, strict=False)) if pair[0] != pair[1]), len(least))
    return max((at + 1 for at, mark in enumerate(least[:common]) if mark in "_.-/ "), default=0)


_FLAGS = {"true": 1, "yes": 1, "false": 0, "no": 0}


def flags(words: Sequence[str]) -> list[int] | None:
    """The 1 or 0 of each word, where all are true and false, or yes and no; else None."""
    lower = [word.lower() for word in words]
    return [_FLAGS[word] for word in lower] if set(lower) <= {"true", "false"} or set(lower) <= {"yes", "no"} else None


def without_flags(data: Data) -> Data:
    """The array with 1 for true and yes and 0 for false and no, where it holds these words and no others."""
    values = flags(data.words) if data.words else None
    if values is None:
        return data
    codes = data.array().astype(np.intp)
    return replace(data, dtype="bool", store=Held(np.array(values, bool)[codes]), words=())
