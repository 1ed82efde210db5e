"""Scores that a matrix makes of hidden vectors: a block of rows at a time, used and forgotten."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from losscli.losses.classification._softmax import probabilities
from losscli.numerics.double_double import Doubled
from losscli.numerics.logsumexp import LogSumExp
from losscli.numerics.products import blocks, product
from losscli.schema.loss import Array

_SCORES = 1 << 21  # of a block: a dozen arrays of 16 MB
_ROWS = 128  # at least: the matrix is cut into slices once a block


def row_blocks(rows: int, classes: int) -> list[slice]:
    """Runs of rows for which the scores are made together."""
    return blocks(rows, max(_ROWS, _SCORES // max(1, classes)))


def scores_of(rows: Doubled | Array, matrix: Array, bias: Array | None = None) -> Doubled:
    """rows · matrixᵀ + bias, with twice the precision: terms of a dot product cancel, and so do scores in a softmax."""
    if isinstance(rows, Doubled):
        scores = product(rows.high, matrix.T) + product(rows.low, matrix.T)
    else:
        scores = product(rows, matrix.T)
    return scores if bias is None else scores + bias


def softmax_parts(scores: Doubled) -> LogSumExp:
    """As of plain scores, but relative to the largest, which is 0 then: so the differences keep their digits."""
    rows = np.arange(len(scores.high))
    at = scores.high.argmax(axis=1)
    largest = scores.high[rows, at][:, None]
    below = scores.high - largest
    back = below - scores.high
    low = (scores.high - (below - back)) - (largest + back)  # what the difference has lost
    low += scores.low
    low -= scores.low[rows, at][:, None]
    low[~np.isfinite(below)] = 0.0
    exponentials = np.exp(below)
    exponentials += exponentials * low
    exponentials[rows, at] = 0.0
    below += low
    below[rows, at] = 0.0
    return LogSumExp(np.zeros(len(rows)), at, below, exponentials, exponentials.sum(axis=1))


def label_nll(parts: LogSumExp, label: NDArray[np.intp]) -> Array:
    """-log softmax of the labels."""
    assert parts.below is not None
    nll: Array = parts.log_others - parts.below[np.arange(len(label)), label]
    return nll


def label_slopes(parts: LogSumExp, label: NDArray[np.intp]) -> Array:
    """The gradient of `label_nll` in the scores."""
    rows = np.arange(len(label))
    softmax, rest = probabilities(parts)
    softmax[rows, label] = -rest[rows, label]
    return softmax


def scaled_rows(slopes: Array, up: Array) -> Array:
    """Slopes times what comes from above; a sample that does not count has none, whatever its scores are."""
    slopes *= up[:, None]
    slopes[up == 0.0] = 0.0
    return slopes


def slope_product(slopes: Array, matrix: Array) -> Array:
    """A product of slopes, which are rounded already: a plain one loses no more, in a tenth of the time."""
    return np.asarray(slopes @ matrix)
