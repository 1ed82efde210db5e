"""Mistakes in making one number of the losses of all units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.reduce import Reduced
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.batches import of_batches
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import TIERS, Part, Vector, part

Way = tuple[Part | None, float]


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
    """Those of the right losses, exact, for data of any size."""
    return Sums(reduced.sum, reduced.mean * reduced.denominator, reduced.denominator, reduced.count)


def exact_ways(case: Case, sums: Sums) -> Iterator[Way]:
    """The right way first, with no part; then the wrong ones that need only sums and counts."""
    ways = {"mean": sums.mean, "sum": sums.total, "batchmean": sums.total / max(1, case.samples)}
    asked = case.bound.reduction if case.bound.reduction in ways else "mean"
    yield None, ways[asked]
    for name in ("sum", "mean", "batchmean"):
        if name != asked and (name != "batchmean" or case.samples != case.units):
            yield _instead(name, asked, later=name == "batchmean"), ways[name]
    count = max(1, sums.count)
    if sums.below != count:
        yield _BY_COUNT, sums.total / count
    if case.units != count:
        yield _IGNORED_COUNT, sums.total / case.units
    yield _TWICE, sums.mean / count
    if case.samples not in (1, count):
        yield _TWICE, sums.mean / case.samples
    if case.classes > 1:
        yield _BY_CLASSES, ways[asked] / case.classes
        yield _PER_CLASS, ways[asked] * case.classes
    if len(case.shape) > 1 and case.shape[-1] > 1:
        yield _BY_LAST, sums.total / case.shape[-1]
    if count > 1:
        yield _SPREAD, _over(sums.total, sums.below - 1)


def reductions(case: Case, vector: Vector, *, every_batch: bool) -> Iterator[Way]:
    """The right way first, with no part; then every wrong one that this request allows."""
    if vector.scalar is not None:
        yield None, vector.scalar
        return
    each = _Each(case, vector)
    (_, right), *others = exact_ways(case, each.sums)
    yield None, right
    yield from others
    yield from _denominators(case, each)
    if vector.rank < TIERS["A"]:
        yield from of_batches(case, each.averaged, each.heavy, every_batch=every_batch, alone=not vector.parts)
    if not vector.parts and each.losses.size >= _MANY and each.sums.averaged:
        with np.errstate(over="ignore", invalid="ignore"):
            running = np.cumsum(each.averaged.astype(np.float32), dtype=np.float32)
        yield _ONE_BY_ONE, right * float(running[-1]) / each.sums.averaged
    yield from _of_rows(case, vector)
    if not vector.parts and case.in_nats:
        with np.errstate(over="ignore"):
            yield _MEAN_OF_EXP, float(np.exp(vector.losses).mean()) if vector.losses.size else np.nan


class _Each:
    """The losses of the units that count as they enter a sum, a mean and its denominator."""

    def __init__(self, case: Case, vector: Vector) -> None:
        losses, weight = vector.losses, case.chunk.weight
        if weight is not None and weight.size != losses.size:
            weight = None
        self.losses = losses
        with np.errstate(all="ignore"):
            weighted = losses if weight is None else np.where(weight == 0.0, 0.0, losses * weight)
            shares = np.ones(losses.size) if vector.shares is None else vector.shares
            self.heavy = shares if weight is None or not case.bound.convention.weights_divide else shares * weight
            divisors = case.divisors
            self.averaged = weighted if divisors is None or divisors.size != losses.size else weighted / divisors
            self.sums = Sums(
                total=float(weighted.sum()),
                averaged=float(self.averaged.sum()),
                below=float(self.heavy.sum()),
                count=losses.size,
            )


def _over(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _instead(name: str, asked: str, *, later: bool) -> Part:
    text = {
        "sum": "the losses were added up, and not divided by anything",
        "mean": "the losses were averaged, where their sum is asked for",
        "batchmean": "the sum was divided by the number of samples only, the length of the first axis",
    }[name]
    if name == "mean" and asked == "batchmean":
        text = "the sum was divided by the number of all elements, not by that of samples"
    return part(f"{name}_for_{asked}", "S", text, f"reduce with {asked}", later=int(later))


_MANY = 1000  # losses from which on adding them one by one in float32 costs digits that a claim has
_ONE_BY_ONE = part(
    "float32_sum",
    "A",
    "the losses were added up one by one in single precision (float32), which loses digits with every step",
    "add up in float64, or let the library's sum do it, which adds in pairs",
)
_MEAN_OF_EXP = part(
    "mean_of_exp",
    "A",
    "e was raised to the loss of each sample, and then the mean was taken: a perplexity the wrong way round",
    "take the mean of the losses first, and e to that",
)
_BY_COUNT = part(
    "divided_by_count",
    "S",
    "the weighted losses were divided by the number of samples, not by the sum of their weights",
    "divide by the sum of the weights that the samples have",
)
_BY_WEIGHTS = part(
    "divided_by_weights",
    "S",
    "the weighted losses were divided by the sum of the weights, where their number is right",
    "divide by the number of elements",
)
_IGNORED_COUNT = part(
    "ignored_counted",
    "S",
    "ignored samples add no loss, but were counted when the mean was taken",
    "divide by the number of samples that are not ignored",
)
_TWICE = part(
    "divided_twice",
    "S",
    "the mean was divided by the number of samples once more",
    "a mean is divided already: divide once",
    later=1,
)
_BY_CLASSES = part(
    "averaged_over_classes",
    "A",
    "it was divided by the number of classes (or components) too",
    "divide by the samples, not by samples times classes",
)
_PER_CLASS = part(
    "summed_over_classes",
    "A",
    "it was multiplied by the number of classes (or components): added up over them",
    "average over the classes as the loss does",
    later=2,
)
_BY_LAST = part(
    "last_axis_first",
    "A",
    "each row was averaged along the last axis, and the rows were added up (Keras' reduction 'sum')",
    "add up all elements",
    later=1,
)
_ACTIVE = part(
    "active_only",
    "A",
    "the sum was divided by the number of losses that are not 0",
    "divide by all of them, those that are 0 too",
)
_SPREAD = part(
    "n_minus_one", "B", "the sum was divided by n - 1, as for a sample's variance", "a mean divides by n", later=1
)
_POSITIVES = part(
    "divided_by_positives", "B", "the sum was divided by the number of positives", "divide by all samples"
)
_USED_WEIGHTS = part(
    "divided_by_used",
    "A",
    "the weighted sum was divided by the number of samples whose weight is not 0",
    "divide by the sum of the weights",
)
_NORMALISED = part(
    "weights_normalised",
    "B",
    "the class weights were scaled to add up to 1, and the sum was divided by the number of samples",
    "take the weights as they are, and divide by the sum of those that the samples have",
)


def _denominators(case: Case, each: _Each) -> Iterator[Way]:
    """Divisors of the sum that depend on single units."""
    total, count = each.sums.total, max(1, each.losses.size)
    for weights in _unit_weights(case):
        if weights.size == each.losses.size and weights.sum():
            yield _BY_WEIGHTS, total / float(weights.sum())
            used = int(np.count_nonzero(weights))
            if used not in (0, count):
                yield _USED_WEIGHTS, total / used
    active = int(np.count_nonzero(each.losses))
    if active not in (0, count):
        yield _ACTIVE, total / active
    if positives := _positives(case):
        yield _POSITIVES, total / positives
    weight = case.arguments.get("weight")
    if isinstance(weight, np.ndarray) and weight.size == case.classes and weight.sum():
        yield _NORMALISED, total / (float(weight.sum()) * count)


def _unit_weights(case: Case) -> Iterator[Array]:
    """The weights of single units: those of options, of samples, and of the classes that they are."""
    for field in case.bound.unit_options:
        if field.name == "weight":
            yield case.argument("weight")
    if case.chunk.weight is not None:
        yield case.chunk.weight
    weight, target = case.arguments.get("weight"), case.arguments.get("target")
    if isinstance(weight, np.ndarray) and isinstance(target, np.ndarray) and weight.size == case.classes > 1:
        if target.ndim == 2:
            yield target @ weight
        elif case.labels is not None:
            yield weight[case.labels]


def _positives(case: Case) -> int:
    """How many targets are 1, where they say yes or no."""
    for field in case.bound.inputs:
        if field.name == "target" and field.role.domain is PROBABILITY and case.loss.kind == "binary":
            return int(np.count_nonzero(case.argument("target") == 1.0))
    return 0


_ROW_ROOTS = part(
    "root_of_each_sample",
    "A",
    "the root of each sample's mean was taken, then the mean of these roots",
    "take one mean of all, then one root",
)
_COLUMN_ROOTS = part(
    "root_of_each_column",
    "A",
    "the root of each column's mean was taken, then the mean of these roots (as scikit-learn does)",
    "take one mean of all, then one root",
)
_NORMS = part(
    "norms",
    "A",
    "the length of each sample's error was taken (the root of the sum of its squares), then their mean",
    "average the squares of all elements",
    later=1,
)


def _of_rows(case: Case, vector: Vector) -> Iterator[Way]:
    """Roots taken too early, of squares that lie in rows."""
    shape = case.shape
    squares = case.loss.kind == "regression" and case.classes == 1 and vector.losses.size == case.units
    if len(shape) < 2 or not squares or (vector.losses < 0.0).any():
        return
    rows = vector.losses.reshape(shape[0], -1)
    yield _ROW_ROOTS, float(np.sqrt(rows.mean(axis=1)).mean())
    yield _COLUMN_ROOTS, float(np.sqrt(rows.mean(axis=0)).mean())
    yield _NORMS, float(np.sqrt(rows.sum(axis=1)).mean())
