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
from losscli.verify.diagnosis.hypotheses import Hypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, rank_of
from losscli.verify.diagnosis.per_sample import per_sample_hypotheses
from losscli.verify.diagnosis.reductions.divisors import exact_ways
from losscli.verify.diagnosis.reductions.scaling import Rescaling, rescalings
from losscli.verify.diagnosis.reductions.terms import Way, sums_of
from losscli.verify.diagnosis.reductions.ways import reductions

_DIGITS_FOR_PAIRS = 5
_DIGITS_FOR_USUAL_PAIRS = 4
_COMMON = 4  # the rank up to which a mistake is paired with others
_USUAL = 1  # and of a pair that few digits are enough for, that of both
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
    tried, untried = per_sample_hypotheses(dataset, pairs=digits >= _DIGITS_FOR_PAIRS)
    last = rescalings(dataset)
    right = PerSample((), dataset.losses, dataset.denominators)
    ways = reductions(dataset, right, every_batch=digits >= _DIGITS_FOR_EVERY_BATCH)
    hypotheses = _of_ways(ways, right, last, digits)
    for per_sample in tried:
        ways = reductions(dataset, per_sample, every_batch=False)
        paired = len(per_sample.mistakes) == 1 and _pairs(per_sample.rank, digits)
        hypotheses += _of_ways(ways if paired else islice(ways, 1), per_sample, last, digits)
    return Space(tuple(sorted(hypotheses, key=attrgetter("rank"))), tuple(tried), tuple(untried))


def space_of_sums(dataset: Dataset, reduced: Reduced, digits: int) -> Space:
    """Hypotheses that need exact sums alone, for data of any size: other divisors, and a rescaled number."""
    nothing = PerSample((), np.zeros(0))
    hypotheses = _of_ways(exact_ways(dataset, sums_of(reduced)), nothing, rescalings(dataset), digits)
    return Space(tuple(sorted(hypotheses, key=attrgetter("rank"))))


def _pairs(rank: int, digits: int) -> bool:
    """Whether a mistake of that rank is tried together with another."""
    return digits >= _DIGITS_FOR_USUAL_PAIRS and rank <= (_COMMON if digits >= _DIGITS_FOR_PAIRS else _USUAL)


def _of_ways(ways: Iterator[Way], per_sample: PerSample, last: list[Rescaling], digits: int) -> list[Hypothesis]:
    """Every way to reduce some losses, and what was done to the number as long as there are not too many mistakes."""
    hypotheses: list[Hypothesis] = []
    few = digits < _DIGITS_FOR_PAIRS
    for way, number in ways:
        mistakes = per_sample.mistakes if way is None else (*per_sample.mistakes, way)
        if few and len(mistakes) > 1 and way is not None and way.rank > _USUAL:
            continue
        rank = rank_of(mistakes)
        if mistakes:
            hypotheses.append(Hypothesis(mistakes, number, "value", rank, per_sample))
        if len(mistakes) < 2 and isfinite(number) and (not mistakes or _pairs(rank, digits)):
            for mistake, rescale in last:
                both = (*mistakes, mistake)
                if len(both) == 1 or not few or mistake.rank <= _USUAL:
                    hypotheses.append(Hypothesis(both, rescale(number), "value", rank_of(both), per_sample))
    return hypotheses
