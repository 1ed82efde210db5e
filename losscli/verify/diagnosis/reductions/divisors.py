"""Other divisors of the sum: counts of classes, samples and weights, and usual round numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.terms import Sums, Terms, Way, over

_STEPS = (4, 8, 16, 32, 64, 3)  # of gradient accumulation, or processes; 2 is a half
_BATCH_SIZES = (64, 32, 128, 16, 256, 8, 100, 4, 10, 512, 1000)

declare = area("reduction")
_ANOTHER_REDUCTION = declare("{reduction}_for_{asked}", "S", "{text}", "reduce with {asked}")
_REDUCED = {
    "sum": "the losses were added up, and not divided by anything",
    "mean": "the losses were averaged, where their sum is asked for",
    "batchmean": "the sum was divided by the number of samples only, the length of the first axis",
}
_BY_COUNT = declare(
    "divided_by_count",
    "S",
    "the weighted losses were divided by the number of samples, {count}, not by the sum of their weights",
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
    "ignored samples add no loss, but were counted when the mean was taken: {units} in place of {count}",
    "divide by the number of samples that are not ignored",
)
_BY_SAMPLES_ALONE = declare(
    "not_divided_by_lengths",
    "S",
    "the sum was divided by the number of samples alone, and no loss by its own length before that",
    "divide each loss by its length first, or reduce with sum and divide on purpose",
    later=1,
)
_BY_LENGTHS = declare(
    "divided_by_lengths",
    "A",
    "the sum was divided by the sum of all lengths, {lengths}, which counts long samples more than short ones",
    "divide each loss by its length, and average over the samples",
    later=1,
)
_TWICE = declare(
    "divided_twice",
    "S",
    "the mean was divided by the number of samples, {count}, once more",
    "a mean is divided already: divide once",
    later=1,
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
    "the sum was divided by the number of losses that are not 0, {active} of {count}",
    "divide by all of them, those that are 0 too",
)
_SPREAD = declare(
    "n_minus_one",
    "B",
    "the sum was divided by N - 1 = {less}, as for a sample's variance",
    "a mean divides by N",
    later=1,
)
_POSITIVES = declare(
    "divided_by_positives",
    "B",
    "the sum was divided by {positives}, the number of positives; N is {count}",
    "divide by all samples",
)
_USED_WEIGHTS = declare(
    "divided_by_used",
    "A",
    "the weighted sum was divided by {used}, the number of samples whose weight is not 0",
    "divide by the sum of the weights",
)
_NORMALISED = declare(
    "weights_normalised",
    "B",
    "the class weights were scaled to add up to 1, and the sum was divided by the number of samples",
    "take the weights as they are, and divide by the sum of those that the samples have",
)
_OF_ALL_CLASSES = declare(
    "divided_by_class_weights",
    "B",
    "the weighted sum was divided by the sum of the {classes} class weights, not by the sum of those that the samples"
    " have",
    "divide by the sum of the weights of the samples' classes",
)
_BY_STEPS = declare(
    "divided_by_{number}",
    "A",
    "the mean was divided by {form} once more, as by steps of gradient accumulation or by processes",
    "a mean is divided already: divide once",
    later=2,
    pooled=True,
)
_SUM_BY_ROUND = declare(
    "sum_divided_by_{number}",
    "A",
    "the sum was divided by {form}, whatever the number of samples; N is {count}",
    "divide by the number of samples",
    later=2,
    pooled=True,
)
_BY_BATCH_SIZE = declare(
    "multiplied_by_batch_size",
    "A",
    "the mean was multiplied by the size of {form}, and not divided by it again",
    "after loss · batch size, divide by the number of samples",
    later=2,
    pooled=True,
)


def exact_ways(dataset: Dataset, sums: Sums, *, alone: bool = True) -> Iterator[Way]:
    """The right way first, with no mistake; then the wrong ones that need only sums and counts.

    `alone`: no other mistake was made before.
    """
    ways = {"mean": sums.mean, "sum": sums.total, "batchmean": sums.total / max(1, dataset.samples)}
    asked = dataset.bound.reduction if dataset.bound.reduction in ways else "mean"
    yield None, ways[asked]
    for name in ("sum", "mean", "batchmean"):
        if name != asked and (name != "batchmean" or dataset.samples != dataset.units):
            yield _instead(name, asked, later=name == "batchmean"), ways[name]
    count = max(1, sums.count)
    if sums.below != count:
        yield _BY_COUNT.of(count=count), sums.total / count
    if dataset.loss.divisor is not None:
        yield _BY_SAMPLES_ALONE, over(sums.total, sums.below)
    if dataset.units != count:
        yield _IGNORED_COUNT.of(units=dataset.units, count=count), sums.total / dataset.units
    yield _TWICE.of(count=count), sums.mean / count
    if dataset.samples not in (1, count):
        yield _TWICE.of(count=dataset.samples), sums.mean / dataset.samples
    if len(dataset.shape) > 1 and dataset.shape[-1] > 1:
        yield _BY_LAST, sums.total / dataset.shape[-1]
    if count > 1:
        yield _SPREAD.of(less=count - 1), over(sums.total, sums.below - 1)
    if alone:
        yield from _round_numbers(sums, count)


def _round_numbers(sums: Sums, count: int) -> Iterator[Way]:
    """The divisors of training loops, whatever the data hold."""
    for at, number in enumerate(_STEPS):
        yield _BY_STEPS.of(later=at > 2, form=str(number), number=number), sums.mean / number
    for at, number in enumerate(_BATCH_SIZES):
        if number != count:
            later = at > 2
            yield _SUM_BY_ROUND.of(later=later, form=str(number), number=number, count=count), sums.total / number
            yield _BY_BATCH_SIZE.of(later=later, form=f"a batch of {number}"), sums.mean * number


def unit_divisors(dataset: Dataset, terms: Terms) -> Iterator[Way]:
    """Divisors of the sum that depend on single units."""
    total, count = terms.sums.total, max(1, terms.losses.size)
    for weights in _unit_weights(dataset):
        if weights.size == terms.losses.size and weights.sum():
            yield _BY_WEIGHTS, total / float(weights.sum())
            used = int(np.count_nonzero(weights))
            if used not in (0, count):
                yield _USED_WEIGHTS.of(used=used), total / used
    if dataset.divisors is not None and dataset.divisors.size == terms.losses.size:
        lengths = float(dataset.divisors.sum())
        yield _BY_LENGTHS.of(lengths=f"{lengths:g}"), over(total, lengths)
    active = int(np.count_nonzero(terms.losses))
    if active not in (0, count):
        yield _ACTIVE.of(active=active, count=count), total / active
    if positives := _positives(dataset):
        yield _POSITIVES.of(positives=positives, count=count), total / positives
    weight = dataset.arguments.get("weight")
    if isinstance(weight, np.ndarray) and weight.size == dataset.classes and weight.sum():
        yield _NORMALISED, total / (float(weight.sum()) * count)
        yield _OF_ALL_CLASSES.of(classes=weight.size), total / float(weight.sum())


def _instead(name: str, asked: str, *, later: bool) -> Mistake:
    text = _REDUCED[name]
    if name == "mean" and asked == "batchmean":
        text = "the sum was divided by the number of all elements, not by that of samples"
    return _ANOTHER_REDUCTION.of(later=int(later), reduction=name, asked=asked, text=text)


def _unit_weights(dataset: Dataset) -> Iterator[Array]:
    """The weights of single units: those of options, of samples, and of the classes that they are."""
    for field in dataset.bound.unit_options:
        if field.name == "weight":
            yield dataset.argument("weight")
    if dataset.chunk.weight is not None:
        yield dataset.chunk.weight
    target = dataset.arguments.get("target")
    for spec in dataset.loss.options:
        weight = dataset.arguments.get(spec.name)
        if spec.option.axes != "c" or not isinstance(weight, np.ndarray) or not isinstance(target, np.ndarray):
            continue
        if weight.size == dataset.classes > 1:
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
