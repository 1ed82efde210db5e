"""A verification from the request to its explanations: what the command, a suite and the Python API share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from losscli.checks.claims import Claim, Tolerances
from losscli.request.request import Request
from losscli.schema.faults import LossError
from losscli.verify.verify import Verified, verify


def judge(
    request: Request, claims: Sequence[Claim], tolerances: Tolerances, jobs: int | None = None, *, spread: bool = True
) -> Verified:
    """Judges all claims, and explains those that do not hold, also where a mistake makes the inputs unfit."""
    try:
        verified = verify(request.bound(), claims, tolerances, jobs, spread=spread)
    except LossError as fault:
        if not claims:
            raise
        from losscli.verify.repairs import judged_repaired

        return judged_repaired(request, claims, tolerances, fault, jobs)
    if verified.holds:
        return verified
    # with the whole catalogue, which a claim that holds needs not
    from losscli.verify.diagnosis.diagnose import diagnose

    diagnosis = diagnose(request, verified, tolerances)
    return replace(verified, explanations=diagnosis.explanations, warnings=(*verified.warnings, *diagnosis.warnings))
