"""Rows that lack a value: refused, or left out of all the arrays of a request together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from losscli.schema.data import Data, Elements, Store
from losscli.schema.records import record
from losscli.schema.text import plural

ROW = "row"  # what the rows' own numbers are called, where some are left out


@record
class KeptRows:
    """A store without some rows, which are rising indices of its first axis."""

    whole: Store
    left_out: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.whole.shape[0] - len(self.left_out), *self.whole.shape[1:])

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, prod(self.shape))
        if start >= stop:
            return self.whole.flat(0, 0)
        below = prod(self.shape[1:])
        first, last = self.before(start // below), self.before((stop - 1) // below)
        run = self.whole.flat(first * below, (last + 1) * below).reshape(-1, below)
        gone = self.left_out[np.searchsorted(self.left_out, first) : np.searchsorted(self.left_out, last)]
        kept = np.delete(run, gone - first, axis=0) if len(gone) else run
        return kept.reshape(-1)[start % below : start % below + stop - start]

    def before(self, row: int) -> int:
        """The row of the whole store that has become this one."""
        return row + int(np.searchsorted(self.left_out - np.arange(len(self.left_out)), row, "right"))


def without_missing(data: Mapping[str, Data], row_wise: Collection[str]) -> tuple[dict[str, Data], tuple[str, ...]]:
    """The arrays without the rows that one of them lacks, and a note of how many these are.

    `row_wise` are the labels of arrays with a row a sample. Raises the DataFault of a missing value in any other array,
    and where the arrays have not the same rows.
    """
    lacking = {label: array.missing for label, array in data.items() if array.missing is not None}
    if not lacking:
        return dict(data), ()
    rows = {data[label].shape[0] for label in row_wise if data[label].shape and data[label].shape[0] != 1}
    for label, missing in lacking.items():
        if label not in row_wise or len(rows) != 1 or data[label].shape[:1] != (*rows,):
            raise missing.fault
    (total,) = rows
    left_out = np.unique(np.concatenate([missing.rows for missing in lacking.values()]))
    kept = {
        label: _kept(array, left_out) if label in row_wise and array.shape[:1] == (total,) else array
        for label, array in data.items()
    }
    return kept, (f"{plural(len(left_out), 'row')} of {total} left out for missing values",)


def _left(keys: Sequence[str], left_out: NDArray[np.intp]) -> list[str]:
    gone = set(left_out.tolist())
    return [key for row, key in enumerate(keys) if row not in gone]


def _kept(data: Data, left_out: NDArray[np.intp]) -> Data:
    store, below, text, keys = KeptRows(data.store, left_out), prod(data.shape[1:]), data.text, data.keys

    def before(flat: int) -> int:
        return store.before(flat // below) * below + flat % below

    return replace(
        data,
        store=store,
        place=lambda flat: data.place(before(flat)),
        text=(lambda flat: text(before(flat))) if text else None,
        key=data.key or ROW,
        keys=lambda: _left(keys() if data.key else list(map(str, range(data.shape[0]))), left_out),
        missing=None,
        as_stored=None,
    )
