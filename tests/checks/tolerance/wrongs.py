"""Wrong claims, made of right ones; and how far off a claim may be by the contract, written from TOLERANCE alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.checks.tolerance.drawn import Array, Draw, Inputs
from tests.checks.tolerance.formulas import Formula

EPS = 2.0**-23
SINGLE = 1.3e-6
# A little more, since 1/11 · (1 + 1e-5) is 0.09091, which is 1/11 to five decimals
OFF = {f"off by {off:g}": 1.0 + 1.0371 * off for off in (1e-5, 1e-4, 1e-3, 1e-2, 0.1)}
SCALES = {**OFF, "sign": -1.0, "half": 0.5, "double": 2.0, "zero": 0.0}


def _shuffled(array: Array, draw: Draw) -> Array:
    return draw.permutation(array.reshape(-1)).reshape(array.shape)


def _a_third_zeroed(array: Array, draw: Draw) -> Array:
    left = array.copy().reshape(-1)
    left[draw.permutation(left.size)[: max(left.size // 3, 1)]] = 0.0
    return left.reshape(array.shape)


def _a_column_missing(array: Array, draw: Draw) -> Array:
    left = array.copy()
    if array.ndim > 1:
        left[..., draw.integers(array.shape[-1])] = 0.0
    return left


OF_ARRAYS: dict[str, Callable[[Array, Draw], Array]] = {
    "constant": lambda array, _: np.full(array.shape, array.mean()),
    "shuffled": _shuffled,
    "a third zeroed": _a_third_zeroed,
    "a column missing": _a_column_missing,
    "abs": lambda array, _: np.abs(array),
}


def mistakes(right: Array, draw: Draw) -> Iterator[tuple[str, Array]]:
    """Those that change a number, or an array of two or more."""
    made = {name: right * scale for name, scale in SCALES.items()}
    if right.size > 1:
        made |= {name: make(right, draw) for name, make in OF_ARRAYS.items()}
    for name, wrong in made.items():
        if not np.array_equal(wrong, right):
            yield name, np.asarray(wrong)


def why_it_holds(
    formula: Formula, inputs: Inputs, kind: str, losses: Array, right: Array, claim: Array, texts: Sequence[str] | None
) -> str:
    """The cause by which the contract lets a wrong claim hold, empty if there is none.

    `losses` are those of the units, `claim` are the numbers as they were written, `texts` their cells.
    """
    off = np.abs(claim - right)
    half = np.zeros(right.shape) if texts is None else halves(texts).reshape(right.shape)
    single = leaves(formula, inputs, kind, losses, right)
    if (off <= single * (1 + 1e-9)).all():
        return "single precision"
    if (off <= (single + half) * (1 + 1e-9)).all():
        return "digits and single precision"
    if right.ndim == 0 and _is_short(float(claim)):
        spacing = 2.0 ** (np.floor(np.log2(np.abs(claim))) - 7)
        if off <= spacing + single + half:
            return "exactly a bfloat16"
    return ""


def leaves(formula: Formula, inputs: Inputs, kind: str, losses: Array, right: Array) -> Array:
    """What single precision leaves: of a value (the mean), a sum, a vector, or a gradient of the mean."""
    one = 2.0 * np.sqrt(np.abs(losses)) if formula.loss == "msle" else np.asarray(formula.one)
    if kind in ("value", "sum"):
        size = np.abs(right) if formula.single or formula.coupled else _mean(formula, inputs, np.abs(losses))
        whole = losses.size if kind == "sum" and not formula.single else 1
        if kind == "sum" and not formula.single:
            size = np.abs(losses).sum()
        return np.asarray(SINGLE * size + EPS * one.mean() * whole)
    if kind == "per_sample":
        return np.asarray(SINGLE * np.abs(right) + EPS * one * (8 + _largest(inputs, losses)))
    floor = EPS * one.max() * (8 + max(np.abs(array).max() for array in inputs.values() if array.dtype.kind == "f"))
    rows = np.abs(right).reshape(len(right), -1).max(axis=1).reshape(-1, *(1,) * (right.ndim - 1))
    upstream = 1.0 if formula.single else _upstream(formula, inputs, losses)
    return np.broadcast_to(SINGLE * np.maximum(rows, np.sqrt(np.mean(right**2))) + floor * upstream, right.shape)


def _mean(formula: Formula, inputs: Inputs, sizes: Array) -> Array:
    if formula.loss == "ctc":
        return np.asarray((sizes / inputs["target_lengths"]).mean())
    weights = formula.shares(np, **inputs).sum() if formula.shares else sizes.size
    return np.asarray(sizes.sum() / weights)


def _upstream(formula: Formula, inputs: Inputs, losses: Array) -> float:
    if formula.loss == "ctc":
        return 1.0 / float(inputs["target_lengths"].sum())
    return float(1.0 / (formula.shares(np, **inputs).sum() / 2.0 if formula.shares else losses.size))  # weights to 2


def _largest(inputs: Inputs, losses: Array) -> Array:
    """The largest input of each unit; of all, where the first axis does not count units."""
    largest = np.zeros(losses.shape)
    for array in inputs.values():
        if array.dtype.kind != "f":
            continue
        size = np.abs(array)
        if size.shape[0] != losses.shape[0]:
            largest = np.maximum(largest, size.max())
        elif size.ndim > losses.ndim:
            largest = np.maximum(largest, size.reshape(len(size), -1).max(axis=1))
        else:
            largest = np.maximum(largest, size)
    return largest


_CELL = re.compile(r"-?([0-9]*)\.?([0-9]*)(?:e([-+][0-9]+))?")


def halves(texts: Sequence[str]) -> Array:
    """HALF: half a unit of the last digit; in an array dropped zeros count as written, as the other cells show."""
    own: list[float] = []
    fixed: list[float] = []
    digits = 1
    for text in texts:
        cell = _CELL.fullmatch(text)
        assert cell is not None, text
        whole, fraction, exponent = cell.groups()
        own.append(0.5 * 10.0 ** (int(exponent or 0) - len(fraction)))
        digits = max(digits, len((whole + fraction).lstrip("0")))
        if exponent is None:
            fixed.append(own[-1])
    if len(texts) == 1:
        return np.array(own)
    numbers = np.abs([float(text) for text in texts])
    with np.errstate(divide="ignore"):
        at_digit = np.where(numbers > 0, 0.5 * 10.0 ** (np.floor(np.log10(numbers)) - digits + 1), 0.0)
    return np.minimum(own, np.maximum(min(fixed, default=0.0), at_digit))


def _is_short(number: float) -> bool:
    return bool(np.frexp(number)[0] * 256 % 1 == 0)
