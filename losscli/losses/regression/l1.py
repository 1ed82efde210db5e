"""The mean absolute error."""

from __future__ import annotations

import numpy as np

from losscli.losses._frameworks import keras, sklearn, torch
from losscli.losses._inputs import Observed, Predicted, Weight
from losscli.losses.regression._residual import DIFFERENCE, residual
from losscli.schema.define import define, equals
from losscli.schema.loss import Units


def l1(input: Predicted, target: Observed, *, weight: Weight = None) -> Units:
    """The size of the error.

    Use: regression, when the median of what happens is wanted, and a few wild targets must not decide the fit.
    Formula: weight |input - target|. The mean divides by the sum of the weights.
    Inputs: two arrays of one shape, any rank; the loss has their unit.
    Gradient: weight times the sign of input - target; 0 at the kink
    input = target, where every number from -1 to 1 is a subgradient.
    Relations: smooth_l1 with beta = 0; 2 quantile with quantile = 1/2.
    Pitfalls: predictions (N, 1) against targets (N) broadcast to N × N in PyTorch;
    for a single output the RMSE of each sample is its absolute error, so a mean of those is this loss, and no RMSE;
    the slope does not shrink with the error, so a fixed step size never settles;
    as a penalty on weights it is a sum of |w|, which this mean is not.
    Source: torch.nn.functional.l1_loss.
    """
    error = np.subtract(input, target, out=input)
    return residual(np.abs(error), lambda up: np.sign(error) * up, weight)


LOSS = define(
    l1,
    kind="regression",
    aliases=("mae", "MeanAbsoluteError", "mean_absolute_error", "absolute_error"),
    conventions=(
        torch("L1Loss", "l1_loss"),
        keras("MeanAbsoluteError", "mean_absolute_error"),
        sklearn("mean_absolute_error"),
    ),
    kinks="input == target",
    relations=(
        equals("L1 = SmoothL1(beta=0)", "smooth_l1", beta=0.0, when="weight is None"),
        equals("L1 = 2 · Quantile(1/2)", "quantile", quantile=0.5, times=2, when="weight is None"),
    ),
    denominator="weight",
    lines=(DIFFERENCE, "loss = abs(difference)"),
    example=("[1,2,3]", "[3,4,5]"),
    float32_error=0.0,
)
