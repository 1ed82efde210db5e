"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

from math import log
from typing import Annotated

import numpy as np

from losscli.losses._frameworks import keras, optax
from losscli.schema.define import define
from losscli.schema.domains import REAL
from losscli.schema.loss import Array, Equals, Role, Units

_LOG_2 = log(2.0)


def log_cosh(
    input: Annotated[Array, Role("u", REAL, "what the model predicted")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
) -> Units:
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

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.tanh(error) * up
        return {"input": slope, "target": -slope}

    return Units(np.where(size < 1.0, small, large), pullback)


def _as_softplus(input: Array, target: Array) -> dict[str, Array]:
    """The binary cross-entropy of a no is the softplus of its logit."""
    return {"input": -2.0 * np.abs(input - target), "target": np.zeros_like(input)}


LOSS = define(
    log_cosh,
    kind="regression",
    aliases=("LogCosh", "logcosh"),
    conventions=(
        keras("LogCosh", "log_cosh"),
        optax("log_cosh"),
    ),
    relations=(
        Equals(
            "log cosh e = BCEWithLogits(-2|e|, 0) + |e| - log 2",
            "bce_with_logits",
            _as_softplus,
            plus=lambda input, target: np.abs(input - target) - _LOG_2,
        ),
    ),
    lines=(
        "difference = input - target",
        "error = abs(difference)",
        "excess = 2 * sinh(error / 2) ** 2, if error < 1",  # cosh(error) - 1
        "loss = log1p(excess), if error < 1",
        "loss = error + log1p(exp(-2 * error)) - log(2), if error >= 1",
    ),
    example=("[0.1,2,30]", "[0,0,0]"),
)
