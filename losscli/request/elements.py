"""Arrays of NumPy to Data: numbers, words, Python's objects, and what is missing among them."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from losscli.reading.side_by_side import missing_in
from losscli.schema.data import Data, Elements, Held, Missing, by_index, held
from losscli.schema.faults import DataFault
from losscli.schema.kinds import shown

_LISTS = (list, tuple, np.ndarray)
_NOTHING = ("NAType", "NaTType")  # of pandas, by the names of their types


def stored(array: Any, name: str) -> Data:
    """The Data of numbers, or of words."""
    if array.dtype.kind == "O":
        return of_objects(array, name)
    if array.dtype.kind in "US":
        words, codes = np.unique(array.astype(str).reshape(-1), return_inverse=True)
        stored = Held(codes.reshape(array.shape))
        return Data(name, "words", stored, by_index(name, array.shape), words=tuple(words.tolist()))
    if array.dtype.kind in "mM":
        raise DataFault(f"{name} holds {array.dtype}, which are times", "give it as a number, such as seconds")
    if array.dtype.name == "bfloat16":  # of ml_dtypes, as JAX has it
        return Data(name, "bfloat16", Held(array.astype(np.float32)), by_index(name, array.shape))
    if array.dtype.name.startswith("float8"):
        raise DataFault(f"{name} holds {array.dtype.name}", "give it as float32")
    if array.dtype.char == "g" and array.dtype.itemsize > 8:
        return held(_halved(array, name), name)
    return held(array, name)


def of_objects(array: Any, name: str) -> Data:
    """The Data of Python's objects: words, numbers or lists of them, among which None and pandas.NA are missing."""
    objects = array.reshape(-1).tolist()
    mask = np.array([item is None or type(item).__name__ in _NOTHING for item in objects], bool)
    there = [item for item, lacks in zip(objects, mask.tolist(), strict=True) if not lacks]
    if array.ndim == 1 and any(isinstance(item, _LISTS) for item in there):
        return _of_lists(objects, mask, name)
    if not there:
        found = held(np.full(array.shape, np.nan), name)
    elif all(isinstance(item, str) for item in there):
        found = stored(np.array(["" if lacks else item for item, lacks in zip(objects, mask, strict=True)]), name)
        found = replace(found, store=Held(found.array().reshape(array.shape)), place=by_index(name, array.shape))
    else:
        numbers = np.asarray(there)
        if numbers.dtype.kind not in "biuf" or numbers.ndim != 1:
            return held(array, name)
        every = np.full(len(objects), np.nan if mask.any() and numbers.dtype.kind == "f" else 0, numbers.dtype)
        every[~mask] = numbers
        found = held(every.reshape(array.shape), name)
    return replace(found, missing=missing_where(mask.reshape(array.shape), name, "missing"))


def _of_lists(objects: list[Any], mask: Elements, name: str) -> Data:
    """Lists of one length, each a row."""
    lists = [item for item in objects if isinstance(item, _LISTS)]
    for row, item in enumerate(objects):
        if mask[row]:
            continue
        if not isinstance(item, _LISTS):
            raise DataFault(f"{name}[{row}] is {shown(item)}, and another row is a list", "give a list in every row")
        if len(item) != len(lists[0]):
            fact = f"{name}[{row}] is a list of length {len(item)}, the first has {len(lists[0])}"
            raise DataFault(fact, "make all lists of a column equally long")
    rows = np.asarray(lists)
    every = np.zeros((len(objects), *rows.shape[1:]), rows.dtype)
    every[~mask] = rows
    found = stored(every, name)
    return replace(found, missing=missing_in([found.missing, missing_where(mask, name, "missing")]))


def missing_where(mask: Elements, name: str, word: str) -> Missing | None:
    """The rows of which an element is missing."""
    masked = np.flatnonzero(mask)
    if not len(masked):
        return None
    place = by_index(name, mask.shape)(int(masked[0]))
    fault = DataFault(f"{place} is {word}", "fill it in, or leave its row out of every array")
    return Missing(np.unique(masked // max(1, prod(mask.shape[1:]))), fault)


def _halved(array: Elements, name: str) -> Elements:
    """Extended precision as float64, where that holds every number."""
    with np.errstate(over="ignore"):
        doubles = array.astype(np.float64)
    lost = np.flatnonzero(~((doubles == array) | np.isnan(array)))
    if len(lost):
        place = by_index(name, array.shape)(int(lost[0]))
        raise DataFault(f"{place} is a longdouble that float64 does not hold exactly", "give the array as float64")
    return doubles
