"""Claims about data that do not fit the loss: the mistake in the data is diagnosed before it is repaired.

A person whose mask holds 0 and 255, or whose predictions have one axis too many, got a number all the same. The data
are mended in the usual ways; where the claim then holds, or is what the mistake makes of it, that is the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from losscli.checks.claims import BOUNDS, Claim, Tolerances
from losscli.checks.comparison import Comparison
from losscli.custom.loss import CUSTOM
from losscli.engine.evaluate import Wanted
from losscli.request.compute import compute
from losscli.request.request import Request
from losscli.schema.faults import Exit, Faults, LossError
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import LARGEST
from losscli.verify.diagnosis.diagnose import diagnose
from losscli.verify.diagnosis.mistakes import Mistake, joint_name
from losscli.verify.diagnosis.repairs import SAID, other_losses, repairs, without_domains
from losscli.verify.verify import Explanation, Verified, verify

_HELD = "; with that mended, the claim holds"
# What a formula raises that meets data which it is not made for
_KERNELS = (LossError, ValueError, LookupError, TypeError, ArithmeticError)
_DIGITS_FOR_PAIRS, _DIGITS_FOR_OTHERS = 5, 4
_FEW = 50_000  # elements up to which other losses are tried


@record
class _Mended:
    """A request whose data fit after one repair or two, and what came of it."""

    mistakes: tuple[Mistake, ...]
    request: Request
    verified: Verified
    before: Request  # with the last mistake still in the data


@record
class _Judging:
    claims: Sequence[Claim]
    tolerances: Tolerances
    jobs: int | None

    def verified(self, request: Request) -> Verified | None:
        """The claims judged on other data; None where these do not fit either."""
        try:
            return verify(request.bound(), self.claims, self.tolerances, self.jobs)
        except _KERNELS:
            return None


def judged_on_repaired_data(
    request: Request, claims: Sequence[Claim], tolerances: Tolerances, jobs: int | None, fault: LossError
) -> Verified:
    """The report on claims about data that do not fit; the fault itself, with the repair named, if none explains."""
    numbers = [claim for claim in claims if claim.kind not in BOUNDS]
    open_ended = request.loss.family == CUSTOM or request.loss.of_many  # nobody knows what its data should be
    if not numbers or open_ended or _size(request) > LARGEST or fault.exit != Exit.DATA or _fits(request):
        raise fault
    judging, mended = _Judging(claims, tolerances, jobs), list[_Mended]()
    with np.errstate(all="ignore"):
        for each in _mended(request, judging):
            mended.append(each)
            if (report := _of_one_mistake(each, judging, fault)) is not None:
                return report
        report = _of_another_loss(request, judging, fault)
        if report is None and mended:
            report = _of_one_more(mended[0], judging, fault)
        if report is not None:
            return report
    raise _with_repair(fault, request, mended)


def _size(request: Request) -> int:
    return sum(data.size for data in request.inputs.values())


def _fits(request: Request) -> bool:
    """Whether the data fit the loss, so that the fault is one of the claim."""
    try:
        compute(request.bound(), Wanted())
    except LossError:
        return False
    return True


def _mended(request: Request, judging: _Judging) -> Iterator[_Mended]:
    """Requests that fit after one repair; without any, those that fit after two."""
    once = list(repairs(request))
    found = False
    for repair in once:
        if (verified := judging.verified(repair.request)) is not None:
            found = True
            yield _Mended((repair.mistake,), repair.request, verified, request)
    for first in () if found else once:
        for second in repairs(first.request):
            verified = judging.verified(second.request)
            if verified is not None and second.mistake.name != first.mistake.name:
                yield _Mended((first.mistake, second.mistake), second.request, verified, first.request)


def _of_another_loss(request: Request, judging: _Judging, fault: LossError) -> Verified | None:
    """The claim holds for another loss that takes these data, which takes enough digits to believe."""
    if any((claim.digits or inf) < _DIGITS_FOR_OTHERS for claim in judging.claims) or _size(request) > _FEW:
        return None
    for other in other_losses(request):
        verified = judging.verified(other.request)
        if verified is not None and verified.holds:
            return _held((other.mistake,), verified, fault)
    return None


def _of_one_mistake(mended: _Mended, judging: _Judging, fault: LossError) -> Verified | None:
    """The claim holds for the mended data, or is what the formula makes of the data as they are."""
    if mended.verified.holds:
        return _held(mended.mistakes, mended.verified, fault)
    raw = judging.verified(without_domains(mended.before))
    if raw is None or not raw.holds:
        return None
    value, difference = _numbers(raw)
    return _refuted(mended.verified, (_explanation(mended.mistakes, "", value, difference),), mended.mistakes, fault)


def _of_one_more(mended: _Mended, judging: _Judging, fault: LossError) -> Verified | None:
    """The claim is what a mistake makes of the mended data; from some digits on, of the data as they are."""
    found = diagnose(mended.request, mended.verified, judging.tolerances).explanations
    if not found and all((claim.digits or inf) >= _DIGITS_FOR_PAIRS for claim in judging.claims):
        before = without_domains(mended.before)
        if (raw := judging.verified(before)) is not None:
            found = tuple(
                replace(
                    each,
                    mistake=f"{joint_name(mended.mistakes)} + {each.mistake}",
                    text="; and ".join((*(mistake.text for mistake in mended.mistakes), each.text)),
                    cure="; and ".join((*(mistake.cure for mistake in mended.mistakes), each.cure)),
                )
                for each in diagnose(before, raw, judging.tolerances).explanations
            )
    return _refuted(mended.verified, found, mended.mistakes, fault) if found else None


def _held(mistakes: tuple[Mistake, ...], verified: Verified, fault: LossError) -> Verified:
    value, difference = _numbers(verified)
    return _refuted(verified, (_explanation(mistakes, _HELD, value, difference),), mistakes, fault)


def _numbers(verified: Verified) -> tuple[float | None, float]:
    """The value that a claim is near to, None of an array; and the difference."""
    claim = next(comparison for comparison in verified.claims if not comparison.bound)
    single = claim.claim.kind == "value" and claim.single
    return float(claim.ours) if single else None, claim.difference


def _explanation(mistakes: tuple[Mistake, ...], more: str, value: float | None, difference: float) -> Explanation:
    return Explanation(
        mistake=joint_name(mistakes),
        text="; and ".join(mistake.text for mistake in mistakes) + more,
        cure="; and ".join(mistake.cure for mistake in mistakes),
        value=value,
        difference=difference,
    )


def _refuted(
    verified: Verified, explanations: tuple[Explanation, ...], mistakes: tuple[Mistake, ...], fault: LossError
) -> Verified:
    """The verification of mended data, in which nothing holds, since the data that were given do not fit."""
    claims: tuple[Comparison, ...] = tuple(replace(claim, misfit=True) for claim in verified.claims)
    fact = (fault.faults[0] if isinstance(fault, Faults) else fault).fact
    cure = "; and ".join(mistake.cure for mistake in mistakes)
    warning = f"{fact}; to compare, the data were mended: {cure}"
    return replace(verified, claims=claims, explanations=explanations, warnings=(warning, *verified.warnings))


def _with_repair(fault: LossError, request: Request, mended: Sequence[_Mended]) -> LossError:
    """The fault with the usual repair in its cure, unless that says the same; or with the loss that takes such data."""
    name = request.loss.name
    if request.loss.for_classes and request.loss.for_classes in str(fault):
        return fault
    kin = (other for other in other_losses(request) if name in other.request.loss.name)
    sister = next((other for other in kin if _fits(other.request)), None)
    mistakes = mended[0].mistakes if sister is None and mended else ()
    cure = "; and ".join(f"{mistake.text}: {mistake.cure}" for mistake in mistakes)
    if sister is not None:
        cure = f"{sister.request.loss.name} takes such data"
    elif all(SAID.get(mistake.name, mistake.cure) in str(fault) for mistake in mistakes):
        return fault
    *others, last = fault.faults if isinstance(fault, Faults) else (fault,)
    last = type(last)(last.fact, f"{last.cure}; {cure}" if last.cure else cure)
    return Faults([*others, last]) if others else last
