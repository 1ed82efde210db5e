"""A verification from the request to its explanations: what the command, a suite and the Python API share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from losscli.checks.claims import Claim, FunctionClaim, Tolerances
from losscli.engine.bind import Bound
from losscli.request.request import Request
from losscli.schema.faults import LossError
from losscli.verify.verify import Verified, verify


def judge(
    request: Request,
    claims: Sequence[Claim | FunctionClaim],
    tolerances: Tolerances,
    jobs: int | None = None,
    *,
    spread: bool = True,
) -> Verified:
    """Judges all claims, and explains those that do not hold."""
    try:
        bound = request.bound()
        verified = verify(bound, _made(claims, request, bound), tolerances, jobs, spread=spread)
    except LossError as fault:
        made = [claim for claim in claims if isinstance(claim, Claim)]
        if len(made) < len(claims):
            raise
        # with the usual mistakes in data, which those that fit need not
        from losscli.verify.repaired import judged_on_repaired_data

        return judged_on_repaired_data(request, made, tolerances, jobs, fault)
    if verified.holds:
        return verified
    # with the whole catalogue, which a claim that holds needs not
    from losscli.verify.diagnosis.diagnose import diagnose

    diagnosis = diagnose(request, verified, tolerances)
    return replace(verified, explanations=diagnosis.explanations, warnings=(*verified.warnings, *diagnosis.warnings))


def _made(claims: Sequence[Claim | FunctionClaim], request: Request, bound: Bound) -> Sequence[Claim]:
    made = [claim for claim in claims if isinstance(claim, Claim)]
    if len(made) == len(claims):
        return made
    from losscli.checks.function_claims import made_by_functions  # which most claims need not

    return made_by_functions(claims, request, bound)
