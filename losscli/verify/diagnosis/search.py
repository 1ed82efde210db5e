"""The search: which mistakes make the claimed number, and only what its digits can tell apart.

Every hypothesis covers a window as wide as the claim's tolerance. With enough of them near a number some would match by
chance, so they are taken in the order of their rank only as long as the chance of an accidental match stays low.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import floor, isfinite, log, log10
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from losscli.engine.reduce import Reduced
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Hypothesis, Part, Vector, rank_of
from losscli.verify.diagnosis.per_sample import vectors
from losscli.verify.diagnosis.reductions import Way, exact_ways, reductions, sums_of
from losscli.verify.diagnosis.scaling import Afterwards, afterwards

_ROUNDING = 1e-10  # of a number: what another order of summing may change
_SAME = 1e-9  # hypotheses this close give one number
_NEAR = 3.0  # hypotheses within this factor of a claim count for its chance
_CHANCE = {1: 0.3, 2: 0.1, 3: 0.03, 4: 0.006, 5: 0.002}  # by digits
_LEAST_CHANCE = 0.001
_DIGITS_FOR_PAIRS = 5
_COMMON = 4  # the rank up to which a mistake is paired with others
_DIGITS_FOR_EVERY_BATCH = 6
_ALL_DIGITS = 17


@record
class Target:
    """A claimed number, how near a hypothesis must come, and how near ours a number is no mistake but rounding."""

    value: float
    width: float
    own: float

    @property
    def digits(self) -> int:
        """How many digits of it can be told apart: `1.102` has 4, a float32 with 16 spacings around it 6."""
        if not self.width or not self.value or not isfinite(self.value) or not isfinite(self.width):
            return _ALL_DIGITS
        share = 2.0 * self.width / abs(self.value)
        return min(_ALL_DIGITS, max(1, floor(-log10(share) + 1e-9) + 1))


@record
class Space:
    """All hypotheses, in the order in which they are believed, and the mistakes that were not tried."""

    hypotheses: tuple[Hypothesis, ...]
    vectors: tuple[Vector, ...]
    untried: tuple[Part, ...]


def space(case: Case, digits: int) -> Space:
    """Single mistakes, and from some digits on pairs of them."""
    pairs = digits >= _DIGITS_FOR_PAIRS
    tried, untried = vectors(case, pairs=pairs)
    last = afterwards(case)
    every_batch = digits >= _DIGITS_FOR_EVERY_BATCH
    right = Vector((), case.losses, case.shares)
    found = _of_ways(reductions(case, right, every_batch=every_batch), right, last, most=2 if pairs else 1)
    for vector in tried:
        paired = pairs and len(vector.parts) == 1 and vector.rank <= _COMMON
        ways = reductions(case, vector, every_batch=False)
        found += _of_ways(ways if paired else islice(ways, 1), vector, last, most=2 if paired else 1)
    return Space(tuple(sorted(found, key=attrgetter("rank"))), tuple(tried), tuple(untried))


def space_of_sums(case: Case, reduced: Reduced, digits: int) -> Space:
    """What exact sums tell of data of any size: other divisors, and what was done afterwards."""
    nothing = Vector((), np.zeros(0))
    most = 2 if digits >= _DIGITS_FOR_PAIRS else 1
    found = _of_ways(exact_ways(case, sums_of(reduced)), nothing, afterwards(case), most=most)
    return Space(tuple(sorted(found, key=attrgetter("rank"))), (), ())


def _of_ways(ways: Iterator[Way], vector: Vector, last: list[Afterwards], *, most: int) -> list[Hypothesis]:
    """Every way to reduce some losses, and what was done afterwards as long as there are not too many mistakes."""
    found: list[Hypothesis] = []
    for way, number in ways:
        parts = vector.parts if way is None else (*vector.parts, way)
        rank = rank_of(parts)
        if parts:
            found.append(Hypothesis(number, parts, vector, rank))
        if len(parts) < most and rank <= _COMMON and isfinite(number):
            for each, after in last:
                both = (*parts, each)
                found.append(Hypothesis(after(number), both, vector, rank_of(both)))
    return found


def matches(hypotheses: Sequence[Hypothesis], target: Target, ours: float) -> list[list[Hypothesis]]:
    """Classes of hypotheses that make the claimed number, the most likely first; each class gives one number."""
    values = np.array([hypothesis.value for hypothesis in hypotheses], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        width = np.maximum(target.width, _ROUNDING * np.abs(values))
        hit = ((np.abs(values - target.value) <= width) & np.isfinite(values)) | (values == target.value)
        hit &= ~((np.abs(values - ours) <= max(target.own, _SAME * abs(ours))) if isfinite(ours) else (values == ours))
    if not hit.any():
        return []
    hit &= _believed(values, target)
    classes: list[list[Hypothesis]] = []
    for at in np.flatnonzero(hit).tolist():
        hypothesis = hypotheses[at]
        for members in classes:
            if _is_same(members[0].value, hypothesis.value):
                if len(hypothesis.parts) == len(members[0].parts) and hypothesis.name not in {m.name for m in members}:
                    members.append(hypothesis)
                break
        else:
            classes.append([hypothesis])
    fewest = min((len(members[0].parts) for members in classes), default=0)
    return [members for members in classes if len(members[0].parts) == fewest]


def _believed(values: Array, target: Target) -> NDArray[np.bool_]:
    """Which hypotheses may be believed: in order, while the chance that some of them match by accident stays low."""
    if not target.value or not isfinite(target.value):
        return np.ones(len(values), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = values / target.value
        near = np.flatnonzero((ratio > 1.0 / _NEAR) & (ratio < _NEAR))
    first = np.zeros(len(values), dtype=bool)
    rounded = np.array([f"{value:.9g}" for value in values[near].tolist()])
    first[near[np.unique(rounded, return_index=True)[1]]] = True  # those that give one number cover one window
    share = 2.0 * target.width / (abs(target.value) * 2.0 * log(_NEAR))
    chance = np.cumsum(first) * share
    return np.asarray(chance <= _CHANCE.get(target.digits, _LEAST_CHANCE))


def _is_same(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= _SAME * max(abs(one), abs(other))
