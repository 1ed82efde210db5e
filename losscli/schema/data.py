"""The arrow from reading to the engine: one named array, wherever its elements lie."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

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
class Data:
    """One array as it was found: where it comes from, how it is stored, and what to call its places in an error.

    `dtype` is the stored type, `bfloat16` among them, while `store` may hand out a wider one. `names` are the column
    names of the last axis where a header gave them. Where the cells are words, the elements index `words`.
    `text` gives an element as it was written, for claims, whose digits count; `decimal` says that the elements were
    written in decimal digits, and so may be rounded.
    """

    source: str
    dtype: str
    store: Store
    place: Callable[[int], str]
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    text: Callable[[int], str] | None = None
    decimal: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return self.store.shape

    @property
    def size(self) -> int:
        return prod(self.store.shape)


def held(array: Elements, source: str) -> Data:
    """The Data of an array in memory."""
    return Data(source, array.dtype.name, Held(array), by_index(source, array.shape))
