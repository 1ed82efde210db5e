"""Two roads to a derivative that do not pass through a loss's own gradient.

Forward mode carries a derivative through the kernel's value, to nearly all digits. One-sided differences of the value,
in 60 digits where mpmath is installed, know nothing of derivatives at all, and see kinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.chunks import Chunk, divisors, run_kernel
from losscli.engine.evaluate import batch_size
from losscli.numerics import high_precision as precise
from losscli.numerics.dual import Dual
from losscli.schema.loss import Array
from losscli.schema.records import record

DUAL, DIGITS, PLAIN = "dual numbers", f"differences in {precise.DIGITS} digits", "differences in float64"
_FINE = 2.0**-60  # of an element: in 60 digits, what is left out and what is rounded off are both below 1e-12
_NEARER, _DRIFT = 2.0**-20, 1e-9
_COARSE = 2.0**-18
_ROUNDED = {True: 10.0 ** (2 - precise.DIGITS), False: 2.0**-46}  # of the value, with some steps on the way to it
_MOST_PRECISE = 4000  # elements that 60 digits are spent on at once


@record
class Run:
    """A run of units with what each of their losses counts in the reduced value."""

    bound: Bound
    chunk: Chunk
    up: Array

    def arguments(self) -> dict[str, Any]:
        """Fresh copies, since a kernel may overwrite them."""
        return {name: _copied(value) for name, value in self.chunk.arguments.items()}

    def value(self, arguments: dict[str, Any]) -> Any:
        return run_kernel(self.bound, replace(self.chunk, arguments=arguments)).value

    def array(self, field: Field) -> Array:
        """The field's numbers as the kernel gets them."""
        held = self.chunk.arguments[field.member_of] if field.member_of else self.chunk.arguments
        return np.asarray(held[field.name])


@record
class Sides:
    """Derivatives from the left and from the right, and how far each may be off. NaN where a side has none."""

    left: Array
    right: Array
    slack: Array
    method: str


def weights_of(bound: Bound, chunk: Chunk, denominator: float) -> Array:
    """What each unit's loss counts in the reduced value, from the reduction's own definition."""
    up = np.ones(chunk.units) if chunk.weight is None else chunk.weight.copy()
    divided_by = divisors(bound, chunk) if bound.reduction == "mean" else None
    divisor = {"mean": denominator, "batchmean": float(batch_size(bound))}.get(bound.reduction, 1.0)
    with np.errstate(all="ignore"):
        return up / (divisor if divided_by is None else divided_by * divisor)


def forward(run: Run, field: Field, columns: Sequence[int]) -> Array:
    """The derivatives of every unit's loss with respect to some columns of its row: one run of the kernel a column."""
    array = run.array(field)
    slopes = []
    for column in columns:
        direction = np.zeros(array.shape)
        direction.reshape(len(array), -1)[:, column] = 1.0
        slopes.append(_slope(run, field, direction) * run.up)
    return np.stack(slopes, axis=1)


def forward_whole(run: Run, field: Field, elements: Sequence[int]) -> Array:
    """As `forward`, for losses whose samples are not independent: one run of the kernel an element."""
    sums = []
    for element in elements:
        direction = np.zeros(run.array(field).shape)
        direction.reshape(-1)[element] = 1.0
        slope = _slope(run, field, direction)
        sums.append(float(np.where(slope == 0.0, 0.0, slope * run.up).sum()))
    return np.array(sums)


def _slope(run: Run, field: Field, direction: Array) -> Array:
    arguments = run.arguments()
    held = arguments[field.member_of] if field.member_of else arguments
    held[field.name] = Dual(np.array(run.array(field), dtype=np.float64), direction)
    with np.errstate(all="ignore"):
        value = run.value(arguments)
        return np.asarray(value.slope if isinstance(value, Dual) else np.zeros(run.chunk.units))


def differences(run: Run, field: Field, elements: Sequence[int]) -> Sides:
    """One-sided differences at some elements of a field, counted in C order of what the kernel gets."""
    whole = not run.bound.loss.separable
    small = len(elements) if whole else 0
    rows = run if whole else _rows_of(run, field, elements)
    size = sum(array.size for array in _arrays(rows.chunk.arguments)) * max(small, 1)
    if precise.available() and size <= _MOST_PRECISE:
        try:
            return _one_sided(rows, field, elements, whole=whole, fine=True)
        except (TypeError, ValueError, AttributeError, ZeroDivisionError, IndexError):
            pass  # the kernel does something that only plain arrays can
    return _one_sided(rows, field, elements, whole=whole, fine=False)


