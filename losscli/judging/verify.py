"""Holds or refuted: a census of how claims and our numbers differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np

from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted
from losscli.judging.claims import WEAK, Claim, Tolerances, window, within
from losscli.request.compute import Result, compute
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.records import record

HOLDS, REFUTED = "holds", "refuted"


@record
class Worst:
    """The element that lies farthest out, by its distance over its tolerance."""

    index: tuple[int, ...]
    claim: float
    ours: float


@record
class Judged:
    """One claim, judged. `difference` is that of the worst element: a tolerance of so much would pass."""

    kind: str
    role: str
    verdict: str
    claim: float | None  # of a single number
    source: str
    tolerance: float
    rule: str
    difference: float
    differing: int
    beyond: int
    elements: int
    worst: Worst | None
    text: str = ""  # of a single number, as it was written


@record
class Explanation:
    """A mistake that makes the claim: the number it gives, how far that is from the claim, and what else gives it.

    `numbers` adds to the text what would give the right value away; `separates` says what would tell the alternatives
    apart.
    """

    mistake: str
    text: str
    cure: str
    value: float
    difference: float
    numbers: str = ""
    alternatives: tuple[str, ...] = ()
    separates: str = ""


@record
class Verified:
    """What came of a verification. A claim that is refuted makes the whole refuted."""

    result: Result
    claims: tuple[Judged, ...]
    explanations: tuple[Explanation, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return all(judged.verdict == HOLDS for judged in self.claims)

    @property
    def verdict(self) -> str:
        return HOLDS if self.holds else REFUTED


def verify(
    bound: Bound, claims: Sequence[Claim], tolerances: Tolerances, jobs: int | None = None, *, spread: bool = True
) -> Verified:
    """Computes what is claimed, with `spread` the standard error too, and judges every claim."""
    if not claims:
        raise UsageFault(
            "nothing is claimed", "give --claim, --claim-per-sample, --claim-gradient, --at-most or --at-least"
        )
    kinds = {claim.kind for claim in claims}
    wanted = Wanted(
        per_sample="per_sample" in kinds or bound.reduction == "none",
        gradients="gradient" in kinds,
        spread=spread,
        jobs=jobs,
    )
    result = compute(bound, wanted)
    judged = tuple(_judge(claim, _ours(claim, result), tolerances) for claim in claims)
    warnings = [_weak(claim) for claim in claims if (claim.digits or WEAK) < WEAK]
    return Verified(result, judged, warnings=(*result.warnings, *warnings))


def _weak(claim: Claim) -> str:
    return f"a claim of so few digits ({claim.digits}) is weak: many numbers would fit it"


def _ours(claim: Claim, result: Result) -> Array:
    """Our numbers in the shape of the claim's."""
    if claim.kind == "gradient":
        ours = _gradient(claim, result.gradients or {})
    elif claim.kind == "per_sample" or (claim.kind == "value" and result.value is None):
        ours = np.zeros(()) if result.per_sample is None else result.per_sample
    else:
        ours = np.asarray(result.value if result.value is not None else result.reduced.mean)
    if claim.kind in ("at_most", "at_least"):
        return ours
    if claim.values.shape != ours.shape and claim.values.size == ours.size and _alike(claim.values.shape, ours.shape):
        return ours.reshape(claim.values.shape)
    if claim.values.shape != ours.shape:
        single = claim.kind == "value" and not claim.values.ndim
        raise DataFault(
            f"the claimed {_what(claim)} has shape {claim.values.shape} ({claim.source}), but ours has {ours.shape}",
            "say how the losses were reduced: --reduction mean" if single else "claim as many numbers as there are",
        )
    return ours


def _gradient(claim: Claim, gradients: Mapping[str, Array]) -> Array:
    if claim.role not in gradients:
        raise UsageFault(
            f"there is no gradient with respect to {claim.role}", f"there are those of {', '.join(gradients) or 'none'}"
        )
    return gradients[claim.role]


def _what(claim: Claim) -> str:
    return {"per_sample": "losses of the samples", "gradient": f"gradient of {claim.role}"}.get(claim.kind, "value")


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Shapes that differ only by axes of one element."""
    return [n for n in one if n != 1] == [n for n in other if n != 1]


def _judge(claim: Claim, ours: Array, tolerances: Tolerances) -> Judged:
    if claim.kind in ("at_most", "at_least"):
        return _threshold(claim, ours)
    bounds = window(claim, ours, tolerances)
    inside = within(claim, ours, bounds.widths)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(inside & ~np.isfinite(ours), 0.0, np.abs(ours - claim.values))
        excess = np.where(distance == 0.0, 0.0, distance / bounds.widths)
    excess = np.where(np.isnan(excess), np.inf, np.where(inside, np.minimum(excess, 1.0), excess))
    at = int(excess.argmax()) if excess.size else None
    single = ours.ndim == 0
    return Judged(
        kind=claim.kind,
        role=claim.role,
        verdict=HOLDS if inside.all() else REFUTED,
        claim=float(claim.values) if single else None,
        source=claim.source,
        tolerance=float(bounds.widths.flat[at]) if at is not None else 0.0,
        rule=bounds.rule,
        difference=float(distance.flat[at]) if at is not None else 0.0,
        differing=int(np.count_nonzero(~(distance == 0.0))),
        beyond=int(np.count_nonzero(~inside)),
        elements=ours.size,
        worst=None if single or at is None else _worst(claim, ours, at),
        text=claim.text(0).strip() if single and claim.text is not None else "",
    )


def _worst(claim: Claim, ours: Array, at: int) -> Worst:
    index = tuple(int(i) for i in np.unravel_index(at, ours.shape))
    return Worst(index, float(claim.values.flat[at]), float(ours.flat[at]))


def _threshold(claim: Claim, ours: Array) -> Judged:
    """Whether our value, or without a reduction the largest or least of all, keeps a bound; not a number never does."""
    limit = float(claim.values)
    most = claim.kind == "at_most"
    beyond = ~(ours <= limit) if most else ~(ours >= limit)
    extreme = float(np.max(ours) if most else np.min(ours)) if ours.size else limit
    return Judged(
        kind=claim.kind,
        role="",
        verdict=REFUTED if beyond.any() else HOLDS,
        claim=limit,
        source=claim.source,
        tolerance=0.0,
        rule=f"ours {'≤' if most else '≥'} {limit!r}",
        difference=extreme - limit if not isnan(extreme) else extreme,
        differing=int(np.count_nonzero(beyond)),
        beyond=int(np.count_nonzero(beyond)),
        elements=ours.size,
        worst=None,
    )
