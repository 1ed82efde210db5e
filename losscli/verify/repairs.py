"""Claims about inputs that are refused: judged on the inputs as they were meant, if that explains the claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from losscli.checks.claims import Claim, Tolerances
from losscli.request.request import Request
from losscli.schema.data import Data, Elements, held
from losscli.schema.domains import CHANCE, SIGN
from losscli.schema.faults import Faults, LossError
from losscli.schema.loss import InputSpec
from losscli.verify.verify import Verified, verify

_LARGEST = 4_000_000  # elements of an input that is looked at
_BYTE = 255.0


def judged_repaired(
    request: Request, claims: Sequence[Claim], tolerances: Tolerances, fault: LossError, jobs: int | None
) -> Verified:
    """The first explanation of the claims on repaired inputs; else the fault, with what the claims are right for."""
    from losscli.verify.diagnosis.diagnose import diagnose

    judged: list[tuple[str, Request, Verified]] = []
    for said, repaired in _repairs(request):
        try:
            verified = verify(repaired.bound(), claims, tolerances, jobs, spread=False)
        except LossError:
            continue
        if verified.holds:
            raise _with(fault, f"with {said} the claim holds")
        judged.append((said, repaired, verified))
    for said, repaired, verified in judged:
        explained = diagnose(repaired, verified, tolerances)
        if explained.explanations:
            warnings = (f"{fault.fact}: judged with {said}", *verified.warnings, *explained.warnings)
            return replace(verified, explanations=explained.explanations, warnings=warnings)
    raise fault


def _with(fault: LossError, more: str) -> LossError:
    """The same fault, with more to its cure."""
    if isinstance(fault, Faults):
        return fault
    return type(fault)(fault.fact, f"{fault.cure}; {more}" if fault.cure else more)


def _repairs(request: Request) -> Iterator[tuple[str, Request]]:
    """What is usually meant by inputs that do not fit, one repair at a time, in words and made."""
    for spec in request.loss.inputs:
        data = request.inputs.get(spec.name)
        if data is None or data.words or not 0 < data.size <= _LARGEST:
            continue
        for said, repaired in (*_other_numbers(spec, data), *_other_shape(request, spec, data)):
            changed = held(repaired, data.source)
            yield f"{spec.name} {said}", replace(request, inputs={**request.inputs, spec.name: changed})


def _other_numbers(spec: InputSpec, data: Data) -> Iterator[tuple[str, Elements]]:
    """Yes and no written with other numbers, and bytes of pictures."""
    domains = [form.domain for form in spec.forms]
    answers = any(domain.meaning == CHANCE or domain.only == (0.0, 1.0) for domain in domains)
    values = data.array()
    if SIGN in domains and _are(values, (0.0, 1.0)):
        yield "made -1 and 1 of 0 and 1", 2.0 * values - 1.0
    if answers and _are(values, (-1.0, 1.0)):
        yield "made 0 and 1 of -1 and 1", (values + 1.0) / 2.0
    if answers and values.max() == _BYTE and values.min() >= 0.0:
        yield "divided by 255", values / _BYTE


def _are(values: Elements, numbers: tuple[float, ...]) -> bool:
    return bool(np.isin(values, numbers).all())


def _other_shape(request: Request, spec: InputSpec, data: Data) -> Iterator[tuple[str, Elements]]:
    """A column (N, 1) beside rows (N), a matrix that lies the other way than the others, rows of scores in one line."""
    shapes = {other.shape for name, other in request.inputs.items() if name != spec.name}
    if data.shape[-1:] == (1,) and data.shape[:-1] in shapes:
        yield f"in the shape {data.shape[:-1]}", data.array().reshape(data.shape[:-1])
    elif len(data.shape) == 2 and data.shape not in shapes and data.shape[::-1] in shapes:
        yield "transposed", np.ascontiguousarray(data.array().T)
    elif len(data.shape) == 1 and all(form.axes == "u c" for form in spec.forms):
        rows = next((shape[0] for shape in shapes if len(shape) == 1 and 1 < shape[0] < data.size), 0)
        if rows and data.size % rows == 0:
            yield "cut into rows, sample by sample", data.array().reshape(rows, -1)
            yield "cut into rows, class by class", np.ascontiguousarray(data.array().reshape(-1, rows).T)
