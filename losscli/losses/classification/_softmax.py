"""The softmax of rows of scores, each of its faces with its own last digits."""

from __future__ import annotations

import numpy as np

from losscli.numerics.double_double import doubled, row_sums
from losscli.numerics.logsumexp import LogSumExp, logsumexp
from losscli.schema.loss import Array, Step

SOFTMAX = (
    "largest = max(input)",
    "difference = input - largest",
    "exponential = exp(difference)",
    "total = sum(exponential)",
    "log_total = logsumexp(difference)",
    "log_softmax = difference - log_total",
    "softmax = exponential / total",
)
TEXTBOOK = "log_softmax = input - logsumexp(input)"
CERTAIN = "a score of inf at the target is certainty, loss 0 (PyTorch prints nan)"


def nlls(parts: LogSumExp) -> Array:
    """-log softmax: two terms that are not negative, so that neither cancels the other."""
    assert parts.below is not None
    return parts.log_others[:, None] - parts.below


def probabilities(parts: LogSumExp) -> tuple[Array, Array]:
    """softmax, and 1 - softmax: for the largest from the sum of the others, which 1 - p would cancel."""
    rows = np.arange(len(parts.largest))
    total = (1.0 + parts.others)[:, None]
    softmax = parts.exponentials / total
    rest = 1.0 - softmax
    softmax[rows, parts.at] = 1.0 / total[:, 0]
    rest[rows, parts.at] = parts.others / total[:, 0]
    return softmax, rest


def slopes(softmax: Array, rest: Array, weights: Array) -> Array:
    """The gradient of -Σ w_c log softmax_c: p Σ w - w, less what a class itself adds to both sides.

    That would only cancel.
    """
    return softmax * (row_sums(doubled(weights)).column - weights).high - weights * rest


def log_softmax(scores: Array, axis: int) -> Array:
    """log softmax of a whole input of any rank."""
    last = np.moveaxis(scores, axis, -1)
    return np.moveaxis(-nlls(_parts(last)).reshape(last.shape), -1, axis)


def log_sum_exp(scores: Array, axis: int) -> Array:
    """log Σ exp of a whole input of any rank, along an axis."""
    last = np.moveaxis(scores, axis, -1)
    parts = _parts(last)
    return (parts.largest + parts.log_others).reshape(last.shape[:-1])


def _parts(rows: Array) -> LogSumExp:
    return logsumexp(np.array(rows, dtype=np.float64).reshape(-1, rows.shape[-1]), keep_below=True)


def softmax_steps(scores: Array) -> tuple[list[Step], Array]:
    """The steps of one row's log-softmax, and its value."""
    from losscli.schema.formulas import worked

    steps = [Step(*row) for row in worked(SOFTMAX[:-1], {"input": scores}, {})]
    return steps, steps[-1].value
