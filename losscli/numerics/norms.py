"""The p-norm of rows, and its slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, row_sums

Array = NDArray[np.float64]


def scale_of(rows: Array) -> Array:
    """A power of two near each row's largest entry (1 for zeros): dividing by it is exact, and squares then fit."""
    _, exponent = np.frexp(np.abs(rows).max(axis=1, initial=0.0))
    scale: Array = np.ldexp(1.0, np.clip(exponent, -1021, 1023))
    return scale


def norm(rows: Doubled, p: float) -> tuple[Doubled, Callable[[], Array]]:
    """‖row‖_p for p ≥ 1, infinity included, and a function that gives its gradient (u, d).

    The gradient is sign(x) (|x| / ‖x‖)^(p-1), 0 for a row of zeros; with p = inf the largest entries share it. For
    p = 1, 2 and infinity the norm has twice the working precision, so that two norms may be subtracted.
    Source: torch.linalg.vector_norm, whose choices at kinks these are.
    """
    sign = np.sign(rows.high)
    scale = scale_of(rows.high)  # 1e200² is infinite, and 1e-200² is 0
    size = rows.scaled(sign / scale[:, None])
    if p == 1.0:
        return row_sums(size).scaled(scale), lambda: sign
    if p == 2.0:
        length = row_sums(size * size).sqrt()
        return length.scaled(scale), lambda: sign * _over(size.high, length.high[:, None])
    if np.isinf(p):
        return _largest(size).scaled(scale), lambda: _shared(size) * sign
    # By the largest entry itself, not a power of two near it: 0.5^p underflows where p is large
    share = size / _largest(size).column
    share = Doubled(*(np.where(sign == 0.0, 0.0, part) for part in (share.high, share.low)))
    powers = row_sums(doubled(share.power(p))).high
    length = _largest(size) * powers ** (1.0 / p)
    return length.scaled(scale), lambda: sign * share.power(p - 1.0) * _over(1.0, powers ** (1.0 - 1.0 / p))[:, None]


def _largest(size: Doubled) -> Doubled:
    high = size.high.max(axis=1, initial=0.0)
    low = np.where(size.high == high[:, None], size.low, -np.inf).max(axis=1, initial=-np.inf)
    return Doubled(high, np.where(np.isfinite(low), low, 0.0))


def _shared(size: Doubled) -> Array:
    largest = _largest(size)
    ties = (size.high == largest.high[:, None]) & (size.low == largest.low[:, None]) & (size.high > 0.0)
    shared: Array = ties / np.maximum(ties.sum(axis=1, keepdims=True), 1)
    return shared


def _over(above: Array | float, below: Array) -> Array:
    """The quotient, 0 where the divisor is 0: the chosen slope of a norm at its kink."""
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below != 0.0)
