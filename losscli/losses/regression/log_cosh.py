"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

from math import log

import numpy as np

from losscli.losses._frameworks import keras, optax
from losscli.losses._inputs import Observed, Predicted
from losscli.losses.regression._residual import ERROR, residual
from losscli.schema.define import define, equals
from losscli.schema.loss import Units

_LOG_2 = log(2.0)


def log_cosh(input: Predicted, target: Observed) -> Units:
    """Half the square of a small error, the size of a large one, and smooth between.

    Use: regression with outliers, where Huber's loss would do, but second derivatives are wanted.
    Formula: log cosh(e), with e = input - target.
    Inputs: two arrays of one shape, any rank, without a unit: the loss changes its shape with their scale.
    Gradient: tanh(e).
    Relations: e²/2 for small e, as huber; |e| - log 2 for large e; bce_with_logits(-2|e|, 0) + |e| - log 2.
    Pitfalls: cosh(e) itself overflows at 711;
    where |e| is large it lies log 2 below the absolute error, huber with delta = 1 only 1/2;
    scaled targets make it another loss, as they do with huber unless delta is scaled too.
    Source: keras.losses.LogCosh, optax.losses.log_cosh. PyTorch has none.
    """
    error = np.subtract(input, target, out=input)
    size = np.abs(error)
    power = np.exp(-size)
    # cosh - 1 = (1 - e^-s)² / (2 e^-s) keeps the digits of small errors, which the other form would lose against log 2
    gap = np.expm1(-np.minimum(size, 1.0))
    small = np.log1p(gap * gap / (2.0 * power))
    large = (size - _LOG_2) + np.log1p(power * power)
    return residual(np.where(size < 1.0, small, large), lambda up: np.tanh(error) * up)


LOSS = define(
    log_cosh,
    kind="regression",
    aliases=("LogCosh", "logcosh"),
    conventions=(keras("LogCosh", "log_cosh"), optax("log_cosh")),
    relations=(
        equals(
            "log cosh e = BCEWithLogits(-2|e|, 0) + |e| - log 2",
            "bce_with_logits",
            {"input": "-2 * abs(input - target)", "target": "0"},
            plus="abs(input - target) - log(2)",
        ),
    ),
    lines=(
        *ERROR,
        "excess = 2 * sinh(error / 2) ** 2, if error < 1",  # cosh(error) - 1
        "loss = log1p(excess), if error < 1",
        "loss = error + log1p(exp(-2 * error)) - log(2), if error >= 1",
    ),
    textbook=("difference = input - target", "loss = log((exp(difference) + exp(-difference)) / 2)"),
    example=("[0.1,2,30]", "[0,0,0]"),
)
