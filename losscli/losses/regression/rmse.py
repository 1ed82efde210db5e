"""The root mean squared error."""

from __future__ import annotations

from math import nan
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import sklearn
from losscli.numerics.exact import rounded_sqrt, total_of_products
from losscli.numerics.norms import scale_of
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import REAL
from losscli.schema.loss import Array, Constant, Convention, Role, Step, Units


def rmse(
    input: Annotated[Array, Role("n? ...", REAL, "what the model predicted")],
    target: Annotated[Array, Role("n? ...", REAL, "what happened")],
    *,
    by_output: Annotated[float, Constant("1 for the mean of the outputs' own roots, 0 for one root of all")] = 0.0,
) -> Units:
    """The root of the mean of the squared errors, one number for all data.

    Use: a mean squared error that is to be read in the unit of the data.
    Formula: √(Σ e² / n), with e = input - target; n counts elements, not samples.
    Inputs: two arrays of one shape, any rank; the loss has their unit. Every reduction gives the same number.
    Gradient: e / (n rmse); 0 where all errors are 0, which is a kink.
    Relations: its square is mse.
    Pitfalls: the mean squared error has no root;
    the mean of the roots of batches or samples is smaller than the root of the mean;
    for a single output the root of each sample's square is its absolute error, and their mean is l1;
    scikit-learn takes a root for each output, and then the mean of these;
    with n - 1 or the degrees of freedom in place of n it is a standard error, and larger.
    Source: keras.metrics.RootMeanSquaredError, sklearn.metrics.root_mean_squared_error. PyTorch has none.
    """
    error = input - target
    scale = scale_of(error.reshape(1, -1))  # a power of two, or small errors would leave the root few digits
    columns = error / scale if by_output else error.reshape(-1, 1) / scale
    roots = _roots(columns)

    def pullback(up: Array) -> dict[str, Array]:
        normalized = np.divide(columns, roots, out=np.zeros_like(columns), where=roots != 0.0)
        slope = (normalized / columns.size * up).reshape(error.shape)
        return {"input": slope, "target": -slope}

    return Units(roots.sum(axis=0, keepdims=True) / len(roots) * scale, pullback)


def _roots(columns: Array) -> Array:
    """The root mean square of each column, rounded once."""
    if type(columns) is not np.ndarray:  # such as dual numbers, which sums of bits cannot read
        roots: Array = np.sqrt((columns * columns).sum(axis=0) / len(columns))
        return roots
    return np.array([_root_mean_square(np.ascontiguousarray(column)) for column in columns.T])


def _root_mean_square(errors: Array) -> float:
    total = total_of_products(errors, errors, exactly=True)
    if not len(errors) or total.limit != 0.0:
        return total.limit or nan
    return rounded_sqrt(total.exact() / len(errors))


def _kinks(input: Array, target: Array) -> NDArray[np.bool_]:
    return np.array([np.array_equal(input, target)])


def _steps(input: Array, target: Array, by_output: float) -> list[Step]:
    differences = input - target if by_output else (input - target).reshape(-1, 1)
    with np.errstate(invalid="ignore"):
        squares = (differences**2).sum(axis=0) / np.float64(len(differences))
    steps = [
        Step("differences", "input - target", differences.ravel()),
        Step("mean square", "Σ difference² / n", squares if by_output else float(squares[0])),
    ]
    if not by_output:
        return [*steps, Step("loss", "√ of the mean square", float(squares[0]) ** 0.5)]
    roots = np.sqrt(squares)
    return [
        *steps,
        Step("roots", "√ of each output's mean square", roots),
        Step("loss", "the mean of the roots", float(np.mean(roots))),
    ]


def _rows(array: Array) -> Array:
    return array.reshape(len(array) if array.ndim else 1, -1)


LOSS = define(
    rmse,
    kind="regression",
    aliases=("RootMeanSquaredError", "root_mean_squared_error"),
    conventions=(
        Convention("torch", "PyTorch has no such loss: one root of the mean over all elements"),
        Convention(
            "keras",
            "keras/src/metrics/regression_metrics.py: a metric, one root of the mean over all elements",
            names=("keras.metrics.RootMeanSquaredError",),
        ),
        sklearn("root_mean_squared_error", does="a root for each output (column), then their mean", by_output=1.0),
    ),
    kinks=_kinks,
    relations=(
        equals(
            "RMSE = MSE / √MSE",
            "mse",
            times="1 / sqrt(mean((input - target) ** 2))",
            when="not all(input == target)",
            condition="for the mean, unless it is 0",
            reduced=("mean", "mean"),
        ),
    ),
    steps=_steps,
    textbook=("loss = sqrt(mean((input - target) ** 2))",),
    mistakes=(
        mistake(
            "root_of_each_sample",
            "the root of each sample's mean was taken, then the mean of these roots",
            "take one mean of all, then one root",
            lambda input, target: float(np.sqrt((_rows(input - target) ** 2).mean(axis=1)).mean()),
            tier="A",
            given="size(input) > 0",
        ),
        mistake(
            "root_of_each_column",
            "the root of each column's mean was taken, then the mean of these roots (as scikit-learn does)",
            "take one mean of all, then one root",
            lambda input, target: float(np.sqrt((_rows(input - target) ** 2).mean(axis=0)).mean()),
            tier="A",
            given="size(input) > 0",
        ),
        mistake(
            "root_left_out",
            "this is the mean squared error: the root was not taken",
            "take the root of the mean",
            "mean((input - target) ** 2)",
            tier="S",
            given="size(input) > 0",
        ),
        mistake(
            "root_of_sum",
            "the root of the sum of the squares was taken, not that of their mean",
            "divide the sum by n before taking the root",
            "sqrt(sum((input - target) ** 2))",
            tier="A",
            given="size(input) > 1",
        ),
        mistake(
            "divided_outside_the_root",
            "the sum was divided by n after the root was taken, not under it",
            "divide the sum by n before taking the root",
            "sqrt(sum((input - target) ** 2)) / size(input)",
            tier="A",
            given="size(input) > 1",
        ),
        mistake(
            "n_minus_one",
            "the sum of the squares was divided by n - 1, as for a sample's variance",
            "divide by n",
            "sqrt(sum((input - target) ** 2) / (size(input) - 1))",
            given="size(input) > 1",
        ),
    ),
    example=("[1,2,3]", "[1,2,5]"),
    units="",
    float32_error=0.0,
)
