"""The mean squared error."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.schema.domains import REAL
from losscli.schema.loss import Array, Equals, Role, Units, define


def mse(
    input: Annotated[Array, Role("u", REAL, "what the model predicted")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
) -> Units:
    """The square of the error.

    Formula: (input - target)².
    Inputs: two arrays of one shape, any rank; the loss has the square of their unit.
    Gradient: 2 (input - target).
    Relations: 2 huber(delta = inf). Its square root is the RMSE, which some texts print under this name; half of it is
    optax's l2_loss.
    Source: torch.nn.functional.mse_loss; Gauss, Theoria combinationis observationum (1823).
    """
    error = np.subtract(input, target, out=input)

    def pullback(up: Array) -> dict[str, Array]:
        slope = error * (2.0 * up)
        return {"input": slope, "target": -slope}

    return Units(error * error, pullback)


def _as_huber(input: Array, target: Array) -> dict[str, Any]:
    return {"input": input, "target": target, "delta": np.inf}


LOSS = define(
    mse,
    class_name="MSELoss",
    function_name="mse_loss",
    aliases=("MeanSquaredError", "mean_squared_error", "squared_error"),
    relations=(Equals("MSE = 2 · Huber(delta=inf)", "huber", _as_huber, times=lambda **_: 2.0),),
)
