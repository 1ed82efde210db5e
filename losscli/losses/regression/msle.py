"""The mean squared logarithmic error."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import keras, sklearn
from losscli.numerics.double_double import two_sum
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import REAL, Domain
from losscli.schema.loss import Array, Constant, Role, Units

_ABOVE = Domain("greater than -1", low=-1.0, low_open=True, typical=(0.0, 9.0), edges=(0.0, -0.5, 1e-9, 1e6))


def msle(
    input: Annotated[Array, Role("u", _ABOVE, "what the model predicted")],
    target: Annotated[Array, Role("u", _ABOVE, "what happened")],
    *,
    floor: Annotated[float, Constant("the least number that a logarithm sees, before 1 is added")] = -1.0,
) -> Units:
    """The square of the error in the logarithms, each of 1 more than the number.

    Use: amounts and counts that grow by factors, where an error of a tenth weighs the same at 100 as at 10000.
    Formula: (log(1 + input) - log(1 + target))².
    Inputs: two arrays of one shape, any rank, all above -1; the loss has no unit, though 1 is added in theirs.
    Gradient: 2 (log(1 + input) - log(1 + target)) / (1 + input).
    Relations: mse of log(1 + input) and log(1 + target).
    Pitfalls: 1 is added before the logarithm is taken, the plain logarithm is another loss;
    its root is the RMSLE, and neither is a root mean squared error;
    a prediction that is too low costs more than one that is as much too high;
    Keras raises both numbers to 1e-7 at least, so that negative ones all count as that.
    Source: sklearn.metrics.mean_squared_log_error, keras.losses.MeanSquaredLogarithmicError. PyTorch has none.
    """
    x, y = np.maximum(input, floor), np.maximum(target, floor)
    smaller, larger = np.minimum(x, y), np.maximum(x, y)
    quotient = (larger - smaller) / (1.0 + smaller)
    exact = two_sum(larger, -smaller) / two_sum(smaller, 1.0)  # in two parts: squared, what rounding takes would show
    apart = np.log1p(quotient)  # log (1+x)/(1+y) of what differs, where two logarithms would cancel
    missing = (exact.high - quotient + exact.low) / (1.0 + quotient)
    apart = np.where(np.isfinite(missing), apart + missing, apart)  # of huge numbers the parts overflow
    apart = np.where(np.isinf(apart), np.abs(np.log1p(x) - np.log1p(y)), apart)  # the quotient overflows

    def pullback(up: Array) -> dict[str, Array]:
        slope = 2.0 * np.sign(x - y) * apart * up
        return {
            "input": np.where(input < floor, 0.0, slope / (1.0 + x)),
            "target": np.where(target < floor, 0.0, -slope / (1.0 + y)),
        }

    return Units(apart * apart, pullback)


LOSS = define(
    msle,
    kind="regression",
    aliases=("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "mean_squared_log_error"),
    conventions=(
        keras(
            "MeanSquaredLogarithmicError",
            "mean_squared_logarithmic_error",
            does="both numbers are at least 1e-7, whatever they were",
            domains={"input": REAL, "target": REAL},
            floor=1e-7,
        ),
        sklearn("mean_squared_log_error"),
    ),
    kinks="input == floor or target == floor",
    relations=(
        equals("MSLE(x, y) = MSE(log(1 + x), log(1 + y))", "mse", {"input": "log1p(input)", "target": "log1p(target)"}),
    ),
    lines=(
        "x = max(input, floor)",
        "y = max(target, floor)",
        "difference = log1p(x) - log1p(y)",
        "loss = difference ** 2",
    ),
    mistakes=(
        mistake(
            "one_not_added",
            "the plain logarithm was taken, without adding 1",
            "take log(1 + x)",
            "(log(input) - log(target)) ** 2",
            tier="A",
            given="all(input > 0) and all(target > 0)",
        ),
        mistake(
            "logarithm_left_out",
            "this is the plain mean squared error: no logarithm was taken",
            "take log(1 + x) of both first",
            "(input - target) ** 2",
        ),
    ),
    example=("[90,1100,9]", "[100,1000,9]"),
    float32_error=lambda losses: 2.0 * np.sqrt(losses),
)
