"""Functions of one number, for arrays: what losses are made of, without cancellation and without overflow.

The bounds are in ulps of the result and rest on exp, log, log1p and expm1 of 1 ulp, which holds for every NumPy
measured. Infinite arguments give the limit. The forms follow Mächler, "Accurately Computing log(1 − exp(−|a|))"
(2012, https://cran.r-project.org/package=Rmpfr, vignette log1mexp-note).
"""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.logarithm import log1p_unit

Floats = NDArray[np.float64]

_LOG_2 = log(2.0)


def softplus(x: Floats) -> Floats:
    """log(1 + exp(x)), within 4 ulp.

    exp(x) overflows at 710, and for x under -37 the sum 1 + exp(x) is 1; max(x, 0) + log1p(exp(-|x|)) adds two terms
    that are not negative, of an exponential that is at most 1, and needs no branch.
    """
    return np.maximum(x, 0.0) + log1p_unit(_tail(x))


def log_sigmoid(x: Floats) -> Floats:
    """log(1 / (1 + exp(-x))) = -softplus(-x), within 4 ulp."""
    return np.minimum(x, 0.0) - log1p_unit(_tail(x))


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), within 4 ulp at both ends.

    For x < 0 it is taken as exp(x) / (1 + exp(x)): the other way exp(-x) overflows at -710, although the result is
    representable until -745.
    """
    tail = _tail(x)
    return np.asarray(np.where(x < 0.0, tail, 1.0) / (1.0 + tail))


def log1mexp(a: Floats) -> Floats:
    """log(1 - exp(-a)) for a >= 0, within 4 ulp; -inf at 0.

    1 - exp(-a) cancels for small a, which expm1 avoids; for large a it is rounded next to 1, which log1p avoids. Taking
    turns at log 2, where exp(-a) is a half, neither logarithm magnifies an error more than 1.5 times.
    """
    near = a <= _LOG_2
    result = np.empty(a.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        result[near] = np.log(-np.expm1(-a[near]))
        result[~near] = np.log1p(-np.exp(-a[~near]))
    return result


def xlogy(x: Floats, y: Floats) -> Floats:
    """x log(y), and 0 wherever x is 0 and y a number: what has no weight adds nothing. Within 3 ulp."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return x * np.log(np.where((x == 0.0) & (y == y), 1.0, y))


def xlog1py(x: Floats, y: Floats) -> Floats:
    """x log(1 + y), and 0 wherever x is 0 and y a number. Within 3 ulp, which for small y log(1 + y) is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return x * np.log1p(np.where((x == 0.0) & (y == y), 0.0, y))


def _tail(x: Floats) -> Floats:
    """exp(-|x|), from 0 to 1."""
    tail: Floats = np.asarray(np.abs(x))  # of a 0-dimensional array, abs makes a number that nothing can be written to
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    return tail
