"""Holds or refuted, for every claim of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from losscli.checks.claims import BOUNDS, WEAK, Claim, Tolerances
from losscli.checks.comparison import HOLDS, REFUTED, Comparison, compare
from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted
from losscli.request.compute import Result, compute
from losscli.request.document import html_table, plain
from losscli.schema.faults import UsageFault
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.schema.spelling import PYTHON, asked_in

_CLAIMS = ("claim", "claim_per_sample", "claim_gradient", "at_most", "at_least")


def nothing_claimed() -> UsageFault:
    """The fault of a verification without a claim."""
    *most, last = map(spelled, _CLAIMS)
    return UsageFault("nothing is claimed", f"give {', '.join(most)} or {last}")


@record
class Explanation:
    """A mistake that makes the claim: the number it gives, how far that is from the claim, and what else gives it.

    An array has no `value`. `numbers` adds to the text what would give the right value away; `separates` says what
    would tell the alternatives apart.
    """

    mistake: str
    text: str
    cure: str
    value: float | None
    difference: float
    numbers: str = ""
    alternatives: tuple[str, ...] = ()
    separates: str = ""


@record
class Verified:
    """What came of a verification. A claim that is refuted makes the whole refuted."""

    result: Result
    claims: tuple[Comparison, ...]
    explanations: tuple[Explanation, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return all(comparison.holds for comparison in self.claims)

    @property
    def verdict(self) -> str:
        return HOLDS if self.holds else REFUTED

    def __bool__(self) -> bool:
        return self.holds

    def to_dict(self) -> dict[str, Any]:
        """What the command line's JSON has, in plain Python types: arrays as lists, NaN as it is."""
        from losscli.verify.document import document  # which the command line needs to write JSON alone

        with asked_in(PYTHON):
            found: dict[str, Any] = plain(document(self))
        return found

    def _repr_html_(self) -> str:
        claims = ((" ".join(filter(None, (each.claim.kind, each.claim.role))), each.verdict) for each in self.claims)
        mistakes = ((each.mistake, each.text) for each in self.explanations)
        with asked_in(PYTHON):
            signature = self.result.signature
        return html_table((("loss", signature), ("verdict", self.verdict), *claims, *mistakes))

    def __repr__(self) -> str:
        named = "".join(f", {explanation.mistake}" for explanation in self.explanations[:1])
        return f"Verified({self.result.bound.loss.name}, {self.verdict}{named})"


def verify(
    bound: Bound, claims: Sequence[Claim], tolerances: Tolerances, jobs: int | None = None, *, spread: bool = True
) -> Verified:
    """Computes what is claimed, with `spread` the standard error too, and judges every claim."""
    if not claims:
        raise nothing_claimed()
    for claim in claims:
        if claim.kind in BOUNDS and np.isnan(claim.values):
            raise UsageFault(f"{claim.kind} must be a number, got nan")
    kinds = {claim.kind for claim in claims}
    wanted = Wanted(
        per_sample="per_sample" in kinds or bound.reduction == "none",
        gradients="gradient" in kinds,
        spread=spread,
        jobs=jobs,
    )
    result = compute(bound, wanted)
    compared = tuple(compare(claim, result, tolerances) for claim in claims)
    weak = [claim.digits for claim in claims if claim.kind == "value" and (claim.digits or WEAK) < WEAK]
    warnings = [f"a claim of so few digits ({digits}) is weak: many numbers would fit it" for digits in weak]
    warnings += [warning for claim in claims for warning in claim.warnings]
    return Verified(result, compared, warnings=(*result.warnings, *dict.fromkeys(warnings)))
