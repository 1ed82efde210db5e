"""Mistakes in making one number of the losses of all units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.reduce import Reduced
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.batches import of_batches
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import PerSample
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area

Way = tuple[Mistake | None, float]


@record
class Sums:
    """What all reductions are made of: sums over the units that count, and how many there are."""

    total: float
    averaged: float  # the mean's numerator
    below: float  # the mean's denominator
    count: int

    @property
    def mean(self) -> float:
        return _over(self.averaged, self.below)


def sums_of(reduced: Reduced) -> Sums:
    """The sums of the right losses, exact, for data of any size."""
    return Sums(reduced.sum, reduced.mean * reduced.denominator, reduced.denominator, reduced.count)


def exact_ways(dataset: Dataset, sums: Sums) -> Iterator[Way]:
    """The right way first, with no mistake; then the wrong ones that need only sums and counts."""
    ways = {"mean": sums.mean, "sum": sums.total, "batchmean": sums.total / max(1, dataset.samples)}
    asked = dataset.bound.reduction if dataset.bound.reduction in ways else "mean"
    yield None, ways[asked]
    for name in ("sum", "mean", "batchmean"):
        if name != asked and (name != "batchmean" or dataset.samples != dataset.units):
            yield _instead(name, asked, later=name == "batchmean"), ways[name]
    count = max(1, sums.count)
    if sums.below != count:
        yield _BY_COUNT, sums.total / count
    if dataset.units != count:
        yield _IGNORED_COUNT, sums.total / dataset.units
    yield _TWICE, sums.mean / count
    if dataset.samples not in (1, count):
        yield _TWICE, sums.mean / dataset.samples
    if dataset.classes > 1:
        yield AVERAGED_OVER_CLASSES, ways[asked] / dataset.classes
        yield SUMMED_OVER_CLASSES, ways[asked] * dataset.classes
    if len(dataset.shape) > 1 and dataset.shape[-1] > 1:
        yield _BY_LAST, sums.total / dataset.shape[-1]
    if count > 1:
        yield _SPREAD, _over(sums.total, sums.below - 1)


def reductions(dataset: Dataset, per_sample: PerSample, *, every_batch: bool) -> Iterator[Way]:
    """The right way first, with no mistake; then every wrong one that this request allows."""
    if per_sample.scalar is not None:
        yield None, per_sample.scalar
        return
    terms = _Terms(dataset, per_sample, dataset.chunk.weight)
    (_, right), *wrong = exact_ways(dataset, terms.sums)
    yield None, right
    yield from wrong
    if dataset.chunk.weight is not None:
        yield WEIGHT_FORGOTTEN, next(exact_ways(dataset, _Terms(dataset, per_sample, None).sums))[1]
    yield from _denominators(dataset, terms)
    if per_sample.rank < TIERS["A"]:
        yield from of_batches(
            dataset, terms.averaged, terms.weight, every_batch=every_batch, alone=not per_sample.mistakes
        )
    if not per_sample.mistakes and terms.losses.size >= _MANY and terms.sums.averaged:
        running = np.cumsum(terms.averaged.astype(np.float32), dtype=np.float32)
        yield _ONE_BY_ONE, right * float(running[-1]) / terms.sums.averaged
    yield from _of_rows(dataset, per_sample)
    if not per_sample.mistakes and dataset.in_nats:
        yield _MEAN_OF_EXP, float(np.exp(per_sample.losses).mean()) if per_sample.losses.size else np.nan


class _Terms:
    """The losses of the units that count as they enter a sum, a mean and its denominator."""

    def __init__(self, dataset: Dataset, per_sample: PerSample, weight: Array | None) -> None:
        losses = per_sample.losses
        if weight is not None and weight.size != losses.size:
            weight = None
        self.losses = losses
        weighted = losses if weight is None else np.where(weight == 0.0, 0.0, losses * weight)
        denominators = np.ones(losses.size) if per_sample.denominators is None else per_sample.denominators
        counted = weight if dataset.bound.convention.weights_divide else None
        self.weight = denominators if counted is None else denominators * counted
        divisors = dataset.divisors
        self.averaged = weighted if divisors is None or divisors.size != losses.size else weighted / divisors
        self.sums = Sums(
            total=float(weighted.sum()),
            averaged=float(self.averaged.sum()),
            below=float(self.weight.sum()),
            count=losses.size,
        )


def _over(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _instead(name: str, asked: str, *, later: bool) -> Mistake:
    text = _REDUCED[name]
    if name == "mean" and asked == "batchmean":
        text = "the sum was divided by the number of all elements, not by that of samples"
    return _ANOTHER_REDUCTION.of(later=int(later), reduction=name, asked=asked, text=text)


_REDUCED = {
    "sum": "the losses were added up, and not divided by anything",
    "mean": "the losses were averaged, where their sum is asked for",
    "batchmean": "the sum was divided by the number of samples only, the length of the first axis",
}
declare = area("reduction")
_ANOTHER_REDUCTION = declare("{reduction}_for_{asked}", "S", "{text}", "reduce with {asked}")
WEIGHT_FORGOTTEN = declare(
    "sample_weight_forgotten", "S", "the weights of the samples were not applied", "pass the sample weights"
)
_MANY = 1000  # losses from which on adding them one by one in float32 costs digits that a claim has
_ONE_BY_ONE = declare(
    "float32_sum",
    "A",
    "the losses were added up one by one in single precision (float32), which loses digits with every step",
    "add up in float64, or let the library's sum do it, which adds in pairs",
)
_MEAN_OF_EXP = declare(
    "mean_of_exp",
    "A",
    "e was raised to the loss of each sample, and then the mean was taken: a perplexity the wrong way round",
    "take the mean of the losses first, and e to that",
)
_BY_COUNT = declare(
    "divided_by_count",
    "S",
    "the weighted losses were divided by the number of samples, not by the sum of their weights",
    "divide by the sum of the weights that the samples have",
)
_BY_WEIGHTS = declare(
    "divided_by_weights",
    "S",
    "the weighted losses were divided by the sum of the weights, where their number is right",
    "divide by the number of elements",
)
_IGNORED_COUNT = declare(
    "ignored_counted",
    "S",
    "ignored samples add no loss, but were counted when the mean was taken",
    "divide by the number of samples that are not ignored",
)
_TWICE = declare(
    "divided_twice",
    "S",
    "the mean was divided by the number of samples once more",
    "a mean is divided already: divide once",
    later=1,
)
AVERAGED_OVER_CLASSES = declare(
    "averaged_over_classes",
    "A",
    "it was divided by the number of classes (or components) too",
    "divide by the samples, not by samples times classes",
)
SUMMED_OVER_CLASSES = declare(
    "summed_over_classes",
    "A",
    "it was multiplied by the number of classes (or components): added up over them",
    "average over the classes as the loss does",
    later=2,
)
_BY_LAST = declare(
    "last_axis_first",
    "A",
    "each row was averaged along the last axis, and the rows were added up (Keras' reduction 'sum')",
    "add up all elements",
    later=1,
)
_ACTIVE = declare(
    "active_only",
    "A",
    "the sum was divided by the number of losses that are not 0",
    "divide by all of them, those that are 0 too",
)
_SPREAD = declare(
    "n_minus_one", "B", "the sum was divided by n - 1, as for a sample's variance", "a mean divides by n", later=1
)
_POSITIVES = declare(
    "divided_by_positives", "B", "the sum was divided by the number of positives", "divide by all samples"
)
_USED_WEIGHTS = declare(
    "divided_by_used",
    "A",
    "the weighted sum was divided by the number of samples whose weight is not 0",
    "divide by the sum of the weights",
)
_NORMALISED = declare(
    "weights_normalised",
    "B",
    "the class weights were scaled to add up to 1, and the sum was divided by the number of samples",
    "take the weights as they are, and divide by the sum of those that the samples have",
)


def _denominators(dataset: Dataset, terms: _Terms) -> Iterator[Way]:
    """Divisors of the sum that depend on single units."""
    total, count = terms.sums.total, max(1, terms.losses.size)
    for weights in _unit_weights(dataset):
        if weights.size == terms.losses.size and weights.sum():
            yield _BY_WEIGHTS, total / float(weights.sum())
            used = int(np.count_nonzero(weights))
            if used not in (0, count):
                yield _USED_WEIGHTS, total / used
    active = int(np.count_nonzero(terms.losses))
    if active not in (0, count):
        yield _ACTIVE, total / active
    if positives := _positives(dataset):
        yield _POSITIVES, total / positives
    weight = dataset.arguments.get("weight")
    if isinstance(weight, np.ndarray) and weight.size == dataset.classes and weight.sum():
        yield _NORMALISED, total / (float(weight.sum()) * count)


def _unit_weights(dataset: Dataset) -> Iterator[Array]:
    """The weights of single units: those of options, of samples, and of the classes that they are."""
    for field in dataset.bound.unit_options:
        if field.name == "weight":
            yield dataset.argument("weight")
    if dataset.chunk.weight is not None:
        yield dataset.chunk.weight
    weight, target = dataset.arguments.get("weight"), dataset.arguments.get("target")
    if isinstance(weight, np.ndarray) and isinstance(target, np.ndarray) and weight.size == dataset.classes > 1:
        if target.ndim == 2:
            yield target @ weight
        elif dataset.labels is not None:
            yield weight[dataset.labels]


def _positives(dataset: Dataset) -> int:
    """How many targets are 1, where they say yes or no."""
    for field in dataset.bound.inputs:
        if field.name == "target" and field.role.domain is PROBABILITY and dataset.loss.kind == "binary":
            return int(np.count_nonzero(dataset.argument("target") == 1.0))
    return 0


_ROW_ROOTS = declare(
    "root_of_each_sample",
    "A",
    "the root of each sample's mean was taken, then the mean of these roots",
    "take one mean of all, then one root",
)
_COLUMN_ROOTS = declare(
    "root_of_each_column",
    "A",
    "the root of each column's mean was taken, then the mean of these roots (as scikit-learn does)",
    "take one mean of all, then one root",
)
_NORMS = declare(
    "norms",
    "A",
    "the length of each sample's error was taken (the root of the sum of its squares), then their mean",
    "average the squares of all elements",
    later=1,
)


def _of_rows(dataset: Dataset, per_sample: PerSample) -> Iterator[Way]:
    """Roots taken too early, of squares that lie in rows."""
    shape = dataset.shape
    squares = dataset.loss.kind == "regression" and dataset.classes == 1 and per_sample.losses.size == dataset.units
    if len(shape) < 2 or not squares or (per_sample.losses < 0.0).any():
        return
    rows = per_sample.losses.reshape(shape[0], -1)
    yield _ROW_ROOTS, float(np.sqrt(rows.mean(axis=1)).mean())
    yield _COLUMN_ROOTS, float(np.sqrt(rows.mean(axis=0)).mean())
    yield _NORMS, float(np.sqrt(rows.sum(axis=1)).mean())
