"""Huber's loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.schema.domains import POSITIVE_OR_INFINITE, REAL
from losscli.schema.loss import Array, Equals, Option, Role, Units, define


def huber(
    input: Annotated[Array, Role("u", REAL, "what the model predicted")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
    *,
    delta: Annotated[float, Option(POSITIVE_OR_INFINITE, "the error at which the square turns into a line")] = 1.0,
) -> Units:
    """Squared error near zero, absolute error in the tails.

    Formula: e²/2 if |e| ≤ delta, else delta (|e| - delta/2), with e = input - target.
    Inputs: two arrays of one shape, any rank; delta has their unit, the loss its square.
    Gradient: e cut off at -delta and delta.
    Relations: delta · smooth_l1(beta = delta); half of mse when delta is infinite.
    Source: torch.nn.functional.huber_loss; P. J. Huber, Ann. Math. Statist. 35 (1964).
    """
    error = np.subtract(input, target, out=input)
    slope = np.clip(error, -delta, delta)  # the derivative, and with it the value: no branch, no second formula

    def pullback(up: Array) -> dict[str, Array]:
        gradient = slope * up
        return {"input": gradient, "target": -gradient}

    value = -0.5 * slope
    value += error
    value *= slope
    return Units(value, pullback)


def _as_smooth_l1(input: Array, target: Array, delta: float) -> dict[str, Any]:
    return {"input": input, "target": target, "beta": delta}


LOSS = define(
    huber,
    class_name="HuberLoss",
    function_name="huber_loss",
    relations=(
        Equals(
            "Huber(delta) = delta · SmoothL1(beta=delta)",
            "smooth_l1",
            _as_smooth_l1,
            times=lambda delta, **_: delta,
            given=lambda delta, **_: bool(np.isfinite(delta)),
        ),
        Equals(
            "Huber(delta=inf) = MSE / 2",
            "mse",
            lambda input, target, **_: {"input": input, "target": target},
            times=lambda **_: 0.5,
            given=lambda delta, **_: bool(np.isinf(delta)),
        ),
    ),
)
