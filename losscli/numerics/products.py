"""Products of matrices to twice the working precision, at the speed of BLAS, with the same bits on any machine.

A float64 is cut into slices of so few bits that a dot product of slices has at most 53: BLAS then adds nothing but
whole numbers that fit, exactly, in whatever order and on however many threads. Only the few sums of slices round.
Source: K. Ozaki, T. Ogita, S. Oishi, S. M. Rump, "Error-free transformations of matrix multiplication by using fast
routines of matrix multiplication and its applications", Numer. Algorithms 59 (2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product as pairs
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, two_sum

Array = NDArray[np.float64]
Exponents = NDArray[np.intc]

_SLICES = 4  # of 21 bits
_INNER = 1024  # terms of a dot product of slices; longer ones are cut
_OUTER = 512  # rows, or columns, of a block: the slices of one take 17 MB
_LEAST = 2.0**-16  # that Σ |a_j b_j| of scaled rows and columns, whose largest entries are near 1, may come to
_BITS = (53 - (_SLICES * _INNER).bit_length() + 1) // 2  # so that _SLICES · _INNER products of two slices fit in 53


@dataclass(frozen=True, slots=True)
class _Sliced:
    """2^exponent · Σ slices, the greatest first; slice i counts in units of 2^-(_BITS + i (_BITS + 1))."""

    slices: tuple[Array, ...]  # (m, k) each
    exponent: Exponents  # (m,)


def product(left: Array, right: Array, *, slices: int = _SLICES) -> Doubled:
    """The matrix product, (m, k) by (k, n), of finite numbers.

    Row a by column b is off by less than k 2^(22 - 21 slices) · Σ_j |a_j b_j|, however far the entries spread. A row of
    the result depends on nothing but its own row of the left matrix, and on the right.
    """
    if type(left) is not np.ndarray or type(right) is not np.ndarray:  # such as dual numbers, which have no slices
        return doubled(left @ right)
    result = zeros((len(left), right.shape[1]))
    with np.errstate(all="ignore"):
        for inner, columns in pairs(blocks(len(right), _INNER), blocks(right.shape[1], _OUTER)):
            sliced = _columns(right[inner, columns], slices)
            for rows in blocks(len(left), _OUTER):
                part = _product(left[rows, inner], sliced, slices)
                if inner.start:
                    part = part + Doubled(result.high[rows, columns], result.low[rows, columns])
                result.high[rows, columns], result.low[rows, columns] = part.high, part.low
    return result


def zeros(shape: tuple[int, ...]) -> Doubled:
    """A matrix to add to."""
    return Doubled(np.zeros(shape), np.zeros(shape))


def add_at(total: Doubled, where: Any, more: Array) -> None:
    """Adds to a part of a matrix, in its place; the total is high + low then, not renormalized."""
    before = total.high[where]
    after = before + more
    part = after - before
    total.low[where] += (before - (after - part)) + (more - part)
    total.high[where] = after


def blocks(length: int, size: int) -> list[slice]:
    """A range in parts of one size; the last may be smaller."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns of the right matrix, each as a row of slices, divided by 2^level, which is above all entries of a row."""

    entries: Array  # (k, n)
    level: Exponents  # (k,)
    sliced: _Sliced


def _columns(entries: Array, slices: int) -> _Columns:
    level_rows, level = _scaled(entries)
    return _Columns(entries, level, _sliced(level_rows.T, np.zeros(1, np.intc), slices))


def _product(rows: Array, right: _Columns, slices: int) -> Doubled:
    """The product of a block.

    Row a by column b is off by less than k 2^(5 - 21 slices) · max_j |a_j| 2^level_j · max_j |b_j| / 2^level_j. An
    entry far above the others of its row of the right matrix raises the level for all columns, so that this may be far
    above Σ |a_j b_j|. Rows where it is are multiplied again, by either half of the columns: the outlier spoils one half
    alone, and in the end its own column, which it does not spoil.
    """
    left = _sliced(rows, right.level, slices)
    result = _product_of_slices(left, right.sliced, slices)
    if right.entries.shape[1] > 1:
        lost = np.flatnonzero(_lost(rows, left, right))
        for half in blocks(right.entries.shape[1], (right.entries.shape[1] + 1) // 2) if len(lost) else []:
            again = _product(rows[lost], _columns(right.entries[:, half], slices), slices)
            result.high[lost, half], result.low[lost, half] = again.high, again.low
    return result


def _lost(rows: Array, left: _Sliced, right: _Columns) -> NDArray[np.bool_]:
    """The rows with a product that is far below what its scales allow; products of first slices add up exactly."""
    small = np.abs(left.slices[0]) @ np.abs(right.sliced.slices[0]).T < _LEAST
    lost = np.asarray(small.any(axis=1))
    if lost.any():  # but where all terms are 0, nothing is
        terms = (rows[lost] != 0.0).astype(np.float64) @ (right.entries != 0.0)
        lost[lost] = (small[lost] & (terms > 0.0)).any(axis=1)
    return lost


def _product_of_slices(left: _Sliced, right: _Sliced, slices: int) -> Doubled:
    """The product of the left rows and the transpose of the right ones."""
    levels = [np.zeros((len(left.exponent), len(right.exponent))) for _ in range(slices)]
    for (i, left_slice), (j, right_slice) in pairs(enumerate(left.slices), enumerate(right.slices)):
        if i + j < slices:
            levels[i + j] += left_slice @ right_slice.T  # all of one level have one unit, and add up exactly
    total = two_sum(levels[0], levels[1])
    small = total.low + sum(reversed(levels[2:]))
    high = total.high + small
    exponent = np.add.outer(left.exponent, right.exponent)
    result = Doubled(np.ldexp(high, exponent), np.ldexp(small - (high - total.high), exponent))
    result.low[np.isinf(result.high)] = 0.0
    return result


def _sliced(matrix: Array, level: Exponents, count: int) -> _Sliced:
    """The slices of matrix · 2^level, each row of which is scaled to be below 1."""
    rows, exponent = _scaled(matrix)
    top = level.max()
    rest, more = _scaled(_shifted(rows, level - top))
    slices: list[Array] = []
    for number in range(count):
        # Floats next to 1.5 · 2^52 units are one unit apart. At most 2^_BITS units are cut off, and half a unit is left
        lift = 1.5 * 2.0 ** (52 - _BITS - number * (_BITS + 1))
        slices.append(rest + lift)
        slices[-1] -= lift
        rest -= slices[-1]
        if not rest.any():
            break
    return _Sliced(tuple(slices), exponent + more + top)


def _scaled(rows: Array) -> tuple[Array, Exponents]:
    """Rows · 2^-exponent, the least exponents for which all is below 1; that of a row of zeros is below all others."""
    exponent = np.frexp(np.maximum(np.abs(rows).max(axis=1, initial=0.0), 5e-324))[1]
    return _shifted(rows, -exponent[:, None]), exponent


def _shifted(matrix: Array, exponent: Exponents) -> Array:
    """matrix · 2^exponent, in two steps, for 2^1074 is no float; much faster than ldexp."""
    half = exponent // 2
    shifted: Array = matrix * np.ldexp(1.0, half)
    shifted *= np.ldexp(1.0, exponent - half)
    return shifted
