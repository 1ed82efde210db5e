"""The truth of losses over classes: labels or rows of probabilities, and the mean's denominators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array

IS_LABEL = "ndim(target) == 0 and label_smoothing == 0"
_SMOOTHED = "(1 - label_smoothing) * distribution(target, input) + label_smoothing / size(input)"
TRUTH = (  # lines of a worked example
    "truth = target, if ndim(target) == 1 and label_smoothing == 0",
    f"truth = {_SMOOTHED}, if label_smoothing > 0",
)


def as_label(target: Array) -> NDArray[np.intp]:
    """Labels as indices; they mostly are already."""
    return target.astype(np.intp, copy=False)


def class_axis(scores: Array) -> int:
    """Where the classes of whole inputs lie: on axis 1, of a single sample on axis 0."""
    return min(1, scores.ndim - 1)


def one_hot(label: NDArray[np.intp], classes: int) -> Array:
    """A row for each label: 1 at the label, 0 elsewhere."""
    rows = np.zeros((len(label), classes))
    rows[np.arange(len(label)), label] = 1.0
    return rows


def as_probabilities(target: Array, classes: int, label_smoothing: float = 0.0) -> Array:
    """The truth as rows of probabilities, from labels or from rows, with some of it spread evenly over all classes."""
    rows = one_hot(as_label(target), classes) if target.ndim == 1 else target
    return (1.0 - label_smoothing) * rows + label_smoothing / classes if label_smoothing else rows


def class_weights(target: Array, weight: Array | None) -> Array | None:
    """The weight of each label's class; None, which is 1 each, without weights or where the truth is a distribution."""
    return None if weight is None or target.ndim == 2 else weight[as_label(target)]
