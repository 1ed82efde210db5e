"""Derivatives of functions of which nothing is known but their values.

The complex step has nearly all digits, but only where a function is analytic and takes complex numbers: of |x| it says
0. Central differences, extrapolated to a step of nothing, know when they are wrong, and so they judge it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Along = Callable[[NDArray[Any]], NDArray[Any]]

_FIRST, _RATIO, _LEVELS = 2.0**-5, 4.0, 7  # powers of two: then most arguments move by exactly the step
_FINER = 2.0**-19  # for what lies next to an edge, as 1 - 1e-6 does
_IMAGINARY = 1e-20
_SAME = 1e-6
_POOR, _UNSURE = 1e-10, 1e-3  # errors, as shares of a derivative
_ERRORS = 10.0  # estimates of its own error that a difference may be off by
_ROUNDED = 2.0**-50  # of the value, with the steps on the way to it


def derivative(along: Along, near: Array, wide: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The derivatives at 0 of functions of one number each, and which of them are by the complex step.

    `along` takes a move for each function, and gives NaN where it cannot. `near` and `wide` are two scales to start
    from: that of the element, and that of its neighbours, since a number near 0 may or may not lie near an edge.
    """
    with np.errstate(all="ignore"):
        near, wide = _power_of_two(near), _power_of_two(wide)
        size = np.abs(np.real(along(np.zeros_like(near))))
        slope, error = _extrapolated(along, near * _FIRST, size)
        for start in (wide * _FIRST, near * _FINER):
            poor = ~(error <= _POOR * np.abs(slope))
            if poor.any():
                backward, backward_error = _extrapolated(along, start, size)
                better = poor & (backward_error < error)
                slope, error = np.where(better, backward, slope), np.where(better, backward_error, error)
        exact = np.imag(along(1j * _IMAGINARY * near)) / (_IMAGINARY * near)
        same = _SAME * np.maximum(np.abs(exact), np.abs(slope))
        away = np.abs(exact - slope)
        agrees = away <= np.maximum(same, _ERRORS * error)
        unsure = ~(error <= _UNSURE * np.abs(slope))
        contradicted = np.isfinite(exact) & ~agrees & ~unsure
        # Wrong somewhere, it is taken only where the differences are sure enough to confirm it
        taken = away <= same if contradicted.any() else np.isfinite(exact) & (agrees | unsure)
        return np.where(np.isfinite(size), np.where(taken, exact, slope), np.nan), taken


def _extrapolated(along: Along, step: Array, size: Array) -> tuple[Array, Array]:
    """Richardson's extrapolation of central differences, and Ridders' estimate of its error: the best of a tableau.

    The error is at least what rounding makes of values of that `size`.
    Source: C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982).
    """
    best, least = np.full(step.shape, np.nan), np.full(step.shape, np.inf)
    before: list[Array] = []
    for level in range(_LEVELS):
        move = step * _RATIO**-level
        rounding = _ROUNDED * size / move
        row = [np.real(along(move) - along(-move)) / (2.0 * move)]
        for order, coarse in enumerate(before, 1):
            weight = _RATIO ** (2 * order)
            row.append((weight * row[-1] - coarse) / (weight - 1.0))
            error = np.maximum(np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - coarse)), rounding)
            better = error < least
            best, least = np.where(better, row[-1], best), np.where(better, error, least)
        before = row
    return best, least


def _power_of_two(scale: Array) -> Array:
    return np.exp2(np.floor(np.log2(scale)))
