"""The losses of each class: averaged for themselves, weighed by how rare the class is, or left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.reductions.terms import Terms, Way, over

_POS_WEIGHTS = (2, 3, 4, 5, 10)
_MOST_LABELS = 200  # of which each is left out in turn
_NOT_GIVEN = "leave the class weights out, or pass them as weight"

declare = area("reduction")
_MEANS = declare(
    "mean_of_class_means",
    "A",
    "the mean of each class was taken, and then the mean of these {classes}: a rare class counts as much as a common"
    " one",
    "average over all samples at once",
    later=2,
)
_MEANS_ADDED = declare(
    "sum_of_class_means",
    "B",
    "the mean of each class was taken, and these {classes} means were added up",
    "average over all samples at once",
)
CLASS_WEIGHTS = declare(
    "class_weights",
    "A",
    "each class was weighed with N / (C · its number of rows), as by class_weight='balanced', which nobody asked for",
    _NOT_GIVEN,
    later=2,
)
_ROOT_WEIGHTS = declare(
    "class_weights_root",
    "A",
    "each class was weighed with one over the root of its number of rows{divided}, which nobody asked for",
    _NOT_GIVEN,
    later=2,
)
_INVERSE_WEIGHTS = declare(
    "class_weights_inverse",
    "B",
    "each class was weighed with one over its number of rows, and the sum divided by N, which nobody asked for",
    _NOT_GIVEN,
    later=1,
)
POS_WEIGHT = declare(
    "pos_weight_of_counts",
    "A",
    "a yes was weighed with the number of noes over that of yeses ({noes} / {yeses}), which nobody asked for",
    "leave pos_weight out, or pass it",
    later=2,
)
_GIVEN_POS_WEIGHT = declare(
    "pos_weight_{weight}",
    "B",
    "a yes was weighed with {weight}, which nobody asked for",
    "pass pos_weight, or leave it out",
    later=1,
)
_LEFT_OUT = declare(
    "ignore_index_{label}",
    "A",
    "the {rows} rows of {form} were left out, as with ignore_index={label}",
    "count the rows of all classes, or ignore that one here too",
    later=2,
    pooled=True,
)
_FOR_NOTHING = declare(
    "class_{label}_costs_nothing",
    "B",
    "the {rows} rows of {form} cost nothing, but were counted when the mean was taken",
    "count the rows of all classes as they are, or ignore that one here too",
    later=1,
    pooled=True,
)
_ONLY = declare(
    "{which}_only", "A", "the mean was taken over the {rows} {which} alone", "average over all samples", later=2
)
COST_NOTHING = declare(
    "{which}_cost_nothing",
    "A",
    "the {rows} {which} cost nothing, but were counted when the mean was taken",
    "add the term of the {which}",
    later=2,
)


def classes_of(dataset: Dataset) -> NDArray[np.intp] | None:
    """The class of each unit that counts: its label, or no and yes as 0 and 1; None where truth is another."""
    if dataset.labels is not None:
        return dataset.labels if len(dataset.labels) == dataset.losses.size else None
    target = dataset.arguments.get("target")
    if dataset.loss.kind != "binary" or not isinstance(target, np.ndarray) or target.size != dataset.losses.size:
        return None
    return (target.reshape(-1) > 0.0).astype(np.intp) if np.isin(target, (-1.0, 0.0, 1.0)).all() else None


class _Sums:
    """The sums of each class that occurs: the losses above, what they are divided by below, and how many rows."""

    def __init__(self, classes: NDArray[np.intp], terms: Terms) -> None:
        counts = np.bincount(classes)
        self.labels = np.flatnonzero(counts)
        self.counts = counts[self.labels].astype(np.float64)
        self.above = np.bincount(classes, terms.averaged)[self.labels]
        self.below = np.bincount(classes, terms.weight)[self.labels]

    @cached_property
    def total(self) -> tuple[float, float]:
        return float(self.above.sum()), float(self.below.sum())

    def weighed(self, weights: Array, *, divide: bool) -> float:
        """With a weight a class; divided by the sum of the weights, or as the right mean is."""
        return float(weights @ self.above) / float(weights @ self.below if divide else self.below.sum())


def of_classes(dataset: Dataset, terms: Terms) -> Iterator[Way]:
    """Means of class means, classes weighed by their counts, and classes left out."""
    classes = classes_of(dataset)
    if classes is None or len(classes) != terms.losses.size or not len(classes):
        return
    sums = _Sums(classes, terms)
    count = len(sums.labels)
    if count < 2:
        return
    means = sums.above / sums.below
    yield _MEANS.of(classes=count), float(means.mean())
    yield _MEANS_ADDED.of(classes=count), float(means.sum())
    if dataset.arguments.get("weight") is None:
        yield from _weighed(sums, max(count, dataset.classes), by_label=dataset.labels is not None)
    if dataset.labels is None:
        yield from _of_answers(dataset, sums)
    else:
        yield from _of_labels(dataset, sums)


def balanced(counts: Array, classes: int) -> Array:
    """The weight of each class whose number of rows is given: N / (C · rows)."""
    return np.asarray(counts.sum() / (classes * counts))


def _weighed(sums: _Sums, classes: int, *, by_label: bool) -> Iterator[Way]:
    roots = 1.0 / np.sqrt(sums.counts)
    yield CLASS_WEIGHTS, sums.weighed(balanced(sums.counts, classes), divide=by_label)
    yield _ROOT_WEIGHTS.of(divided=""), sums.weighed(roots, divide=True)
    divided = ", and the sum was divided by N"
    yield _ROOT_WEIGHTS.of(later=1, divided=divided), sums.weighed(roots, divide=False)
    yield _INVERSE_WEIGHTS, sums.weighed(1.0 / sums.counts, divide=False)


def _of_answers(dataset: Dataset, sums: _Sums) -> Iterator[Way]:
    """Yeses weighed by their rarity; yeses alone, noes alone."""
    noes, yeses = (int(count) for count in sums.counts)
    if dataset.arguments.get("pos_weight") is None:
        yield POS_WEIGHT.of(noes=noes, yeses=yeses), sums.weighed(np.array([1.0, noes / yeses]), divide=False)
        for weight in _POS_WEIGHTS:
            if weight * yeses != noes:
                yield _GIVEN_POS_WEIGHT.of(weight=weight), sums.weighed(np.array([1.0, weight]), divide=False)
    (no, yes), (no_below, yes_below), below = sums.above.tolist(), sums.below.tolist(), sums.total[1]
    yield _ONLY.of(which="positives", rows=yeses), over(yes, yes_below)
    yield COST_NOTHING.of(which="negatives", rows=noes), over(yes, below)
    yield _ONLY.of(later=1, which="negatives", rows=noes), over(no, no_below)
    yield COST_NOTHING.of(later=1, which="positives", rows=yeses), over(no, below)


def _of_labels(dataset: Dataset, sums: _Sums) -> Iterator[Way]:
    """Each label present left out, the first and the last first."""
    above, below = sums.total
    for at, label in enumerate(sums.labels[:_MOST_LABELS].tolist()):
        named = {"form": f"class {label}", "label": label, "rows": int(sums.counts[at])}
        later = 0 if label in (0, dataset.classes - 1) else 2
        rest = above - float(sums.above[at])
        yield _LEFT_OUT.of(later=later, **named), over(rest, below - float(sums.below[at]))
        yield _FOR_NOTHING.of(later=later, **named), over(rest, below)
