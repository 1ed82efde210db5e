"""Mistakes in making one number of the losses of all units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.judging.mistakes.case import Case
from losscli.judging.mistakes.parts import Part, Vector, part
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array

_EVERY_BATCH = 512  # samples up to which every batch size is tried
_USUAL_BATCHES = (
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    16,
    20,
    24,
    25,
    32,
    48,
    50,
    64,
    96,
    100,
    128,
    200,
    250,
    256,
    500,
    512,
    1000,
    1024,
    2048,
    4096,
)

Reduced = tuple[Part | None, float]


def reductions(case: Case, vector: Vector, *, every_batch: bool) -> Iterator[Reduced]:
    """The right way first, with no part; then every wrong one that this request allows."""
    if vector.scalar is not None:
        yield None, vector.scalar
        return
    sums = _Sums(case, vector)
    ways = {"mean": sums.mean, "sum": sums.total, "batchmean": sums.total / max(1, case.samples)}
    asked = case.bound.reduction if case.bound.reduction in ways else "mean"
    yield None, ways[asked]
    for name in ("sum", "mean", "batchmean"):
        if name != asked:
            yield _instead(name, asked, later=name == "batchmean"), ways[name]
    yield from _denominators(case, sums)
    yield from _of_batches(case, sums, every_batch=every_batch)
    yield from _of_rows(case, vector)
    with np.errstate(over="ignore"):
        powers = np.exp(vector.losses)
    yield _MEAN_OF_EXP, float(powers.mean()) if powers.size else np.nan


class _Sums:
    """Sums over the units that count."""

    def __init__(self, case: Case, vector: Vector) -> None:
        losses, weight = vector.losses, case.chunk.weight
        if weight is not None and weight.size != losses.size:
            weight = None
        self.losses = losses
        self.weighted = losses if weight is None else np.where(weight == 0.0, 0.0, losses * weight)
        shares = np.ones(losses.size) if vector.shares is None else vector.shares
        self.heavy = shares if weight is None or not case.bound.convention.weights_divide else shares * weight
        self.weight = weight
        averaged = self.weighted
        if case.divisors is not None and case.divisors.size == losses.size:
            averaged = averaged / case.divisors
        self.averaged = averaged
        self.count = losses.size
        with np.errstate(all="ignore"):
            self.total = float(self.weighted.sum())
            self.below = float(self.heavy.sum())
            self.mean = float(averaged.sum() / self.heavy.sum()) if losses.size else np.nan


def _instead(name: str, asked: str, *, later: bool) -> Part:
    text = {
        "sum": "the losses were summed, not averaged",
        "mean": "the losses were averaged over all units",
        "batchmean": "the sum was divided by the number of samples only, the size of the first axis",
    }[name]
    return part(f"{name}_for_{asked}", "S", text, f"use reduction={asked}", later=int(later))


_MEAN_OF_EXP = part(
    "mean_of_exp", "A", "the mean of e to each loss was taken (a perplexity, but per sample)", "average first", later=1
)
_BY_COUNT = part(
    "divided_by_count",
    "S",
    "the weighted losses were divided by the number of samples, not by the sum of their weights",
    "divide by the sum of the weights",
)
_BY_WEIGHTS = part(
    "divided_by_weights",
    "S",
    "the weighted losses were divided by the sum of the weights, not by their number",
    "divide by the number of elements",
)
_IGNORED_COUNT = part(
    "ignored_counted",
    "S",
    "ignored samples were left in the denominator of the mean",
    "divide by what is not ignored",
)
_TWICE = part("divided_twice", "S", "the mean was divided by the number of samples once more", "divide once", later=1)
_BY_CLASSES = part(
    "averaged_over_classes",
    "A",
    "the mean was taken over the classes too",
    "divide by the samples, not by samples times classes",
)
_BY_LAST = part(
    "last_axis_first",
    "A",
    "each row was averaged along the last axis, and the rows were summed (Keras' 'sum')",
    "sum over all elements",
    later=1,
)
_ACTIVE = part(
    "active_only", "A", "the sum was divided by the number of losses that are not 0", "divide by all of them"
)
_SPREAD = part("n_minus_one", "B", "the sum was divided by n - 1, as for a variance", "divide by n")
_POSITIVES = part(
    "divided_by_positives", "B", "the sum was divided by the number of positives", "divide by all samples"
)
_USED_WEIGHTS = part(
    "divided_by_used",
    "A",
    "the weighted sum was divided by the number of weights that are not 0",
    "divide by the sum of the weights",
)
_NORMALISED = part(
    "weights_normalised",
    "B",
    "the weights were scaled to sum 1, and the mean was divided by the number of samples too",
    "use the weights as they are",
)


def _denominators(case: Case, sums: _Sums) -> Iterator[Reduced]:
    """Other divisors of the sum."""
    count = max(1, sums.count)
    if sums.below != count:
        yield _BY_COUNT, sums.total / count
    for weights in _unit_weights(case):
        if weights.sum():
            yield _BY_WEIGHTS, sums.total / float(weights.sum())
            yield _USED_WEIGHTS, sums.total / max(1, int(np.count_nonzero(weights)))
    if case.units != count:
        yield _IGNORED_COUNT, sums.total / case.units
    yield _TWICE, sums.mean / count
    if case.samples not in (1, count):
        yield _TWICE, sums.mean / case.samples
    if case.classes > 1:
        yield _BY_CLASSES, sums.mean / case.classes
    shape = case.bound.layout.unit_shape
    if len(shape) > 1 and shape[-1] > 1:
        yield _BY_LAST, sums.total / shape[-1]
    active = int(np.count_nonzero(sums.losses))
    if active not in (0, count):
        yield _ACTIVE, sums.total / active
    if count > 1:
        yield _SPREAD, sums.total / (sums.below - 1) if sums.below != 1 else np.nan
    target = case.arguments.get("target")
    if isinstance(target, np.ndarray) and _is_two_valued(case) and (positives := int(np.count_nonzero(target == 1.0))):
        yield _POSITIVES, sums.total / positives
    weight = case.arguments.get("weight")
    if isinstance(weight, np.ndarray) and weight.size == case.classes and weight.sum():
        yield _NORMALISED, sums.total / (float(weight.sum()) * count)


def _unit_weights(case: Case) -> Iterator[Array]:
    """The weights of single units, of options and of samples."""
    for field in case.bound.unit_options:
        if field.name == "weight":
            yield case.argument("weight")
    if case.chunk.weight is not None:
        yield case.chunk.weight


def _is_two_valued(case: Case) -> bool:
    return any(field.name == "target" and field.role.domain is PROBABILITY for field in case.bound.inputs)


def _of_batches(case: Case, sums: _Sums, *, every_batch: bool) -> Iterator[Reduced]:
    """Means of batch means, where the last batch is shorter than the others or their weights differ."""
    samples = case.samples
    if samples < 3 or case.units % samples or sums.losses.size not in (case.units, len(case.losses)):
        return
    above, below = (_by_sample(case, each) for each in (sums.averaged, sums.heavy))
    sizes = range(2, samples) if every_batch and samples <= _EVERY_BATCH else [b for b in _USUAL_BATCHES if b < samples]
    with np.errstate(all="ignore"):
        for size in sizes:
            starts = np.arange(0, samples, size)
            means = np.add.reduceat(above, starts) / np.add.reduceat(below, starts)
            usual = 0 if size in _USUAL_BATCHES else 2
            yield _batch_means(size, usual), float(means.mean())
            yield _sum_of_means(size, usual), float(means.sum())
            yield _means_over_samples(size, usual), float(means.sum()) / samples


def _by_sample(case: Case, values: Array) -> Array:
    """Sums over the units of each sample, ignored ones counting nothing."""
    whole = values
    if case.kept is not None and values.size != case.units:
        whole = np.zeros(case.units)
        whole[case.kept] = values
    sums: Array = whole.reshape(case.samples, -1).sum(axis=1)
    return sums


def _batch_means(size: int, later: int) -> Part:
    return part(
        "mean_of_batch_means",
        "S",
        f"the means of batches of {size} were averaged, though the batches do not count alike",
        "weight each batch by what it counts, or average over all samples at once",
        later=later,
    )


def _sum_of_means(size: int, later: int) -> Part:
    return part(
        "sum_of_batch_means",
        "A",
        f"the means of batches of {size} were added up and not divided by the number of batches",
        "average over all samples at once",
        later=later,
    )


def _means_over_samples(size: int, later: int) -> Part:
    return part(
        "batch_means_over_samples",
        "A",
        f"the means of batches of {size} were added up and divided by the number of samples",
        "divide by the number of batches, or sum the losses of samples",
        later=later,
    )


_ROW_ROOTS = part(
    "root_of_each_sample",
    "A",
    "the root of each sample's mean was taken, then the mean of these",
    "take one mean, then one root",
)
_COLUMN_ROOTS = part(
    "root_of_each_column",
    "A",
    "the root of each column's mean was taken, then the mean of these (as scikit-learn does)",
    "take one mean, then one root",
)
_NORMS = part("norms", "A", "the mean of the samples' norms was taken", "average the squares", later=1)


def _of_rows(case: Case, vector: Vector) -> Iterator[Reduced]:
    """Roots taken too early, of losses that lie in rows."""
    shape = case.bound.layout.unit_shape
    if len(shape) < 2 or vector.losses.size != case.units or case.classes > 1 or (vector.losses < 0.0).any():
        return
    rows = vector.losses.reshape(shape[0], -1)
    yield _ROW_ROOTS, float(np.sqrt(rows.mean(axis=1)).mean())
    yield _COLUMN_ROOTS, float(np.sqrt(rows.mean(axis=0)).mean())
    yield _NORMS, float(np.sqrt(rows.sum(axis=1)).mean())
