"""The mean absolute percentage error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, keras, sklearn
from losscli.losses._inputs import Observed
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import Domain
from losscli.schema.loss import Array, Constant, Convention, Role, Units

_FORECAST = Domain("a finite number", edges=(1.0, 1e9))  # rarely 0, where the slope by the target is 0 as a difference
_EPSILON = 2.0**-52  # np.finfo(np.float64).eps
_FAR = 1e6  # times the target's size, from where on it is that size that speaks
_MET = "a target of 0 that is met costs nothing; 0/0 counts as 0"


def mape(
    input: Annotated[Array, Role("u", _FORECAST, "what the model predicted")],
    target: Observed,
    *,
    floor: Annotated[float, Constant("the least size of a target that is divided by")] = _EPSILON,
    scale: Annotated[float, Constant("1 for a fraction, 100 for a percentage")] = 1.0,
) -> Units:
    """The error as a fraction of the target.

    Use: forecasts of quantities of very different size, none of them near 0.
    Formula: |input - target| / max(|target|, 2⁻⁵²), a fraction; Keras has 100 times that, and the bound 1e-7.
    Inputs: two arrays of one shape, any rank; the loss has no unit.
    Gradient: the sign of input - target, over |target|; 0 at the kink input = target.
    With respect to the target -input/(target |target|) times that sign.
    Relations: l1 of input/target against 1.
    Pitfalls: Keras and many reports give percentages, 100 times this fraction;
    a target of 0 makes it enormous: with any bound it is the bound that speaks;
    dividing by the prediction, or by the mean of both, is another loss;
    it is at most 1 for forecasts between 0 and the target, without limit above, so it favours low forecasts.
    Source: sklearn.metrics.mean_absolute_percentage_error, keras.losses.MeanAbsolutePercentageError. PyTorch has none;
    by default scikit-learn's bound holds. The convention exact has none.
    """
    error = input - target
    size = np.maximum(np.abs(target), floor)
    met = (error == 0.0) & (size == 0.0)
    notes = (_MET,) if met.any() else ()

    def pullback(up: Array) -> dict[str, Array]:
        sign = scale * np.sign(error) * up
        return {
            "input": np.where(met, 0.0, sign / size),
            "target": np.where(met, 0.0, -sign * np.where(np.abs(target) > floor, input / target, 1.0) / size),
        }

    value = np.abs(error) / size
    return Units(scale * np.where(met, 0.0, value), pullback, notes, bounds=tuple(_bounds(value, target, floor)))


def _bounds(value: Array, target: Array, floor: float) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Where the size that is divided by is next to nothing; a bound of no size makes an infinite loss instead."""
    far = value > _FAR
    if far.any():
        if floor:
            yield f"its target is 0, divided by {floor:.2g}", far & (target == 0.0)
        yield "its target is nearly 0, and divided by", far & (target != 0.0)


def _of_rows_with_a_target(input: Array, target: Array, scale: float, *, counted: bool) -> tuple[Array, Array | None]:
    """The losses with 0 where the target is 0, and whether these rows count in the mean."""
    there = target != 0.0
    losses = scale * np.where(there, np.abs(input - target) / np.where(there, np.abs(target), 1.0), 0.0)
    return losses, None if counted else there.astype(np.float64)


def _some_targets_are_0(target: Array) -> bool:
    return 0 < int(np.count_nonzero(target == 0.0)) < target.size


LOSS = define(
    mape,
    kind="regression",
    aliases=("MeanAbsolutePercentageError", "mean_absolute_percentage_error"),
    conventions=(
        Convention("torch", "PyTorch has no such loss: scikit-learn's, a fraction"),
        exact("no bound on the target", floor=0.0),
        keras(
            "MeanAbsolutePercentageError",
            "mean_absolute_percentage_error",
            does="100 times the mean; a target's size is at least 1e-7",
            floor=1e-7,
            scale=100.0,
        ),
        sklearn("mean_absolute_percentage_error", does="a fraction; a target's size is at least 2⁻⁵²", floor=_EPSILON),
    ),
    kinks="input == target or abs(target) == floor",
    relations=(
        equals(
            "MAPE(x, y) = L1(x/y, 1)",
            "l1",
            {"input": "input / target", "target": "1"},
            when="all(abs(target) >= 2 ** -52)",
            condition="no target is 0",
        ),
    ),
    lines=(
        "error = abs(input - target)",
        "size = max(abs(target), floor)",
        "ratio = error / size, if error > 0",
        "ratio = 0, if error == 0",
        "loss = scale * ratio",
    ),
    textbook=("loss = scale * abs(input - target) / abs(target)",),
    mistakes=(
        mistake(
            "divided_by_prediction",
            "the errors were divided by the predictions, not by what happened",
            "divide by the target",
            "scale * abs(input - target) / abs(input)",
            tier="A",
            given="all(input != 0)",
        ),
        mistake(
            "symmetric",
            "the errors were divided by the mean of prediction and target: the symmetric MAPE",
            "divide by the target",
            "scale * 2 * abs(input - target) / (abs(input) + abs(target))",
            tier="A",
            given="all(abs(input) + abs(target) > 0)",
        ),
        mistake(
            "weighted_by_size",
            "the errors were added up and divided by the sum of what happened (WAPE)",
            "divide each error by its own target, and average",
            "scale * (sum(abs(input - target)) / sum(abs(target)))",
            given="not all(target == 0)",
        ),
        mistake(
            "zero_targets_left_out",
            "rows with target 0 were left out, and the mean is that of the others",
            "leave these rows out of the data too, or report a loss that divides by no target, such as l1",
            lambda input, target, scale: _of_rows_with_a_target(input, target, scale, counted=False),
            tier="A",
            given=_some_targets_are_0,
        ),
        mistake(
            "zero_targets_cost_nothing",
            "rows with target 0 cost nothing, and were counted in the mean",
            "leave these rows out of the data too, or report a loss that divides by no target, such as l1",
            lambda input, target, scale: _of_rows_with_a_target(input, target, scale, counted=True),
            given=_some_targets_are_0,
        ),
    ),
    example=("[90,1100,9]", "[100,1000,9]"),
    float32_error=0.0,
)
