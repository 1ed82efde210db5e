"""Distances between floats, counted in floats: the k-th float above another is k ulps away from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LOWEST = np.int64(-(2**63))
_FARTHEST = np.uint64(2**64 - 1)


def ulp(values: ArrayLike, dtype: type[np.floating] = np.float64) -> NDArray[np.float64]:
    """The spacing that floats of this type have at |value|: the next larger magnitude is that much larger.

    It is taken at the value itself, not at the value rounded to the type: under a power of two the spacing is that of
    below. Beyond the type's range the last exponents go on.
    """
    magnitudes = np.abs(np.asarray(values, np.float64))
    info = np.finfo(dtype)
    _, exponents = np.frexp(np.maximum(magnitudes, info.smallest_normal))
    spacings = np.ldexp(1.0, exponents - 1 - info.nmant)
    return np.asarray(np.where(np.isfinite(magnitudes), spacings, magnitudes))  # inf and NaN stay what they are


def ulps_between(left: ArrayLike, right: ArrayLike) -> NDArray[np.uint64]:
    """How many steps from float64 to next float64 lead from one to the other.

    Both zeros are the same place, and so are all NaN; from a NaN to a number it is 2**64 - 1, farther than between
    any two numbers.
    """
    left, right = np.broadcast_arrays(np.asarray(left, np.float64), np.asarray(right, np.float64))
    here, there = _ordinal(left), _ordinal(right)
    with np.errstate(over="ignore"):  # as signed integers the difference may overflow; modulo 2**64 it is the distance
        steps = np.maximum(here, there).view(np.uint64) - np.minimum(here, there).view(np.uint64)
    undefined = np.isnan(left).astype(np.int8) + np.isnan(right)
    return np.asarray(np.where(undefined == 0, steps, np.where(undefined == 2, np.uint64(0), _FARTHEST)))


def _ordinal(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Integers in the order of the floats: bits count magnitude, so those of negative numbers are turned round."""
    bits = np.ascontiguousarray(values).view(np.int64).reshape(values.shape)
    return np.asarray(np.where(bits < 0, _LOWEST - bits, bits))
