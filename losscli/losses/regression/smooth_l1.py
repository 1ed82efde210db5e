"""The smooth L1 loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import torch
from losscli.losses._inputs import Observed, Predicted
from losscli.losses.regression._residual import ERROR, residual
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import NONNEGATIVE
from losscli.schema.loss import Option, Units

_ERROR = "abs(input - target)"


def smooth_l1(
    input: Predicted,
    target: Observed,
    *,
    beta: Annotated[float, Option(NONNEGATIVE, "the error at which the square turns into a line")] = 1.0,
) -> Units:
    """Absolute error with its corner rounded off.

    Use: regression with outliers, such as the boxes of a detector; its slope is at most 1, and 0 at the optimum.
    Formula: e²/(2 beta) if |e| < beta, else |e| - beta/2, with e = input - target.
    Inputs: two arrays of one shape, any rank; beta and the loss have their unit.
    Gradient: e/beta cut off at -1 and 1; with beta = 0 it is the sign of e.
    Relations: huber(delta = beta) / beta; l1 when beta = 0.
    Pitfalls: Huber's loss is beta times this one, and they agree at beta = 1 only;
    a beta that moves the threshold, but neither divides the square by beta nor lowers the line by beta/2, tears a gap;
    Fast R-CNN's code writes sigma, and beta is 1/sigma² there;
    a detector often divides the sum by the number of boxes, where the mean divides by that of coordinates.
    Source: torch.nn.functional.smooth_l1_loss; R. Girshick, Fast R-CNN (2015), equation 3.
    """
    error = np.subtract(input, target, out=input)
    inner = np.clip(error, -beta, beta)
    slope = inner / beta if beta else np.sign(error)
    return residual(slope * (error - 0.5 * inner), lambda up: slope * up)


LOSS = define(
    smooth_l1,
    kind="regression",
    conventions=(torch("SmoothL1Loss", "smooth_l1_loss"),),
    kinks="input == target and beta == 0",
    relations=(
        equals("SmoothL1(beta) = Huber(delta=beta) / beta", "huber", delta="beta", times="1 / beta", when="beta > 0"),
        equals("SmoothL1(beta=0) = L1", "l1", when="beta == 0"),
    ),
    lines=(
        *ERROR,
        "loss = error ** 2 / (2 * beta), if error < beta",
        "loss = error - beta / 2, if error >= beta",
    ),
    mistakes=(
        mistake(
            "sigma_for_beta",
            "beta was taken for Fast R-CNN's sigma, of which beta is 1/sigma²",
            "set sigma to 1/√beta",
            f"where({_ERROR} < 1 / beta ** 2, (beta * {_ERROR}) ** 2 / 2, {_ERROR} - 0.5 / beta ** 2)",
            given="beta > 0 and beta != 1",
        ),
        mistake(
            "torn_at_beta",
            "beta only moved the threshold: neither was the square divided by it, nor the line lowered by beta/2",
            "take e²/(2 beta) below beta, and |e| - beta/2 above",
            f"where({_ERROR} < beta, {_ERROR} ** 2 / 2, {_ERROR} - 0.5)",
            given="beta > 0 and beta != 1",
        ),
    ),
    example=("[0.5,2,5]", "[0,0,0]", "--beta", "2"),
    float32_error=0.0,
)
