"""What else is made of many numbers than their mean: median, variance and deviation, of losses and of errors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.reductions.terms import Terms, Way

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
_MEAN_ERROR = declare(
    "mean_error",
    "A",
    "the errors themselves were averaged: errors of opposite sign cancel",
    "take the absolute value, or the square, of each error before the mean",
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
    yield _MEAN_ERROR, float(errors.mean())
    targets = true.reshape(-1)
    for what, words, size in (
        ("range", "range (largest less smallest)", np.ptp(targets)),
        ("mean", "mean", targets.mean()),
        ("deviation", "standard deviation", targets.std()),
        ("variance", "variance", targets.var()),
    ):
        if size:
            yield _NORMALISED.of(what=what, words=words), right / float(size)
