"""Columns of one length as one array of two axes, whose elements stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from losscli.schema.data import Data, Elements, Missing, Store
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_EXACT = 2**53  # up to which float64 holds every whole number


@record
class Interleaved:
    """Stores of one axis side by side: (N, k)."""

    columns: tuple[Store, ...]
    dtype: np.dtype[Any]
    names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return (*self.columns[0].shape, len(self.columns))

    def flat(self, start: int, stop: int) -> Elements:
        width = len(self.columns)
        stop = min(stop, prod(self.shape))
        first, last = start // width, -(-stop // width)
        rows = np.empty((max(0, last - first), width), self.dtype)
        for at, column in enumerate(self.columns):
            rows[:, at] = exact_in(self.dtype, column.flat(first, last), self.names[at], first)
        return rows.reshape(-1)[start - first * width : max(start, stop) - first * width]


def side_by_side(columns: Sequence[Data], source: str, names: Sequence[str]) -> Data:
    """Columns of numbers, of one length, as (N, k)."""
    stores = tuple(data.store for data in columns)
    dtype = np.result_type(*(store.flat(0, 0).dtype for store in stores))
    dtypes = {data.dtype for data in columns}
    return Data(
        source=source,
        dtype=dtypes.pop() if len(dtypes) == 1 else dtype.name,
        store=Interleaved(stores, dtype, tuple(data.source for data in columns)),
        place=lambda flat: columns[flat % len(columns)].place(flat // len(columns)),
        names=tuple(names),
        missing=missing_in([data.missing for data in columns]),
    )


def missing_in(each: Sequence[Missing | None]) -> Missing | None:
    """The rows in which one of several columns has no value."""
    lacking = [missing for missing in each if missing is not None]
    if not lacking:
        return None
    first = min(lacking, key=lambda missing: int(missing.rows[0]))
    return Missing(np.unique(np.concatenate([missing.rows for missing in lacking])), first.fault)


def exact_in(dtype: np.dtype[Any], values: Elements, name: str, before: int) -> Elements:
    """The elements in a wider type; a DataFault for a whole number that it does not hold."""
    if values.dtype.kind in "iu" and dtype.kind == "f" and values.dtype.itemsize > 4:
        for at in np.flatnonzero((values > _EXACT) | (values.astype(np.float64) < -_EXACT)).tolist():
            if int(float(values[at])) != int(values[at]):
                fact = f"{name}[{before + at}]: the integer {values[at]} is not exact in {dtype.name}"
                raise DataFault(fact, "select it alone")
    wider: Elements = values.astype(dtype, copy=False)
    return wider
