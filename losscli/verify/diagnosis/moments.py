"""What else is made of many numbers than their mean: median, variance, deviation, and the loss of the mean error."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose, sqrt

import numpy as np

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.terms import Terms, Way

declare = area("reduction")
_MEDIAN = declare(
    "median_for_mean", "A", "the median of the losses was taken in place of their mean", "take the mean", later=1
)
_VARIANCE_OF_LOSSES = declare(
    "variance_of_losses", "B", "the variance of the losses was taken, not their mean", "take the mean", later=1
)
_DEVIATION_OF_LOSSES = declare(
    "deviation_of_losses",
    "B",
    "the standard deviation of the losses was taken, not their mean",
    "take the mean",
    later=1,
)
_VARIANCE = declare(
    "variance_for_mean",
    "A",
    "the variance of the errors was taken{less}, which leaves out the square of their mean",
    "average the squares of the errors themselves",
    later=2,
)
_DEVIATION = declare(
    "deviation_for_root",
    "A",
    "the standard deviation of the errors was taken{less}, which leaves out their mean",
    "take the root of the mean of the squares of the errors themselves",
    later=2,
)
_ROOT_OF_SQUARES = declare(
    "root_of_mean_square",
    "A",
    "the root of the mean of the squared errors was taken: this is the RMSE",
    "report the loss that is asked for",
    later=1,
)
_MEAN_ERROR = declare(
    "mean_error",
    "A",
    "the errors themselves were averaged: errors of opposite sign cancel",
    "take the absolute value, or the square, of each error before the mean",
)
_MEAN_FIRST = declare(
    "mean_before_loss",
    "A",
    "the mean of the errors was taken first, and the loss of that: errors of opposite sign cancel",
    "take the loss of each error first, and the mean of these",
    later=1,
)
_NORMALISED = declare(
    "normalised_by_{what}",
    "B",
    "the loss was divided by the {words} of the targets",
    "report the loss itself",
    pooled=True,
)


def of_moments(dataset: Dataset, terms: Terms, right: float) -> Iterator[Way]:
    """Of the losses and of the errors, where no other mistake was made."""
    losses = terms.averaged
    if losses.size > 1:
        yield _MEDIAN, float(np.median(losses))
        yield _VARIANCE_OF_LOSSES, float(losses.var())
        yield _DEVIATION_OF_LOSSES, float(losses.std())
    if dataset.loss.kind == "regression" and dataset.chunk.weight is None:
        yield from _of_errors(dataset, right)


def _of_errors(dataset: Dataset, right: float) -> Iterator[Way]:
    predicted, true = dataset.arguments.get("input"), dataset.arguments.get("target")
    if not isinstance(predicted, np.ndarray) or not isinstance(true, np.ndarray) or predicted.shape != true.shape:
        return
    errors = (predicted - true).reshape(-1)
    if errors.size < 2:
        return
    for ddof, less in ((0, ""), (1, ", with N - 1 below")):
        yield _VARIANCE.of(later=ddof, less=less), float(errors.var(ddof=ddof))
        yield _DEVIATION.of(later=ddof, less=less), float(errors.std(ddof=ddof))
    squares = float(np.square(errors).mean())
    if not isclose(squares, right):  # else the root of this loss says the same
        yield _ROOT_OF_SQUARES, sqrt(squares)
    yield _MEAN_ERROR, float(errors.mean())
    first = _of_the_mean(dataset, errors)
    if first is not None:
        yield _MEAN_FIRST, first
    targets = true.reshape(-1)
    for what, words, size in (
        ("range", "range (largest less smallest)", np.ptp(targets)),
        ("mean", "mean", targets.mean()),
        ("deviation", "standard deviation", targets.std()),
        ("variance", "variance", targets.var()),
    ):
        if size:
            yield _NORMALISED.of(what=what, words=words), right / float(size)


def _of_the_mean(dataset: Dataset, errors: Array) -> float | None:
    """The loss of the mean error, where a loss is one of errors alone."""
    if len(dataset.loss.roles) != 2 or dataset.bound.unit_options:
        return None
    one = {"input": np.array([errors.mean()]), "target": np.zeros(1)}
    moved = {"input": one["input"] + 1.0, "target": one["target"] + 1.0}
    try:
        loss, elsewhere = (dataset.kernel_of({**dataset.arguments, **changes}) for changes in (one, moved))
    except (ValueError, IndexError, TypeError):
        return None
    return float(loss[0]) if loss.size == 1 and np.allclose(loss, elsewhere, rtol=1e-9) else None
