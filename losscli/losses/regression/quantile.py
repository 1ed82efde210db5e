"""The quantile loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import sklearn
from losscli.losses._inputs import Observed, Predicted
from losscli.losses.regression._residual import residual
from losscli.schema.define import define, equals
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Option, Units


def quantile(
    input: Predicted,
    target: Observed,
    *,
    quantile: Annotated[float, Option(PROBABILITY, "the fraction of targets that should lie below the input")] = 0.5,
) -> Units:
    """Absolute error that counts more on one side.

    Use: predicting quantiles, such as the ends of an interval that should hold nine targets in ten.
    Formula: quantile · d if d ≥ 0, else (quantile - 1) · d, with d = target - input.
    Inputs: two arrays of one shape, any rank; the loss has their unit.
    Gradient: -quantile where the input is too low, 1 - quantile where it is too high;
    0 at the kink input = target, where every number between those two is a subgradient.
    Relations: half of l1 when quantile = 1/2; with the roles exchanged it is the loss of 1 - quantile.
    Pitfalls: with prediction and target exchanged, or the difference's sign turned, it is the loss of 1 - quantile;
    at quantile = 1/2 it is half the mean absolute error;
    losses of different quantiles are not on one scale, so do not compare them.
    Source: sklearn.metrics.mean_pinball_loss; R. Koenker and G. Bassett, Econometrica 46 (1978). PyTorch has none.
    """
    above = np.subtract(input, target, out=input)
    slope = np.where(above > 0.0, 1.0 - quantile, np.where(above < 0.0, -quantile, 0.0))
    return residual(slope * above, lambda up: slope * up)


LOSS = define(
    quantile,
    kind="regression",
    aliases=("pinball", "pinball_loss", "mean_pinball_loss"),
    conventions=(sklearn("mean_pinball_loss", does="its alpha is the quantile, 0.5", quantile=0.5),),
    kinks="input == target",
    relations=(
        equals("Quantile(1/2) = L1 / 2", "l1", times=0.5, when="quantile == 0.5"),
        equals(
            "Quantile(q) = Quantile(1 - q), the roles exchanged",
            "quantile",
            {"input": "target", "target": "input"},
            quantile="1 - quantile",
        ),
    ),
    lines=(
        "difference = target - input",
        "loss = quantile * difference, if difference >= 0",
        "loss = (quantile - 1) * difference, if difference < 0",
    ),
    example=("[10,12,9]", "[11,11,9]", "--quantile", "0.9"),
    float32_error=0.0,
)
