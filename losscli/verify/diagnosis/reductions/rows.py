"""The losses of rows that were weighed, left out or counted as nothing, though nobody asked for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.by_class import CLASS_WEIGHTS, COST_NOTHING, POS_WEIGHT, balanced, classes_of

declare = area("rows")
_LEFT_OUT = declare(
    "zero_targets_left_out",
    "A",
    "the {zeros} rows whose target is 0 were left out",
    "count all rows, or leave those out of the inputs too",
)
_FOR_NOTHING = declare(
    "zero_targets_cost_nothing",
    "A",
    "the {zeros} rows whose target is 0 cost nothing, but were counted when the mean was taken",
    "count all rows as they are",
    later=1,
)


def of_rows(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Rows weighed by the number of their class, and rows whose target is 0 that cost nothing."""
    if dataset.loss.kind == "regression":
        yield from _of_zeros(dataset)
    classes = classes_of(dataset) if dataset.losses.size else None
    if classes is None:
        return
    counts = np.bincount(classes).astype(np.float64)
    present = int(np.count_nonzero(counts))
    if present > 1 and dataset.arguments.get("weight") is None:
        with np.errstate(divide="ignore"):
            weights = balanced(counts, max(dataset.classes, present))[classes]
        yield _times(dataset, CLASS_WEIGHTS, weights, divide=dataset.labels is not None)
    if present > 1 and dataset.labels is None:
        noes, yeses = (int(count) for count in counts)
        if dataset.arguments.get("pos_weight") is None:
            weights = np.where(classes == 1, noes / yeses, 1.0)
            yield _times(dataset, POS_WEIGHT.of(noes=noes, yeses=yeses), weights, divide=False)
        yield _times(dataset, COST_NOTHING.of(which="negatives", rows=noes), classes == 1, divide=False)
        yield _times(dataset, COST_NOTHING.of(later=1, which="positives", rows=yeses), classes == 0, divide=False)


def _of_zeros(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Rows of regression whose target is 0."""
    target = dataset.arguments.get("target")
    if not isinstance(target, np.ndarray) or target.size != dataset.losses.size:
        return
    used = target.reshape(-1) != 0.0
    zeros = int(np.count_nonzero(~used))
    if 0 < zeros < used.size:
        yield _times(dataset, _LEFT_OUT.of(zeros=zeros), used, divide=True)
        yield _times(dataset, _FOR_NOTHING.of(zeros=zeros), used, divide=False)


def _times(dataset: Dataset, mistake: Mistake, weights: Array | NDArray[np.bool_], *, divide: bool) -> LazyHypothesis:
    """Losses times weights, 0 also of what is not finite; their sum is divided by that of the weights, or as it was."""

    def compute() -> PerSample:
        losses, below = np.where(weights == 0.0, 0.0, dataset.losses * weights), dataset.denominators
        if divide:
            below = weights.astype(np.float64) if below is None else below * weights
        return PerSample((mistake,), losses, below, pullback=lambda up: dataset.slopes_with({}, up * weights))

    return LazyHypothesis((mistake,), compute)
