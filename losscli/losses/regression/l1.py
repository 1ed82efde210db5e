"""The mean absolute error."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import REAL
from losscli.schema.loss import Array, Equals, Role, Units, define


def l1(
    input: Annotated[Array, Role("u", REAL, "what the model predicted")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
) -> Units:
    """The size of the error.

    Formula: |input - target|.
    Inputs: two arrays of one shape, any rank; the loss has their unit.
    Gradient: the sign of input - target; 0 at the kink
    input = target, where every number from -1 to 1 is a subgradient.
    Relations: smooth_l1 with beta = 0.
    Source: torch.nn.functional.l1_loss.
    """
    error = np.subtract(input, target, out=input)

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.sign(error) * up
        return {"input": slope, "target": -slope}

    return Units(np.abs(error), pullback)


def _kinks(input: Array, target: Array) -> NDArray[np.bool_]:
    return np.equal(input, target)


def _as_smooth_l1(input: Array, target: Array) -> dict[str, Any]:
    return {"input": input, "target": target, "beta": 0.0}


LOSS = define(
    l1,
    class_name="L1Loss",
    function_name="l1_loss",
    aliases=("mae", "MeanAbsoluteError", "mean_absolute_error", "absolute_error"),
    kinks=_kinks,
    relations=(Equals("L1 = SmoothL1(beta=0)", "smooth_l1", _as_smooth_l1),),
)
