"""Rows that were weighed, left out or counted as nothing, though nobody asked for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, area

_MOST_LABELS = 60  # of which each is left out in turn

declare = area("rows")
_CLASS_WEIGHTS = declare(
    "class_weights",
    "A",
    "each class was weighed with N / (C · its number of rows), as by class_weight='balanced', which nobody asked for",
    "leave the class weights out, or pass them as weight",
    later=2,
)
_ROOT_WEIGHTS = declare(
    "class_weights_root",
    "A",
    "each class was weighed with one over the root of its number of rows{divided}, which nobody asked for",
    "leave the class weights out, or pass them as weight",
    later=2,
)
_COUNT_WEIGHTS = declare(
    "class_weights_inverse",
    "B",
    "each class was weighed with one over its number of rows, and the sum divided by N, which nobody asked for",
    "leave the class weights out, or pass them as weight",
    later=2,
)
_POS_WEIGHT = declare(
    "pos_weight_of_counts",
    "A",
    "a yes was weighed with the number of noes over that of yeses ({noes} / {yeses}), which nobody asked for",
    "leave pos_weight out, or pass it",
    later=2,
)
_ZEROS_LEFT_OUT = declare(
    "zero_targets_left_out",
    "A",
    "the {zeros} rows whose target is 0 were left out",
    "count all rows, or leave those out of the inputs too",
    later=2,
)
_ZEROS_FOR_NOTHING = declare(
    "zero_targets_cost_nothing",
    "A",
    "the {zeros} rows whose target is 0 cost nothing, but were counted when the mean was taken",
    "count all rows as they are",
    later=2,
)
_LABEL_LEFT_OUT = declare(
    "ignore_index_{label}",
    "A",
    "the {rows} rows of {form} were left out, as with ignore_index={label}",
    "count the rows of all classes, or ignore that one here too",
    later=2,
    pooled=True,
)
_LABEL_FOR_NOTHING = declare(
    "class_{label}_costs_nothing",
    "B",
    "the {rows} rows of {form} cost nothing, but were counted when the mean was taken",
    "count the rows of all classes as they are, or ignore that one here too",
    later=1,
    pooled=True,
)
_ONLY = declare(
    "{which}_only",
    "A",
    "the mean was taken over the {rows} {which} alone",
    "average over all samples",
    later=2,
)
_OTHERS_FOR_NOTHING = declare(
    "{which}_cost_nothing",
    "A",
    "the {rows} {which} cost nothing, but were counted when the mean was taken",
    "add the term of the {which}",
    later=2,
)


def classes_of(dataset: Dataset) -> NDArray[np.intp] | None:
    """The class of each unit that counts: its label, or no and yes as 0 and 1; None where truth is another."""
    if dataset.labels is not None:
        return dataset.labels
    target = dataset.arguments.get("target")
    if dataset.loss.kind != "binary" or not isinstance(target, np.ndarray) or target.size != dataset.losses.size:
        return None
    return (target.reshape(-1) > 0.0).astype(np.intp) if np.isin(target, (-1.0, 0.0, 1.0)).all() else None


def of_rows(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Rows of a class or with a target of 0, weighed or left out."""
    if not dataset.losses.size:
        return
    classes = classes_of(dataset)
    if classes is not None and len(classes) == dataset.losses.size:
        if dataset.arguments.get("weight") is None:
            yield from _weighed(dataset, classes)
        if dataset.labels is None:
            yield from _of_answers(dataset, classes == 1)
        else:
            yield from _of_labels(dataset, classes)
    if dataset.loss.kind == "regression":
        yield from _of_zeros(dataset)


