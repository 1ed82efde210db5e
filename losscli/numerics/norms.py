"""The p-norm of rows, and its slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def scale_of(rows: Array) -> Array:
    """A power of two near each row's largest entry (1 for zeros): dividing by it is exact, and squares then fit."""
    _, exponent = np.frexp(np.abs(rows).max(axis=1, initial=0.0))
    scale: Array = np.ldexp(1.0, np.clip(exponent, -1021, 1023))
    return scale


def norm(rows: Array, p: float) -> tuple[Array, Callable[[], Array]]:
    """‖row‖_p for p ≥ 1, infinity included, and a function that gives its gradient (u, d).

    Each row is first divided by a power of two near its largest entry, since 1e200² is infinite and 1e-200² is 0.
    The gradient is sign(x) (|x| / ‖x‖)^(p-1), 0 for a row of zeros; with p = inf the largest entries share it.
    Source: torch.linalg.vector_norm, whose choices at kinks these are.
    """
    size = np.abs(rows)
    if np.isinf(p):
        length = size.max(axis=1, initial=0.0)

        def slope_at_largest() -> Array:
            ties = (size == length[:, None]) & (size > 0.0)
            shared: Array = np.sign(rows) * ties / np.maximum(ties.sum(axis=1, keepdims=True), 1)
            return shared

        return length, slope_at_largest

    scale = scale_of(rows)[:, None]
    size /= scale
    if p == 1.0:
        inner = size.sum(axis=1, keepdims=True)
    elif p == 2.0:
        inner = np.sqrt((size * size).sum(axis=1, keepdims=True))
    else:
        inner = (size**p).sum(axis=1, keepdims=True) ** (1.0 / p)

    def slope() -> Array:
        share = size / np.where(inner == 0.0, 1.0, inner)
        power = share if p == 2.0 else share ** (p - 1.0)
        return np.sign(rows) * power

    return (inner * scale)[:, 0], slope
