"""Words that formulas in mpmath share."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf
from numpy.typing import NDArray

Number = Any  # mpmath has no types
Array = NDArray[Any]


def log(number: Number) -> Number:
    """The logarithm, -inf for 0."""
    return mp.log(number) if number else -mp.inf


def times(weight: Number, number: Number) -> Number:
    """The product, with 0 · inf = 0."""
    return weight * number if weight else mpf(0)


def log_softmax(scores: list[Number]) -> list[Number]:
    """log exp(x) / Σ exp(x)."""
    total = log(mp.fsum(map(mp.exp, scores)))
    return [score - total for score in scores]


def flat(rows: Any) -> list[Number]:
    """The numbers of nested lists."""
    return [entry for row in rows for entry in flat(row)] if isinstance(rows, list) else [rows]
