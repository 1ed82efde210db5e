"""Nested lists, from a literal, JSON or YAML, to arrays."""

from __future__ import annotations

from collections.abc import Callable
from math import nan, prod

import numpy as np

from losscli.reading.text.numbers import EXACT_LIMIT, indexed, misread
from losscli.schema.data import Data, Elements, Held, Missing, by_index
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written, is_number, out_of_range
from losscli.schema.records import record

_MOST_AXES = 32


@record
class Absent:
    """Stands for what a record lacks."""

    fault: Callable[[], DataFault]


def array_of(value: object, name: str, keep_text: bool) -> Data:
    """The array that a number, a word or evenly nested lists of them stand for; null is no value."""
    rows = value if isinstance(value, list) else []
    below = _shape(next((entry for entry in rows if not is_hole(entry)), None))
    shape = (len(rows), *below) if isinstance(value, list) else ()
    if len(shape) > _MOST_AXES:
        raise DataFault(f"{name}: lists nested more than {_MOST_AXES} deep")
    place = by_index(name, shape)
    leaves = _leaves([_full(entry, below) for entry in rows], shape, name, ()) if shape else [value]
    holes = [flat for flat, leaf in enumerate(leaves) if is_hole(leaf)]
    missing = _missing(leaves, holes, prod(below), place) if holes else None
    kinds = set(map(type, leaves)) - {type(None), Absent}
    if kinds == {bool}:
        flags = np.array([leaf is True for leaf in leaves]).reshape(shape)
        return Data(name, "bool", Held(flags), place, missing=missing)
    if kinds == {str} and not any(is_number(leaf) for leaf in leaves if isinstance(leaf, str)):
        known = next(str(leaf) for leaf in leaves if not is_hole(leaf))
        indices, words = indexed([known if is_hole(leaf) else str(leaf) for leaf in leaves])
        return Data(name, "str", Held(indices.reshape(shape)), place, words=words, missing=missing)
    array = _numbers(leaves, place)
    text = (lambda flat: written(leaves[flat])) if keep_text else None
    return Data(name, "float64", Held(array.reshape(shape)), place, text=text, decimal=True, missing=missing)


def is_hole(leaf: object) -> bool:
    """Whether there is no value."""
    return leaf is None or isinstance(leaf, Absent)


def _full(entry: object, shape: tuple[int, ...]) -> object:
    """An entry, nested as the others are where it is no value."""
    if not is_hole(entry):
        return entry
    for length in reversed(shape):
        entry = [entry] * length
    return entry


def _missing(leaves: list[object], holes: list[int], below: int, place: Callable[[int], str]) -> Missing:
    first = leaves[holes[0]]
    cure = "write a number there, or leave its row out"
    fault = DataFault(f"{place(holes[0])}: null where a number must stand", cure)
    if isinstance(first, Absent):
        fault = first.fault()
    return Missing(np.unique(np.array(holes, np.intp) // below), fault)


def written(leaf: object) -> str:
    """A number as its file has it; nothing of what is missing."""
    if is_hole(leaf):
        return ""
    return leaf.text if isinstance(leaf, Written) else str(leaf)


def _shape(value: object) -> tuple[int, ...]:
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def _leaves(value: object, shape: tuple[int, ...], name: str, index: tuple[int, ...]) -> list[object]:
    here = f"{name}[{', '.join(map(str, index))}]" if index else name
    if not isinstance(value, list):
        raise DataFault(f"{here}: one number among lists of {shape[0]}", "make all entries equally long")
    if len(value) != shape[0]:
        raise DataFault(f"{here}: {len(value)} entries, the ones before have {shape[0]}", "make them equally long")
    if len(shape) > 1:
        return [leaf for i, inner in enumerate(value) for leaf in _leaves(inner, shape[1:], name, (*index, i))]
    for i, leaf in enumerate(value):
        if isinstance(leaf, list):
            raise DataFault(
                f"{name}[{', '.join(map(str, (*index, i)))}]: a list among single numbers", "nest all entries equally"
            )
    return value


def _numbers(leaves: list[object], place: Callable[[int], str]) -> Elements:
    """The float64 of each leaf, and a DataFault where float64 cannot hold what was written."""
    numbers = [_number(leaf, index, place) for index, leaf in enumerate(leaves)]
    try:
        array = np.fromiter(numbers, np.float64, len(numbers))
    except OverflowError:
        index = next(i for i, number in enumerate(numbers) if abs(number) >= 2**1024)
        raise DataFault(f"{place(index)}: an integer too large for float64", "scale the data") from None
    for index in np.flatnonzero((array == 0) | np.isinf(array)).tolist():
        number = numbers[index]
        if isinstance(number, Written) and (fact := out_of_range(number.text, number)):
            raise DataFault(f"{place(index)}: {fact}", "scale the data")
    if all(isinstance(number, int) or number is nan for number in numbers):
        for index in np.flatnonzero(np.abs(array) >= EXACT_LIMIT).tolist():
            if int(array[index]) != numbers[index]:
                fact = f"the integer {numbers[index]} is not exact in float64"
                raise DataFault(f"{place(index)}: {fact}", "keep below 2**53")
    return array


def _number(leaf: object, index: int, place: Callable[[int], str]) -> float | int:
    """A leaf as a number; the strings NaN, Infinity and -Infinity are, as JSON has no other way to say them."""
    if isinstance(leaf, (float, int)) and not isinstance(leaf, bool):
        return leaf
    if is_hole(leaf):
        return nan
    if isinstance(leaf, str) and is_number(leaf):
        return Written(leaf)
    if isinstance(leaf, str):
        fact, cure = misread(leaf)
        raise DataFault(f"{place(index)}: {fact}", cure)
    if isinstance(leaf, bool):
        raise DataFault(f"{place(index)}: {str(leaf).lower()} among numbers", "write 1 or 0")
    cure = "make a table of such records: pandas.DataFrame(records).to_csv"
    raise DataFault(f"{place(index)}: a mapping where a number must stand", cure)
