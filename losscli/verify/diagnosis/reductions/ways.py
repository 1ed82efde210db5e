"""Mistakes in making one number of the losses of all units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import PerSample
from losscli.verify.diagnosis.mistakes import TIERS, area
from losscli.verify.diagnosis.reductions.batches import of_batches
from losscli.verify.diagnosis.reductions.by_class import of_classes
from losscli.verify.diagnosis.reductions.divisors import exact_ways, unit_divisors
from losscli.verify.diagnosis.reductions.groups import of_groups
from losscli.verify.diagnosis.reductions.moments import of_moments
from losscli.verify.diagnosis.reductions.parts import of_parts
from losscli.verify.diagnosis.reductions.pieces import of_pieces
from losscli.verify.diagnosis.reductions.terms import Terms, Way, over

_MANY = 1000  # losses from which on adding them one by one in float32 costs digits that a claim has

declare = area("reduction")
WEIGHT_FORGOTTEN = declare(
    "sample_weight_forgotten", "S", "the weights of the samples were not applied", "pass the sample weights"
)
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
_SUM_OF_EXP = declare(
    "sum_of_exp",
    "B",
    "e was raised to the loss of each sample, and these were added up",
    "take the mean of the losses first, and e to that",
    later=1,
)


def reductions(dataset: Dataset, per_sample: PerSample, *, every_batch: bool) -> Iterator[Way]:
    """The right way first, with no mistake; then every wrong one that this request allows."""
    if per_sample.scalar is not None:
        yield None, per_sample.scalar
        return
    terms = Terms(dataset, per_sample, dataset.chunk.weight)
    (_, right), *wrong = exact_ways(dataset, terms.sums, alone=terms.alone)
    yield None, right
    yield from wrong
    if dataset.chunk.weight is not None:
        yield WEIGHT_FORGOTTEN, next(exact_ways(dataset, Terms(dataset, per_sample, None).sums))[1]
    yield from unit_divisors(dataset, terms)
    if per_sample.rank < TIERS["A"]:
        yield from of_groups(dataset, terms)
        yield from of_batches(dataset, terms, every_batch=every_batch)
    if terms.alone:
        ways = _of_right_losses(dataset, terms, right, every_batch=every_batch)
        yield from (way for way in ways if way[1])  # of a claim of zero such a zero says nothing


def _of_right_losses(dataset: Dataset, terms: Terms, right: float, *, every_batch: bool) -> Iterator[Way]:
    """What is tried where no other mistake was made."""
    yield from of_classes(dataset, terms)
    yield from of_moments(dataset, terms, right)
    yield from of_parts(dataset, terms, every_part=every_batch)
    yield from of_pieces(dataset, every_batch=every_batch)
    if terms.losses.size >= _MANY and terms.sums.averaged:
        running = np.cumsum(terms.averaged.astype(np.float32), dtype=np.float32)
        yield _ONE_BY_ONE, right * float(running[-1]) / terms.sums.averaged
    if dataset.in_nats:
        powers = np.exp(terms.losses)
        yield _MEAN_OF_EXP, over(float(powers.sum()), powers.size)
        yield _SUM_OF_EXP, float(powers.sum())
