"""What a loss and its slopes are, from formulas in mpmath."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from mpmath import mp, mpf

from tests.references._formulas import Array, Number

Slope = tuple[Number, Number, Number]  # from below, in the middle, from above
Formula = Callable[..., Number]

DIGITS = {"ordinary": 150, "offset": 150, "ties": 320, "near-parallel": 150, "mixed sign": 220}
MOST_DIGITS = 1100  # beside 1, the square of the least float, moved by a step, has 100 digits left


@dataclass(frozen=True)
class Truth:
    """The losses of all units, and the slopes of their sum in every entry of each role."""

    values: list[Number]
    slopes: Mapping[str, list[Slope]]


TruthOf = Callable[[Mapping[str, Array], Iterable[str]], Truth]


def digits(family: str) -> int:
    """More than the family's numbers and their exponentials range over."""
    return DIGITS.get(family, MOST_DIGITS)


def exact(value: Any) -> Any:
    """The same number for mpmath, or lists of them; labels stay integers, and words and truths what they are."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [exact(entry) for entry in value]
    if isinstance(value, bool | int | str):
        return value
    return int(value) if isinstance(value, np.integer) else mpf(float(value))


def by_unit(formula: Formula) -> TruthOf:
    """Units are independent: the formula gives the loss of one, called with its inputs by role."""

    def truth(inputs: Mapping[str, Array], roles: Iterable[str]) -> Truth:
        count = len(next(iter(inputs.values())))
        rows = [{role: exact(array[unit]) for role, array in inputs.items()} for unit in range(count)]
        values = [formula(**row) for row in rows]
        slopes = {
            role: [
                slope
                for row, value in zip(rows, values, strict=True)
                for slope in _slopes(row, role, partial(_evaluated, formula, row), value)
            ]
            for role in roles
        }
        return Truth(values, slopes)

    return truth


def _evaluated(formula: Formula, row: Mapping[str, Any]) -> Number:
    """The formula of a row as it stands, which may have been moved since."""
    return formula(**row)


def of_all(formula: Callable[[dict[str, Any]], list[Number]]) -> TruthOf:
    """Units hang together: the formula gives all losses, called with all arrays as lists of lists."""

    def truth(inputs: Mapping[str, Array], roles: Iterable[str]) -> Truth:
        whole = {role: exact(array) for role, array in inputs.items()}
        values = formula(whole)
        total = mp.fsum(values)
        return Truth(values, {role: _slopes(whole, role, lambda: mp.fsum(formula(whole)), total) for role in roles})

    return truth


def _slopes(inputs: dict[str, Any], role: str, evaluate: Callable[[], Number], here: Number) -> list[Slope]:
    """Difference quotients in every entry of a role; the inputs are moved there and back."""
    slopes = []
    for holder, at in list(_places(inputs, role)):
        entry = holder[at]
        step = (min(abs(entry), 1) or 1) * mpf(10) ** -(mp.dps // 3)
        sides = []
        for moved in (entry - step, entry + step):
            holder[at] = moved
            sides.append(evaluate())
        holder[at] = entry
        below, above = (here - sides[0]) / step, (sides[1] - here) / step
        slopes.append((below, (below + above) / 2, above))
    return slopes


def _places(holder: Any, at: Any) -> Iterable[tuple[Any, Any]]:
    """Where the numbers stand, in C order."""
    if not isinstance(holder[at], list):
        yield holder, at
        return
    for index in range(len(holder[at])):
        yield from _places(holder[at], index)
