"""log Σ exp(x) of rows, in two parts that are never added before the small one has done its work."""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogSumExp:
    """log Σ exp(x) = largest + log1p(others), where `others` is Σ exp(x - largest) without the one largest term.

    Why two parts: for the scores [0, -40] the sum's logarithm is 4e-18 above the largest score. Added, it is lost; kept
    apart, a loss is gap + log1p(others), two terms that are not negative, so nothing cancels. With exponentials good to
    1 ulp and differences that are exact, or corrected, the relative error of that loss stays under 8 · 2⁻⁵³ however
    large the gap is, besides the rounding of a sum of C terms of one sign: the largest term is 1 and adds no error, and
    log1p does not magnify one, for s / ((1+s) log1p(s)) ≤ 1.
    """

    largest: Array  # (u,)
    at: NDArray[np.intp]  # (u,) where the largest term stands, the first of several
    below: Array | None  # (u, c) x - largest, when asked for
    exponentials: Array  # (u, c) exp(x - largest), 0 where the largest term stands
    others: Array  # (u,)

    @property
    def log_others(self) -> Array:
        """log1p(others), which is log Σ exp(x) - largest."""
        return np.log1p(self.others)

    def gap(self, picked: Array, label: NDArray[np.intp]) -> Array:
        """largest - x_y, where `picked` is x_y; 0 at the top without subtracting: inf - inf is no gap."""
        return np.subtract(self.largest, picked, out=np.zeros_like(picked), where=self.at != label)

    def elsewhere(self, label: NDArray[np.intp]) -> Array:
        """Σ exp(x - largest) without the label's term: never 1 - p_y, which is 0 for a confident row."""
        own = self.exponentials[np.arange(len(label)), label]
        return np.where(self.at == label, self.others, 1.0 + (self.others - own))


def logsumexp(rows: Array, *, keep_below: bool = False) -> LogSumExp:
    """The two parts of log Σ exp of each row, and what a softmax needs; `rows`, shape (u, c), is overwritten.

    One +inf in a row gives others = 0; two, or nothing but -inf, are undefined and give NaN.
    Source: P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax functions",
    IMA J. Numer. Anal. 41 (2021); the correction of the differences is our own.
    """
    each_row = np.arange(len(rows))
    at = rows.argmax(axis=1)
    largest = rows[each_row, at]
    with np.errstate(invalid="ignore", under="ignore"):
        shift = largest[:, None]
        if _on_one_grid(rows, largest):
            below, residual = np.subtract(rows, shift, out=rows), None
        else:
            below = rows - shift
            residual = _residual(rows, shift, below)
        exponentials = np.exp(below, out=None if keep_below else below)
        if residual is not None:
            exponentials += exponentials * residual
    exponentials[each_row, at] = 0.0
    if keep_below:
        below[each_row, at] = 0.0  # inf - inf, where the largest is infinite
    return LogSumExp(largest, at, below if keep_below else None, exponentials, exponentials.sum(axis=1))


def _on_one_grid(rows: Array, largest: Array) -> bool:
    """Whether x - largest is exact throughout, because all entries are multiples of one power of two, and few enough.

    With |x| < 2^e, adding and subtracting 1.5 · 2^(e+1) rounds x to a multiple of 2^(e-51). Where that changes no
    entry, a difference is such a multiple too, below 2^(e+1), and fits in 53 bits. Scores that were float32 nearly
    always pass, and the test costs half of computing the rounding errors.
    """
    if not rows.size:
        return True
    widest = max(-float(rows.min()), float(largest.max()), -float(largest.min()))
    if not widest < 2.0**1000:  # also where a score is infinite
        return False
    lift = 1.5 * 2.0 ** (frexp(widest)[1] + 1)
    rounded = rows + lift
    rounded -= lift
    return np.array_equal(rounded, rows)


def _residual(rows: Array, shift: Array, below: Array) -> Array:
    """(x - largest) - fl(x - largest), exactly (Knuth's two-sum); 0 where something is infinite."""
    back = below - rows
    residual = (rows - (below - back)) - (shift + back)
    residual[~np.isfinite(residual)] = 0.0
    return residual
