"""Huber's loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import keras, optax, torch
from losscli.losses._inputs import Observed, Predicted, Weight
from losscli.losses.regression._residual import ERROR, residual
from losscli.schema.define import define, equals
from losscli.schema.domains import POSITIVE_OR_INFINITE
from losscli.schema.loss import Option, Units


def huber(
    input: Predicted,
    target: Observed,
    *,
    delta: Annotated[float, Option(POSITIVE_OR_INFINITE, "the error at which the square turns into a line")] = 1.0,
    weight: Weight = None,
) -> Units:
    """Squared error near zero, absolute error in the tails.

    Use: regression with outliers: near the optimum it fits means, as the square does, far off it pulls no harder.
    Formula: e²/2 if |e| ≤ delta, else delta (|e| - delta/2), with e = input - target, times weight.
    The mean divides by the number of elements, whatever their weights (in mse and l1 by the sum of the weights).
    Inputs: two arrays of one shape, any rank; delta has their unit, the loss its square.
    Gradient: e cut off at -delta and delta, times weight.
    Relations: delta · smooth_l1(beta = delta); half of mse when delta is infinite.
    Pitfalls: it is delta times the smooth L1 loss, and they agree at delta = 1 only;
    a square without its half leaves a gap at delta;
    delta is in the unit of the targets, so scaled targets need another one;
    scikit-learn's HuberRegressor has another loss, in which epsilon counts standard deviations.
    Source: torch.nn.functional.huber_loss; P. J. Huber, Ann. Math. Statist. 35 (1964).
    """
    error = np.subtract(input, target, out=input)
    slope = np.clip(error, -delta, delta)  # the derivative, and with it the value: no branch, no second formula
    value = -0.5 * slope
    value += error
    value *= slope
    return residual(value, lambda up: slope * up, weight)


LOSS = define(
    huber,
    kind="regression",
    conventions=(
        torch("HuberLoss", "huber_loss"),
        keras("Huber", "huber", does="delta = 1", delta=1.0),
        optax("huber_loss", does="delta = 1", delta=1.0),
    ),
    relations=(
        equals(
            "Huber(delta) = delta · SmoothL1(beta=delta)",
            "smooth_l1",
            beta="delta",
            times="delta",
            when="delta < inf and weight is None",
        ),
        equals("Huber(delta=inf) = MSE / 2", "mse", times=0.5, when="delta == inf and weight is None"),
    ),
    lines=(
        *ERROR,
        "loss = error ** 2 / 2, if error <= delta",
        "loss = delta * (error - delta / 2), if error > delta",
    ),
    textbook=(
        *ERROR,
        "loss = error ** 2 / 2, if error <= delta",
        "loss = delta * error - delta ** 2 / 2, if error > delta",
    ),
    example=("[1,2,3]", "[1.5,2,7]", "--delta", "0.5"),
    float32_error=0.0,
)
