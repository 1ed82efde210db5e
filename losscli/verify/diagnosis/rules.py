"""The rules that every claim passes, a number or an array: rounding, no trace, chance, classes of equal explanations.

Every hypothesis covers a window as wide as the claim's tolerance. With enough of them near a number some would match by
chance, so they are taken in the order of their rank only as long as the chance of an accidental match stays low.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import floor, isfinite, log, log10

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.hypotheses import Hypothesis
from losscli.verify.diagnosis.mistakes import Mistake, area

_SINGLE = 1e-5  # of our numbers: what single precision may lose
_DOUBLE = 1e-9
_FEW_DIGITS = 6  # that a claim must have before a difference of the last may be called rounding
_SMALL_CONSTANTS = 5e-6  # of an array's size: what an epsilon of 1e-6 in a distance, or in a norm, may change
_FAR = 100.0  # times that, from ours, must a hypothesis be that is believed so
_FEW_ELEMENTS = 8
_SAME = 1e-9  # hypotheses this close give the same numbers
_EXACT = 1e-5  # as if a number that is met exactly had five digits
_NEAR = (1.2, 3.0)  # hypotheses within these factors of a claim count for its chance, since many lie close to ours
_USUAL = 8  # of one pool, the first and most usual, that are believed as one idea
_CROWDED = 30  # hypotheses of one pool that close to ours
_CROWD = 1.02  # the same of those of one pool
_CHANCE = dict.fromkeys(range(1, 6), 0.01)  # of an accident, by digits, up to which a hypothesis is believed
_LEAST_CHANCE = 0.001
_PAIRED = 1.4  # so much surer must two mistakes together be, for most accidents are pairs
_POSSIBLE = {4: 0.02, 5: 0.02}  # and up to which it is possible: fewer digits say too little, more need no guess
ALL_DIGITS = 17

declare = area("claim")
_ZERO_FOR_NOTHING = declare(
    "zero_for_nothing",
    "B",
    "there is nothing to average, which gives nan; Keras and some training loops say 0 instead",
    "check why all samples are ignored, or weigh nothing",
)
_OVERFLOW = declare(
    "overflow",
    "B",
    "an exponential overflowed, or a probability was rounded to 0 before its logarithm was taken",
    "use the function that takes raw scores, and subtracts the largest before it exponentiates",
)
_ROUNDING = declare(
    "rounding",
    "S",
    "only the last digits differ, as after another order of adding up",
    "claim fewer digits, or allow for rounding: an rtol of 1e-9",
)
_SINGLE_PRECISION = declare(
    "single_precision",
    "S",
    "the first digits agree, and the last do not: computed in single precision (float32), or mistyped",
    "claim fewer digits, or allow for rounding: an rtol of 1e-5",
)


@record
class Target:
    """The claimed numbers and ours; how near the claim a hypothesis must come, and how near ours it leaves no trace."""

    kind: str
    claimed: Array
    widths: Array
    ours: Array
    own: Array
    role: str = ""
    in_nats: bool = False

    @property
    def single(self) -> bool:
        return self.claimed.ndim == 0

    @property
    def digits(self) -> int:
        """How many digits of it are significant: `1.102` has 4, a float32 with 16 spacings around it 6."""
        width, size = _size(self.widths), _size(self.claimed)
        if not width or not isfinite(size) or not isfinite(width):
            return ALL_DIGITS
        if not size:  # zeros have none
            return 1
        return min(ALL_DIGITS, max(1, floor(-log10(2.0 * width / size) + 1e-9) + 1))

    @property
    def widened(self) -> Target | None:
        """The same with room for the small constants that frameworks add; for hypotheses far from ours alone."""
        if self.claimed.size < _FEW_ELEMENTS or self.digits < _FEW_DIGITS:
            return None
        least = _SMALL_CONSTANTS * _size(self.claimed)
        widths = np.maximum(self.widths, least)
        return replace(self, widths=widths, own=np.maximum(self.own, _FAR * widths))

    def reached_by(self, numbers: Array) -> bool:
        """Whether numbers are the claimed ones."""
        return bool(_near(np.reshape(numbers, (1, -1)), self.claimed.reshape(-1), self.widths.reshape(-1))[0])


def rounded(target: Target) -> Mistake | None:
    """The mistake of a claim that is ours but for its last digits, or for what is no number."""
    ours, claimed = target.ours, target.claimed
    near = (np.abs(claimed - ours) <= target.own) | (claimed == ours) | (np.isnan(claimed) & np.isnan(ours))
    for mistake, special in (
        (_ZERO_FOR_NOTHING, np.isnan(ours) & (claimed == 0.0)),
        (_OVERFLOW, np.isfinite(ours) & ~np.isfinite(claimed) & target.in_nats),  # by an exponential or a logarithm
    ):
        if special.any() and (special | near).all():
            return mistake
    finite = np.isfinite(ours) & np.isfinite(claimed)
    if not finite.any() or not (finite | near).all() or target.digits < _FEW_DIGITS:
        return None
    distances = np.abs(claimed - ours)[finite]
    sizes = np.maximum(np.abs(ours[finite]), _size(ours[finite]))
    for mistake, share in ((_ROUNDING, _DOUBLE), (_SINGLE_PRECISION, _SINGLE)):
        if (distances <= share * sizes).all():
            return mistake
    return None


def explained(groups: Iterable[Iterable[Hypothesis]], target: Target) -> list[list[Hypothesis]]:
    """The classes of the first group that explains the claim."""
    return next(filter(None, (matches(group, target) for group in groups)), [])


@np.errstate(all="ignore")  # of a number that is none, differences are none
def matches(hypotheses: Iterable[Hypothesis], target: Target) -> list[list[Hypothesis]]:
    """Classes of hypotheses that make the claimed numbers, the most likely first; those of a class give the same.

    Hypotheses come in the order of their ranks. Numbers are tested all at once, arrays one after another.
    """
    batches = [list(hypotheses)] if target.single else ([hypothesis] for hypothesis in hypotheses)
    tested = [_tested(batch, target) for batch in batches if batch]
    if not any(test.hits for test in tested):
        return []
    pools = [pool for test in tested for pool in test.pools]
    sums, ratios = np.concatenate([test.sums for test in tested]), np.concatenate([test.ratios for test in tested])
    chances, crowded = _chances(sums, ratios, pools, target), _crowded(sums, ratios, pools, target)
    hits: list[Hypothesis] = []
    surely = _CHANCE.get(target.digits, _LEAST_CHANCE)
    start = 0
    for test in tested:
        for at, hypothesis in test.hits.items():
            exactness = _share_of_exact(target) if _exactly(hypothesis, target) else 1.0
            chance = chances[start + at] * exactness
            if len(hypothesis.mistakes) > 1:
                chance *= _PAIRED
            if chance <= _POSSIBLE.get(target.digits, surely):
                hits.append(replace(hypothesis, possibly=bool(max(chance, crowded[start + at] * exactness) > surely)))
        start += len(test.sums)
    return _classes([hypothesis for hypothesis in hits if _exactly(hypothesis, target)] or hits)


def _exactly(hypothesis: Hypothesis, target: Target) -> bool:
    """Whether a number is the claimed one to many more digits than the claim is judged by."""
    return target.single and abs(float(hypothesis.numbers) - float(target.claimed)) <= _SAME * abs(
        float(target.claimed)
    )


def _share_of_exact(target: Target) -> float:
    """How much rarer an accident is that gives exactly the claimed digits, and no more of them."""
    return min(1.0, _EXACT * abs(float(target.claimed)) / float(target.widths)) if target.widths else 1.0


def _classes(hits: Sequence[Hypothesis]) -> list[list[Hypothesis]]:
    """Those that give the same numbers together, those with the fewest mistakes alone."""
    classes: list[list[Hypothesis]] = []
    for hypothesis in hits:
        members = next((members for members in classes if _same(members[0].numbers, hypothesis.numbers)), None)
        family = next((members for members in classes if members[0].family == hypothesis.family != ""), None)
        if family is not None:
            family[0] = family[0].or_as(hypothesis)
        elif members is None:
            classes.append([hypothesis])
        elif len(hypothesis.mistakes) == len(members[0].mistakes) and hypothesis.name not in {m.name for m in members}:
            members.append(hypothesis)
    fewest = min((len(members[0].mistakes) for members in classes), default=0)
    return [members for members in classes if len(members[0].mistakes) == fewest]


@record
class _Tested:
    """A batch of hypotheses: those that make the claim, by place; each one's sum, size, and pool.

    A size is in units of the claim's, 0 for the other sign.
    """

    hits: dict[int, Hypothesis]
    sums: Array
    ratios: Array
    pools: tuple[str, ...]


def _tested(batch: Sequence[Hypothesis], target: Target) -> _Tested:
    claimed, ours = target.claimed.reshape(-1), target.ours.reshape(-1)
    rows = np.array([hypothesis.numbers for hypothesis in batch], dtype=np.float64).reshape(len(batch), -1)
    hit = _near(rows, claimed, target.widths.reshape(-1)) & ~_near(rows, ours, target.own.reshape(-1))
    if not claimed.any():  # of zeros any small number is as near as a window is wide
        hit &= ~rows.any(axis=1)
    size = _size(target.claimed)
    ratio = np.sqrt(np.square(rows / size).mean(axis=1)) if size and rows.size else np.zeros(len(rows))
    if target.single:
        ratio = np.where(np.sign(rows[:, 0]) == np.sign(claimed[0]), ratio, 0.0)
    hits = {at: batch[at] for at in np.flatnonzero(hit).tolist()}
    return _Tested(hits, rows.sum(axis=1), ratio, tuple(hypothesis.pool for hypothesis in batch))


def _near(rows: Array, numbers: Array, widths: Array) -> NDArray[np.bool_]:
    """Which rows are those numbers; not numbers are equal where there is a number besides."""
    slack = np.maximum(widths, 1e-10 * np.abs(rows))  # what another order of summing may change
    same = ((np.abs(rows - numbers) <= slack) & np.isfinite(rows)) | (rows == numbers)
    return np.asarray((same | (np.isnan(rows) & np.isnan(numbers))).all(axis=1) & same.any(axis=1))


def _chances(sums: Array, ratios: Array, pools: Sequence[str], target: Target) -> Array:
    """The chance that a hypothesis, or one before it, matches by accident."""
    share = target.widths / np.abs(target.claimed)
    share = share[np.isfinite(share)]
    if not share.size:
        return np.zeros(len(sums))
    # those that give the same cover one window, and those of a pool are one idea
    ideas = np.array([pool or f"{number:.9g}" for pool, number in zip(pools, sums.tolist(), strict=True)])
    chance = np.zeros(len(sums))
    for factor in _NEAR:
        near = np.flatnonzero((ratios > 1.0 / factor) & (ratios < factor))
        first = np.zeros(len(sums), dtype=bool)
        first[near[np.unique(ideas[near], return_index=True)[1]]] = True
        accident = float(np.exp(np.sum(np.log(np.minimum(share / log(factor), 1.0)))))
        chance = np.maximum(chance, np.cumsum(first) * accident)
    return chance


def _crowded(sums: Array, ratios: Array, pools: Sequence[str], target: Target) -> Array:
    """The same among the many of one pool where all lie close to ours: the later hit what is near by accident.

    Means of batches of any size are one idea; but a claim that is 0.1 % off ours has a size that makes it.
    """
    chance, ours, share = np.zeros(len(sums)), _size(target.ours), target.widths / np.abs(target.claimed)
    share = share[np.isfinite(share)]
    if not share.size or not ours or not 1.0 / _CROWD < _size(target.claimed) / ours < _CROWD:
        return chance
    accident = float(np.exp(np.sum(np.log(np.minimum(share / log(_CROWD), 1.0)))))
    near = (ratios > 1.0 / _CROWD) & (ratios < _CROWD)
    for pool in set(filter(None, pools)):
        members = np.flatnonzero(near & (np.array(pools) == pool))
        if len(members) < _CROWDED:
            continue
        first = np.zeros(len(members), dtype=bool)
        first[np.unique(sums[members], return_index=True)[1]] = True
        chance[members] = np.maximum(np.cumsum(first) - _USUAL, 0) * accident
    return chance


def _same(left: float | Array, right: float | Array) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or abs(left - right) <= _SAME * max(abs(left), abs(right))
    return bool(np.allclose(left, right, rtol=_SAME, atol=0.0, equal_nan=True))


def _size(numbers: Array) -> float:
    """The root of the mean square; of a single number its size."""
    if numbers.ndim == 0:
        return abs(float(numbers))
    return float(np.sqrt(np.mean(np.square(numbers), where=np.isfinite(numbers)))) if numbers.size else 0.0
