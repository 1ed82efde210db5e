"""The numbers that mistakes make of a value: every wrong loss, reduced in every way, and rescaled."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import isfinite
from operator import attrgetter

import numpy as np

from losscli.engine.reduce import Reduced
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.divisors import exact_ways
from losscli.verify.diagnosis.hypotheses import Hypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, rank_of
from losscli.verify.diagnosis.per_sample import per_sample_hypotheses
from losscli.verify.diagnosis.reductions import reductions
from losscli.verify.diagnosis.scaling import Rescaling, rescalings
from losscli.verify.diagnosis.terms import Way, sums_of

_DIGITS_FOR_PAIRS = 5
_COMMON = 4  # the rank up to which a mistake is paired with others
_DIGITS_FOR_EVERY_BATCH = 6


@record
class Space:
    """All hypotheses about a value, in the order in which they are believed, and the mistakes that were not tried."""

    hypotheses: tuple[Hypothesis, ...] = ()
    per_sample: tuple[PerSample, ...] = ()
    untried: tuple[Mistake, ...] = ()


@np.errstate(all="ignore")  # what overflows in a hypothesis is its result
def space(dataset: Dataset, digits: int) -> Space:
    """Single mistakes, and from some digits on pairs of them."""
    pairs = digits >= _DIGITS_FOR_PAIRS
    tried, untried = per_sample_hypotheses(dataset, pairs=pairs)
    last = rescalings(dataset)
    every_batch = digits >= _DIGITS_FOR_EVERY_BATCH
    right = PerSample((), dataset.losses, dataset.denominators)
    ways = reductions(dataset, right, every_batch=every_batch)
    hypotheses = _of_ways(ways, right, last, most=2 if pairs else 1)
    for per_sample in tried:
        paired = pairs and len(per_sample.mistakes) == 1 and per_sample.rank <= _COMMON
        ways = reductions(dataset, per_sample, every_batch=False)
        hypotheses += _of_ways(ways if paired else islice(ways, 1), per_sample, last, most=2 if paired else 1)
    return Space(tuple(sorted(hypotheses, key=attrgetter("rank"))), tuple(tried), tuple(untried))


def space_of_sums(dataset: Dataset, reduced: Reduced, digits: int) -> Space:
    """Hypotheses that need exact sums alone, for data of any size: other divisors, and a rescaled number."""
    nothing = PerSample((), np.zeros(0))
    most = 2 if digits >= _DIGITS_FOR_PAIRS else 1
    hypotheses = _of_ways(exact_ways(dataset, sums_of(reduced)), nothing, rescalings(dataset), most=most)
    return Space(tuple(sorted(hypotheses, key=attrgetter("rank"))))


def _of_ways(ways: Iterator[Way], per_sample: PerSample, last: list[Rescaling], *, most: int) -> list[Hypothesis]:
    """Every way to reduce some losses, and what was done to the number as long as there are not too many mistakes."""
    hypotheses: list[Hypothesis] = []
    for way, number in ways:
        mistakes = per_sample.mistakes if way is None else (*per_sample.mistakes, way)
        rank = rank_of(mistakes)
        if mistakes:
            hypotheses.append(Hypothesis(mistakes, number, "value", rank, per_sample))
        if len(mistakes) < most and rank <= _COMMON and isfinite(number):
            for mistake, rescale in last:
                both = (*mistakes, mistake)
                hypotheses.append(Hypothesis(both, rescale(number), "value", rank_of(both), per_sample))
    return hypotheses
