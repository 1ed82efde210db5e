"""The search: which mistakes make the claimed number, and only what its digits can tell apart.

Every hypothesis covers a window as wide as the claim's tolerance. With enough of them near a number some would match by
chance, so they are taken in the order of their rank only as long as the chance of an accidental match stays low.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from losscli.judging.claims import Claim
from losscli.judging.mistakes.afterwards import AFTERWARDS
from losscli.judging.mistakes.case import Case
from losscli.judging.mistakes.parts import Hypothesis, Part, Vector
from losscli.judging.mistakes.reductions import reductions
from losscli.judging.mistakes.vectors import vectors
from losscli.schema.loss import Array
from losscli.schema.records import record

_ROUNDING = 1e-10  # of a number: what another order of summing may change
_SAME = 1e-9  # hypotheses this close give one number
_NEAR = 3.0  # hypotheses within this factor of a claim count for its chance
_CHANCE = {1: 0.3, 2: 0.1, 3: 0.03, 4: 0.006, 5: 0.002}
_LEAST_CHANCE = 0.0006
_DIGITS_FOR_PAIRS = 5
_DIGITS_FOR_EVERY_BATCH = 6


@record
class Target:
    """A claimed number, how near a hypothesis must come, and how many digits of it count."""

    value: float
    width: float
    digits: int


@record
class Space:
    """All hypotheses, in the order in which they are believed, and the mistakes that were not tried."""

    hypotheses: tuple[Hypothesis, ...]
    untried: tuple[Part, ...]


def space(case: Case, digits: int) -> Space:
    """Single mistakes, and from some digits on pairs of them."""
    tried, untried = vectors(case)
    right = Vector(None, case.losses, case.shares)
    every_batch = digits >= _DIGITS_FOR_EVERY_BATCH
    found: list[Hypothesis] = []
    for vector in (right, *tried):
        if vector.part is not None and digits < _DIGITS_FOR_PAIRS:
            ways = list(reductions(case, vector, every_batch=False))[:1]
        else:
            ways = list(reductions(case, vector, every_batch=every_batch and vector.part is None))
        for way, number in ways:
            parts = tuple(each for each in (vector.part, way) if each is not None)
            if parts:
                found.append(Hypothesis(number, parts, vector))
            if len(parts) < (2 if digits >= _DIGITS_FOR_PAIRS else 1) and isfinite(number):
                found += [Hypothesis(after(number), (*parts, last), vector) for last, after in AFTERWARDS]
    return Space(tuple(sorted(found, key=lambda hypothesis: hypothesis.rank)), tuple(untried))


def matches(hypotheses: Sequence[Hypothesis], target: Target, ours: float) -> list[list[Hypothesis]]:
    """Classes of hypotheses that make the claimed number, the most likely first; each class gives one number."""
    values = np.array([hypothesis.value for hypothesis in hypotheses])
    believed = _believed(values, target)
    with np.errstate(invalid="ignore"):
        width = np.maximum(target.width, _ROUNDING * np.abs(values))
        hit = ((np.abs(values - target.value) <= width) & np.isfinite(values)) | (values == target.value)
        same_as_ours = np.abs(values - ours) <= _SAME * abs(ours)
    classes: list[list[Hypothesis]] = []
    for at in np.flatnonzero(hit & believed & ~same_as_ours).tolist():
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
    near = (ratio > 1.0 / _NEAR) & (ratio < _NEAR)
    first = np.zeros(len(values), dtype=bool)
    rounded = np.array([float(f"{value:.9g}") if isfinite(value) else inf for value in values])
    first[np.unique(rounded, return_index=True)[1]] = True  # those that give one number cover one window
    share = 2.0 * target.width / (abs(target.value) * (_NEAR - 1.0 / _NEAR))
    chance = np.cumsum(near & first) * share
    return np.asarray(chance <= _CHANCE.get(target.digits, _LEAST_CHANCE)) | (np.cumsum(near & first) <= 1)


def _is_same(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= _SAME * max(abs(one), abs(other))


def digits_of(claim: Claim) -> int:
    """How many digits a claim's number has: those written, or those of its type."""
    if claim.digits is not None:
        return min(claim.digits, 17)
    return 7 if claim.dtype == "float32" else 3 if claim.dtype in ("float16", "bfloat16") else 15
