"""The smooth L1 loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import NONNEGATIVE, REAL
from losscli.schema.loss import Array, Equals, Option, Role, Units, define


def smooth_l1(
    input: Annotated[Array, Role("u", REAL, "what the model predicted")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
    *,
    beta: Annotated[float, Option(NONNEGATIVE, "the error at which the square turns into a line")] = 1.0,
) -> Units:
    """Absolute error with its corner rounded off.

    Formula: e²/(2 beta) if |e| < beta, else |e| - beta/2, with e = input - target.
    Inputs: two arrays of one shape, any rank; beta and the loss have their unit.
    Gradient: e/beta cut off at -1 and 1; with beta = 0 it is the sign of e.
    Relations: huber(delta = beta) / beta; l1 when beta = 0.
    Source: torch.nn.functional.smooth_l1_loss; R. Girshick, Fast R-CNN (2015), equation 3.
    """
    error = np.subtract(input, target, out=input)
    inner = np.clip(error, -beta, beta)
    slope = inner / beta if beta else np.sign(error)

    def pullback(up: Array) -> dict[str, Array]:
        gradient = slope * up
        return {"input": gradient, "target": -gradient}

    return Units(slope * (error - 0.5 * inner), pullback)


def _kinks(input: Array, target: Array, beta: float) -> NDArray[np.bool_]:
    return np.equal(input, target) & (beta == 0.0)


def _as_huber(input: Array, target: Array, beta: float) -> dict[str, Any]:
    return {"input": input, "target": target, "delta": beta}


def _as_l1(input: Array, target: Array, beta: float) -> dict[str, Any]:
    return {"input": input, "target": target}


LOSS = define(
    smooth_l1,
    class_name="SmoothL1Loss",
    function_name="smooth_l1_loss",
    kinks=_kinks,
    relations=(
        Equals(
            "SmoothL1(beta) = Huber(delta=beta) / beta",
            "huber",
            _as_huber,
            times=lambda beta, **_: 1.0 / beta,
            given=lambda beta, **_: beta > 0.0,
        ),
        Equals("SmoothL1(beta=0) = L1", "l1", _as_l1, given=lambda beta, **_: beta == 0.0),
    ),
)
