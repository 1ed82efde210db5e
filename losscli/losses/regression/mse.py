"""The mean squared error."""

from __future__ import annotations

import numpy as np

from losscli.losses._frameworks import keras, optax, sklearn, torch
from losscli.losses._inputs import Observed, Predicted, Weight
from losscli.losses.regression._residual import DIFFERENCE, residual
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, LossMistake, Units


def mse(input: Predicted, target: Observed, *, weight: Weight = None) -> Units:
    """The square of the error.

    Use: regression, when the mean of what happens is wanted and a large error is worse than many small ones.
    Formula: weight (input - target)². The mean divides by the sum of the weights.
    Inputs: two arrays of one shape, any rank; the loss has the square of their unit.
    Gradient: 2 weight (input - target).
    Relations: rmse², when it is the mean; 2 huber(delta = inf); 2 gaussian_nll(var = 1).
    Pitfalls: its root is the RMSE, which some texts print under this name;
    half of it is what optax calls l2_loss;
    predictions (N, 1) against targets (N) broadcast to N × N in PyTorch, which adds twice their covariance;
    dividing by the number of samples, not of elements, makes it larger by the number of outputs;
    the mean of batch means is not the mean, unless all batches are as large.
    Source: torch.nn.functional.mse_loss; Gauss, Theoria combinationis observationum (1823).
    """
    error = np.subtract(input, target, out=input)
    return residual(error * error, lambda up: error * (2.0 * up), weight)


def _all_pairs(input: Array, target: Array) -> float:
    """The mean over all pairs of a prediction and a target, of any number: twice their covariance besides the mean."""
    apart = float(input.mean() - target.mean())
    return float(input.var() + target.var()) + apart * apart


LOSS = define(
    mse,
    kind="regression",
    aliases=("MeanSquaredError", "mean_squared_error", "squared_error"),
    conventions=(
        torch("MSELoss", "mse_loss"),
        keras("MeanSquaredError", "mean_squared_error"),
        sklearn("mean_squared_error"),
        optax("squared_error"),
    ),
    relations=(
        equals(
            "MSE = RMSE²",
            "rmse",
            times="sqrt(mean((input - target) ** 2))",
            when="size(input) > 0 and weight is None",
            condition="for the mean of at least one element, without weights",
            reduced=("mean", "mean"),
        ),
        equals("MSE = 2 · Huber(delta=inf)", "huber", delta="inf", times=2, when="weight is None"),
        equals(
            "MSE = 2 · GaussianNLL(var=1)",
            "gaussian_nll",
            {"input": "input", "target": "target", "var": "1"},
            times=2,
            when="weight is None",
        ),
    ),
    denominator="weight",
    lines=(DIFFERENCE, "loss = difference ** 2"),
    mistakes=(
        LossMistake(
            "broadcast",
            "predictions (N, 1) met targets (N,): every prediction was compared with every target",
            "give both the same shape, with squeeze or reshape",
            _all_pairs,
            tier="S",
            given=lambda input, weight, unit_shape: input.size > 1 and weight is None and len(unit_shape) == 1,
        ),
    ),
    example=("[1,2,3]", "[2,3,4]"),
    float32_error=0.0,
)