def _one_sided(run: Run, field: Field, elements: Sequence[int], *, whole: bool, fine: bool) -> Sides:
    array = run.array(field)
    width = 1 if whole else array.size // max(1, len(array))
    places = list(elements) if whole else [at * width + element % width for at, element in enumerate(elements)]
    flat = array.reshape(-1)[places]
    step = _step(array, flat, whole=whole, fine=fine)
    middle = _at(run, field, places, None, whole=whole, fine=fine)

    def quotient(moves: Array) -> Array:
        moved = _wide(flat) + _wide(moves) if fine else flat + moves
        with np.errstate(all="ignore"):
            return _floats((_at(run, field, places, moved, whole=whole, fine=fine) - middle) / moves)

    sides = []
    unsettled = np.zeros(len(places))
    for sign in (-1.0, 1.0):
        slope, nearer = quotient(sign * step), quotient(sign * step * (_NEARER if fine else 0.5))
        with np.errstate(all="ignore"):
            if fine:  # a quotient that moves on as the step shrinks, as that of a logarithm at 0, has no limit
                last = quotient(sign * step * _NEARER**2)
                moves = np.abs(last - nearer)
                endless = (moves > 0.5 * np.abs(nearer - slope)) & (moves > _DRIFT * np.abs(last))
                unsettled = np.maximum(unsettled, np.where(endless, 0.0, np.abs(nearer - slope)))
                slope = np.where(endless, np.copysign(np.inf, last - nearer), nearer)
            else:  # Richardson: twice the half step less the whole one leaves out the square
                slope = 2.0 * nearer - slope
        edge = flat == (field.domain.high if sign > 0.0 else field.domain.low)
        sides.append(np.where(edge | ~field.domain.holds(flat + sign * step), np.nan, slope))
    with np.errstate(all="ignore"):
        size = np.where(np.isnan(_floats(middle - middle)), 0.0, np.abs(_floats(middle)))  # infinities are not rounded
        slack = _ROUNDED[fine] * size / step + np.where(np.isfinite(unsettled), unsettled, 0.0)
    return Sides(sides[0], sides[1], slack, DIGITS if fine else PLAIN)


def _at(run: Run, field: Field, places: Sequence[int], moved: Any, *, whole: bool, fine: bool) -> Any:
    """The losses, as the reduced value counts them, with each of the places moved alone; of whole data their sum."""
    if not whole:
        return _counted(run, field, places, moved, fine=fine)
    if moved is None:
        return np.full(len(places), _counted(run, field, (), None, fine=fine).sum(), dtype=object if fine else None)
    sums = [_counted(run, field, [at], moved[i : i + 1], fine=fine).sum() for i, at in enumerate(places)]
    return np.array(sums, dtype=object if fine else None)


def _counted(run: Run, field: Field, places: Sequence[int], moved: Any, *, fine: bool) -> Any:
    arguments = run.arguments()
    if fine:
        arguments = {name: _widened(value) for name, value in arguments.items()}
    held = arguments[field.member_of] if field.member_of else arguments
    if moved is not None:
        held[field.name].reshape(-1)[list(places)] = moved
    with np.errstate(all="ignore"):
        return np.asarray(run.value(arguments)).reshape(-1) * run.up


def _step(array: Array, flat: Array, *, whole: bool, fine: bool) -> Array:
    """A small part of each element; where it is 0, or in float64 too small to be felt, of the largest in its row."""
    sizes = np.abs(array).reshape(1 if whole else len(array), -1)
    largest = np.where(np.isfinite(sizes), sizes, 0.0).max(axis=1, initial=0.0)
    largest = np.where(largest > 0.0, np.minimum(largest, 1.0), 1.0)
    size = np.where(np.isfinite(flat), np.abs(flat), 1.0)
    if fine:
        return np.asarray(_FINE * np.where(size == 0.0, largest, size))
    return np.asarray(_COARSE * np.maximum(size, largest))


def _rows_of(run: Run, field: Field, elements: Sequence[int]) -> Run:
    """The units that the elements belong to, one for each element."""
    width = run.array(field).size // max(1, run.chunk.units)
    units = [element // width for element in elements]
    by_unit = {spec.name for spec in (*run.bound.inputs, *run.bound.unit_options)}
    picked = {
        name: value[units].copy() if name in by_unit and isinstance(value, np.ndarray) else value
        for name, value in run.chunk.arguments.items()
    }
    undefined = None if run.chunk.undefined is None else run.chunk.undefined[units]
    chunk = replace(run.chunk, arguments=picked, kept=None, units=len(units), undefined=undefined)
    return replace(run, chunk=chunk, up=run.up[units])


def _wide(array: Any) -> Any:
    return precise.precise(np.asarray(array))


def _floats(array: Any) -> Array:
    return precise.floats(array) if array.dtype == object else np.asarray(array, dtype=np.float64)


def _widened(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _widened(member) for name, member in value.items()}
    return _wide(value) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _arrays(arguments: Mapping[str, Any]) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = []
    for value in arguments.values():
        arrays += _arrays(value) if isinstance(value, Mapping) else [value] if isinstance(value, np.ndarray) else []
    return arrays