def _weighed(dataset: Dataset, classes: NDArray[np.intp]) -> Iterator[LazyHypothesis]:
    """Class weights made of the counts."""
    counts = np.bincount(classes)[classes].astype(np.float64)
    present = len(np.unique(classes))
    if present < 2:
        return
    balanced = len(classes) / (max(dataset.classes, present) * counts)
    yield _times(dataset, _CLASS_WEIGHTS, balanced, divide=dataset.labels is not None)
    yield _times(dataset, _ROOT_WEIGHTS.of(divided=""), 1.0 / np.sqrt(counts), divide=True)
    divided = ", and the sum was divided by N"
    yield _times(dataset, _ROOT_WEIGHTS.of(later=1, divided=divided), 1.0 / np.sqrt(counts), divide=False)
    yield _times(dataset, _COUNT_WEIGHTS, 1.0 / counts, divide=False)


def _times(dataset: Dataset, mistake: Mistake, weights: Array, *, divide: bool) -> LazyHypothesis:
    """Losses times weights; their sum is divided by that of the weights, or as it was."""
    below = dataset.denominators
    if divide:
        below = weights if below is None else below * weights
    return LazyHypothesis((mistake,), lambda: PerSample((mistake,), dataset.losses * weights, below), passes=False)


def _of_answers(dataset: Dataset, yes: NDArray[np.bool_]) -> Iterator[LazyHypothesis]:
    """Yeses weighed by their rarity; yeses alone, noes alone."""
    yeses, noes = int(yes.sum()), int((~yes).sum())
    if not yeses or not noes:
        return
    if dataset.arguments.get("pos_weight") is None:
        mistake = _POS_WEIGHT.of(noes=noes, yeses=yeses)
        yield _times(dataset, mistake, np.where(yes, noes / yeses, 1.0), divide=False)
    for which, rows, count, other, others in (
        ("positives", yes, yeses, "negatives", noes),
        ("negatives", ~yes, noes, "positives", yeses),
    ):
        later = int(which == "negatives")
        yield _without(dataset, _ONLY.of(later=later, which=which, rows=count), ~rows)
        yield _for_nothing(dataset, _OTHERS_FOR_NOTHING.of(later=later, which=other, rows=others), ~rows)


def _of_labels(dataset: Dataset, classes: NDArray[np.intp]) -> Iterator[LazyHypothesis]:
    """Each label present left out: the first and the last first."""
    present = np.unique(classes).tolist()
    if not 1 < len(present) <= _MOST_LABELS:
        return
    for label in present:
        rows = classes == label
        later = 0 if label in (0, dataset.classes - 1) else 2
        named = {"form": f"class {label}", "label": label, "rows": int(rows.sum())}
        yield _without(dataset, _LABEL_LEFT_OUT.of(later=later, **named), rows)
        yield _for_nothing(dataset, _LABEL_FOR_NOTHING.of(later=later, **named), rows)


def _of_zeros(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Rows of regression whose target is 0."""
    target = dataset.arguments.get("target")
    if not isinstance(target, np.ndarray) or target.size != dataset.losses.size:
        return
    zero = target.reshape(-1) == 0.0
    if zero.any() and not zero.all():
        zeros = int(zero.sum())
        yield _without(dataset, _ZEROS_LEFT_OUT.of(zeros=zeros), zero)
        yield _for_nothing(dataset, _ZEROS_FOR_NOTHING.of(zeros=zeros), zero)


def _without(dataset: Dataset, mistake: Mistake, rows: NDArray[np.bool_]) -> LazyHypothesis:
    """Without some rows, in the sum and in what it is divided by."""
    below = np.ones(len(rows)) if dataset.denominators is None else dataset.denominators

    def compute() -> PerSample:
        return PerSample((mistake,), np.where(rows, 0.0, dataset.losses), np.where(rows, 0.0, below))

    return LazyHypothesis((mistake,), compute, passes=False)


def _for_nothing(dataset: Dataset, mistake: Mistake, rows: NDArray[np.bool_]) -> LazyHypothesis:
    """Some rows cost nothing, and are counted."""

    def compute() -> PerSample:
        return PerSample((mistake,), np.where(rows, 0.0, dataset.losses), dataset.denominators)

    return LazyHypothesis((mistake,), compute, passes=False)
