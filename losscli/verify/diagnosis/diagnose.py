"""From refuted claims to explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite, isnan

import numpy as np

from losscli.checks.claims import WEAK, Tolerances, halves
from losscli.checks.comparison import Comparison, window_around
from losscli.checks.rounding import SHARE, Scale, scale_of
from losscli.engine.bind import Bound
from losscli.request.request import Request
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import LARGEST, Case
from losscli.verify.diagnosis.gradients import of_gradient
from losscli.verify.diagnosis.hypotheses import Hypothesis, Part, Vector, part
from losscli.verify.diagnosis.patterns import ArrayFinding, alike, expanded, of_losses
from losscli.verify.diagnosis.search import Space, Target, matches, space, space_of_sums
from losscli.verify.verify import Explanation, Verified

MOST = 3  # explanations that are shown
_SINGLE = 1e-5  # of our value: what single precision may lose
_DOUBLE = 1e-9
_FEW_DIGITS = 6  # that a claim must have before a difference of the last may be called rounding


@record
class Diagnosis:
    """Explanations, best first, and what to know about the search."""

    explanations: tuple[Explanation, ...]
    warnings: tuple[str, ...] = ()


@record
class _Asked:
    """A verification whose claims want an explanation."""

    verified: Verified
    case: Case
    tolerances: Tolerances
    per_sample: Comparison | None  # which holds or not, but must be so under a mistake too

    @property
    def ours(self) -> float:
        result = self.verified.result
        return result.reduced.mean if result.value is None else result.value


def _case(request: Request, bound: Bound, refuted: Sequence[Comparison]) -> Case:
    """The case to start from. A mean of rows is the mean of their elements, of which more mistakes are known."""
    if bound.row > 1 and bound.reduction == "mean" and all(each.claim.kind == "value" for each in refuted):
        request = replace(request, settings=replace(request.settings, elements=True))
        return Case(request, request.bound())
    return Case(request, bound)


@np.errstate(all="ignore")  # what overflows in an attempt is its result
def diagnose(request: Request, verified: Verified, wanted: Tolerances) -> Diagnosis:
    """Which mistakes explain the claims that do not hold. Claims that hold must stay as they are under a mistake."""
    refuted = [each for each in verified.claims if not (each.holds or each.weak or each.bound)]
    if not refuted:
        return Diagnosis(())
    per_sample = next((each for each in verified.claims if each.claim.kind == "per_sample"), None)
    asked = _Asked(verified, _case(request, verified.result.bound, refuted), wanted, per_sample)
    target = _target(refuted, asked)
    if not asked.case.fits_in_memory:
        return _of_sums(target, asked)
    digits = 17 if target is None else target.digits
    counted = verified.result.reduced.count
    tried = space(asked.case, digits) if counted else Space((), (), ())
    found = [] if target is None else _of_value(target, tried, asked)
    found = found or _of_columns(refuted, tried, asked) or _of_gradients(refuted, asked)
    return Diagnosis(tuple(found[:MOST]), tuple(_said(tried, digits, found)))


def _target(refuted: Sequence[Comparison], asked: _Asked) -> Target | None:
    """The claimed number, if it is one. What single precision leaves is as large a share of it as it is of ours."""
    found = next((each for each in refuted if each.claim.kind == "value" and each.single), None)
    if found is None:
        return None
    claimed, ours = float(found.claim.values), float(found.ours)
    own = float(found.window.widths)
    if asked.tolerances.given or not isfinite(claimed):
        return Target(claimed, own, own)
    if not isfinite(ours):
        return Target(claimed, float(halves(found.claim)) + SHARE * abs(claimed), 0.0)
    scale = scale_of(found.claim, found.ours, asked.verified.result)
    share = abs(claimed / ours) if ours else 1.0
    there = Scale(share * scale.size, share * scale.steps, share * scale.least)
    width = window_around(found.claim, np.asarray(claimed), there, asked.tolerances).widths
    return Target(claimed, float(width), own)


def _said(tried: Space, digits: int, found: Sequence[Explanation]) -> Iterator[str]:
    if tried.untried:
        names = ", ".join(dict.fromkeys(mistake.name for mistake in tried.untried[:4]))
        count = len(tried.untried)
        yield f"on data this large {count} rarer mistakes were not tried ({names}, …): give a part of the data"
    if found and digits < WEAK:
        yield "a claim of so few digits fits many mistakes: take the explanation for a guess"


def _of_sums(target: Target | None, asked: _Asked) -> Diagnosis:
    """What can be said of data that are too large to go through again and again."""
    said = f"the data hold more than {LARGEST} numbers: only other divisors and factors were tried; give a part of them"
    if target is None:
        return Diagnosis((), (said,))
    tried = space_of_sums(asked.case, asked.verified.result.reduced, target.digits)
    found = _of_value(target, tried, asked)
    return Diagnosis(tuple(found[:MOST]), (said, *_said(tried, target.digits, found)))


def _of_value(target: Target, tried: Space, asked: _Asked) -> list[Explanation]:
    """Explanations of a single number, which must agree with what is claimed of the samples."""
    ours = asked.ours
    if mistake := _of_nothing(target, ours) or _rounding(target, ours):
        return [_explained(Hypothesis(ours, (mistake,), Vector((), np.zeros(0)), mistake.rank), target.value)]
    hypotheses: Sequence[Hypothesis] = tried.hypotheses
    if asked.per_sample is not None:
        hypotheses = _that_agree(hypotheses, asked.per_sample, asked)
    return [_of_class(members, target.value) for members in matches(hypotheses, target, ours)[:MOST]]


def _of_nothing(target: Target, ours: float) -> Part | None:
    """Claims about values that are no numbers, or claims that are none."""
    if isnan(ours) and target.value == 0.0:
        return part(
            "zero_for_nothing",
            "B",
            "there is nothing to average, which gives nan; Keras and some training loops say 0 instead",
            "check why all samples are ignored, or weigh nothing",
        )
    if isfinite(ours) and not isfinite(target.value):
        return part(
            "overflow",
            "B",
            "an exponential overflowed, or a probability was rounded to 0 before its logarithm was taken",
            "use the function that takes raw scores, and subtracts the largest before it exponentiates",
        )
    return None


def _rounding(target: Target, ours: float) -> Part | None:
    """Whether a claim is ours but for its last digits."""
    if not isfinite(ours) or not isfinite(target.value) or target.digits < _FEW_DIGITS:
        return None
    difference = abs(target.value - ours)
    if difference <= _DOUBLE * abs(ours):
        return part(
            "rounding",
            "S",
            "only the last digits differ, as after another order of adding up",
            "claim fewer digits, or allow for rounding: --rtol 1e-9",
        )
    if difference <= _SINGLE * abs(ours):
        return part(
            "single_precision",
            "S",
            "the first digits agree, and the last do not: computed in single precision (float32), or mistyped",
            "claim fewer digits, or allow for rounding: --rtol 1e-5",
        )
    return None


def _that_agree(hypotheses: Sequence[Hypothesis], found: Comparison, asked: _Asked) -> list[Hypothesis]:
    """The hypotheses that give the claimed losses of the samples, too."""
    agreeing: dict[int, bool] = {}
    for each in hypotheses:
        key = id(each.vector)
        if key not in agreeing:
            whole = expanded(each.vector.losses, asked.case, found.ours)
            alone = each.vector.scalar is not None
            agreeing[key] = not alone and whole is not None and alike(found.claim.values, whole, found.window.widths)
    return [each for each in hypotheses if agreeing[id(each.vector)]]


def _of_class(members: Sequence[Hypothesis], value: float) -> Explanation:
    others = tuple(dict.fromkeys(other.name for other in members[1:]))
    return _explained(members[0], value, others, _separates(members[0], members[1:]))


def _explained(best: Hypothesis, value: float, others: tuple[str, ...] = (), separates: str = "") -> Explanation:
    return Explanation(
        mistake=best.name,
        text="; and ".join(each.text for each in best.parts),
        cure="; and ".join(dict.fromkeys(each.cure for each in best.parts)),
        value=best.value,
        difference=abs(value - best.value) if value != best.value else 0.0,
        numbers="; ".join(each.numbers for each in best.parts if each.numbers),
        alternatives=others,
        separates=separates,
    )


def _separates(best: Hypothesis, others: Sequence[Hypothesis]) -> str:
    """What would tell mistakes apart that give one number."""
    if not others:
        return ""
    if any(other.vector is not best.vector and _differ(other.vector.losses, best.vector.losses) for other in others):
        return "claim the losses of the samples too (--claim-per-sample)"
    return "on these data they are one and the same; other data would tell them apart"


def _differ(one: Array, other: Array) -> bool:
    return one.shape != other.shape or not np.allclose(one, other, rtol=1e-9, equal_nan=True)


def _of_columns(refuted: Sequence[Comparison], tried: Space, asked: _Asked) -> list[Explanation]:
    """Explanations of claimed losses of samples."""
    for each in refuted:
        if each.claim.kind == "per_sample" or (each.claim.kind == "value" and not each.single):
            return _of_findings(of_losses(each, tried.vectors, asked.case))
    return []


def _of_gradients(refuted: Sequence[Comparison], asked: _Asked) -> list[Explanation]:
    """Explanations of claimed gradients."""
    gradients = asked.verified.result.gradients or {}
    claimed = [each for each in refuted if each.claim.kind == "gradient"]
    return [found for each in claimed for found in _of_findings(of_gradient(each, gradients, asked.case)[:1])]


def _of_findings(findings: Sequence[ArrayFinding]) -> list[Explanation]:
    """One explanation of all mistakes that give the same array: they cannot be told apart."""
    if not findings:
        return []
    best = findings[0]
    names = [" + ".join(each.name for each in finding.parts) for finding in findings]
    return [
        Explanation(
            mistake=names[0],
            text="; and ".join(each.text for each in best.parts),
            cure="; and ".join(dict.fromkeys(each.cure for each in best.parts)),
            value=None,
            difference=best.largest_difference,
            numbers="; ".join(each.numbers for each in best.parts if each.numbers),
            alternatives=tuple(dict.fromkeys(names[1:])),
            separates="on these data they are one and the same; other data would tell them apart" if names[1:] else "",
        )
    ]
