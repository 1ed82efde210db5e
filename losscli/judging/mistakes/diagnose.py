"""From refuted claims to explanations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from losscli.engine.evaluate import Wanted
from losscli.judging.claims import Claim, Tolerances, window
from losscli.judging.mistakes.arrays import ArrayFinding, of_gradient, of_losses
from losscli.judging.mistakes.case import LARGEST, Case
from losscli.judging.mistakes.parts import Hypothesis, Part, Vector, part
from losscli.judging.mistakes.search import Space, Target, digits_of, matches, space
from losscli.judging.verify import REFUTED, Explanation, Verified
from losscli.request.compute import compute
from losscli.request.request import Request
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.schema.records import record

MOST = 3  # explanations that are shown
_FEW_DIGITS = 3


@record
class Diagnosis:
    """Explanations, best first, and what to know about the search."""

    explanations: tuple[Explanation, ...]
    warnings: tuple[str, ...] = ()


def diagnose(request: Request, verified: Verified, claims: Sequence[Claim], wanted: Tolerances) -> Diagnosis:
    """Which mistakes explain the claims that do not hold. Claims that hold must stay as they are under a mistake."""
    refuted = [
        claim
        for claim, judged in zip(claims, verified.claims, strict=True)
        if judged.verdict == REFUTED and claim.kind in ("value", "per_sample", "gradient")
    ]
    if not refuted:
        return Diagnosis(())
    case = Case(request, verified.result.bound)
    if not case.fits_in_memory:
        return Diagnosis((), (f"the data are too large for a diagnosis: more than {LARGEST} numbers",))
    per_sample = next((claim for claim in claims if claim.kind == "per_sample"), None)
    value = next((claim for claim in refuted if claim.kind == "value" and claim.values.ndim == 0), None)
    digits = 17 if value is None else digits_of(value)
    tried = space(case, digits)
    explanations: list[Explanation] = []
    if value is not None:
        explanations += _of_value(value, verified, tried, wanted, per_sample, case)
    columns = [
        claim for claim in refuted if claim.kind == "per_sample" or (claim.kind == "value" and claim.values.ndim)
    ]
    if not explanations:
        for claim in columns:
            ours = np.zeros(()) if verified.result.per_sample is None else verified.result.per_sample
            findings = of_losses(claim, window(claim, ours, wanted).widths, ours, _vectors(tried), case)
            explanations += [_explained(finding, verified) for finding in findings[:MOST]]
    if not explanations:
        for claim in (each for each in refuted if each.kind == "gradient"):
            explanations += _of_gradient(claim, verified, wanted, case)
    return Diagnosis(tuple(explanations[:MOST]), tuple(_said(tried, digits, explanations)))


def _said(tried: Space, digits: int, explanations: Sequence[Explanation]) -> Iterator[str]:
    if tried.untried:
        names = ", ".join(mistake.name for mistake in tried.untried[:4])
        count = len(tried.untried)
        yield f"on data this large {count} rarer mistakes were not tried ({names}, …): give a part of the data"
    if explanations and digits < _FEW_DIGITS:
        yield "the claim has few digits: take its explanation for a guess"


def _vectors(tried: Space) -> list[Vector]:
    return list({id(each.vector): each.vector for each in tried.hypotheses}.values())


def _of_value(
    claim: Claim, verified: Verified, tried: Space, wanted: Tolerances, per_sample: Claim | None, case: Case
) -> list[Explanation]:
    """Explanations of a single number, which must agree with what is claimed of the samples."""
    value = float(claim.values)
    result = verified.result
    ours = result.reduced.mean if result.value is None else result.value
    width = float(window(claim, np.asarray(claim.values), wanted).widths)
    hypotheses = tried.hypotheses
    if per_sample is not None and result.per_sample is not None:
        widths = window(per_sample, result.per_sample, wanted).widths
        hypotheses = tuple(each for each in hypotheses if _agrees(each, per_sample, widths, result.per_sample, case))
    classes = matches(hypotheses, Target(value, width, digits_of(claim)), ours)
    return [_of_class(members, value) for members in classes[:MOST]]


def _agrees(hypothesis: Hypothesis, claim: Claim, widths: Array, ours: Array, case: Case) -> bool:
    """Whether a hypothesis gives the claimed losses of the samples, too."""
    if hypothesis.vector.scalar is not None:
        return True
    return bool(
        (hypothesis.vector.losses.size == ours.size or case.kept is not None)
        and (hypothesis.vector.part is None or of_losses(claim, widths, ours, [hypothesis.vector], case))
    )


def _of_class(members: Sequence[Hypothesis], value: float) -> Explanation:
    best, others = members[0], members[1:]
    return Explanation(
        mistake=best.name,
        text="; and ".join(each.text for each in best.parts),
        cure="; and ".join(dict.fromkeys(each.cure for each in best.parts)),
        value=best.value,
        difference=value - best.value,
        alternatives=tuple(dict.fromkeys(other.name for other in others)),
        separates=_separates(best, others),
    )


def _separates(best: Hypothesis, others: Sequence[Hypothesis]) -> str:
    """What would tell mistakes apart that give one number."""
    if not others:
        return ""
    if any(other.vector is not best.vector and _differ(other.vector, best.vector) for other in others):
        return "claim the losses of the samples too (--claim-per-sample)"
    return "on these data they are the same; other data would tell them apart"


def _differ(one: Vector, other: Vector) -> bool:
    return one.losses.shape != other.losses.shape or not np.allclose(
        one.losses, other.losses, rtol=1e-9, equal_nan=True
    )


def _explained(finding: ArrayFinding, verified: Verified) -> Explanation:
    value = verified.result.value
    return Explanation(
        mistake=finding.part.name,
        text=finding.part.text,
        cure=finding.part.cure,
        value=float("nan") if value is None else value,
        difference=finding.largest_difference,
    )


def _of_gradient(claim: Claim, verified: Verified, wanted: Tolerances, case: Case) -> list[Explanation]:
    ours = (verified.result.gradients or {})[claim.role]
    others = list(_other_gradients(claim.role, case, verified))
    widths = window(claim, ours, wanted).widths
    found = of_gradient(claim, widths, ours.reshape(claim.values.shape), others, case)
    return [_explained(finding, verified) for finding in found[:MOST]]


def _other_gradients(role: str, case: Case, verified: Verified) -> Iterator[tuple[Part, Array]]:
    """The gradients of this request in other roles, under other options and other conventions."""
    for other, gradient in (verified.result.gradients or {}).items():
        if other != role:
            yield (
                part(
                    f"gradient_of_{other}",
                    "A",
                    f"this is the gradient with respect to {other}",
                    "take the other input's",
                ),
                gradient,
            )
    request = case.request
    for spec in case.loss.options:
        if request.options.get(spec.name) is not None:
            rest = {name: value for name, value in request.options.items() if name != spec.name}
            mistake = part(f"{spec.name}_forgotten", "S", f"{spec.name} was not given", f"pass {spec.name}")
            yield from _gradients_of(mistake, role, case, options=rest)
    for name in case.loss.conventions:
        if name != case.bound.convention.name:
            mistake = part(
                f"convention_{name}",
                "A",
                f"this is the gradient under the convention {name}",
                f"compare with --convention {name}",
            )
            yield from _gradients_of(mistake, role, case, convention=name)


def _gradients_of(mistake: Part, role: str, case: Case, **changes: Any) -> Iterator[tuple[Part, Array]]:
    bound = case.bound_with(**{"reduction": case.bound.reduction, **changes})
    if bound is None:
        return
    try:
        gradients = compute(bound, Wanted(gradients=True)).gradients or {}
    except LossError:
        return
    if role in gradients:
        yield mistake, gradients[role]
