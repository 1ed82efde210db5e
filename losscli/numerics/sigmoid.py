"""The logistic function, without overflow at either end.

The bound is in ulps of the result and rests on an exp of 1 ulp, which holds for every NumPy measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), within 4 ulp at both ends.

    For x < 0 it is taken as exp(x) / (1 + exp(x)): the other way exp(-x) overflows at -710, although the result is
    representable until -745.
    """
    tail = _tail(x)
    return np.asarray(np.where(x < 0.0, tail, 1.0) / (1.0 + tail))


def _tail(x: Floats) -> Floats:
    """exp(-|x|), from 0 to 1."""
    tail: Floats = np.asarray(np.abs(x))  # of a 0-dimensional array, abs makes a number that nothing can be written to
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    return tail
