"""The Python API of verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from losscli.checks.claim_sources import claim_from
from losscli.checks.claims import Claim, FunctionClaim, claim_of, tolerances, written
from losscli.request.api import request_of, shared_settings
from losscli.request.arrays import data_of
from losscli.request.naming import names_a_function
from losscli.request.python_sources import FileSource, read_alone
from losscli.schema.faults import UsageFault
from losscli.schema.settings import check, of_text
from losscli.schema.spelling import PYTHON, asked_in
from losscli.verify.judge import judge
from losscli.verify.verify import Verified


def verify(
    loss: str,
    *inputs: Any,
    claim: Any = None,
    claim_per_sample: Any = None,
    claim_gradient: Any = None,
    at_most: float | None = None,
    at_least: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    precision: str = "single",
    exact_inputs: bool = False,
    reduction: str | None = None,
    convention: str | None = None,
    sample_weight: Any = None,
    class_axis: int | None = None,
    nonfinite: str = "error",
    missing: str = "error",
    strict: bool = False,
    classes: Sequence[str] = (),
    jobs: int | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    l1: float | None = None,
    l2: float | None = None,
    params: Mapping[str, Any] | Path | FileSource | None = None,
    penalize_bias: bool = False,
    **named: Any,
) -> Verified:
    """Judges claims about a loss, and explains those that do not hold.

    loss, inputs, named, and a penalty: as in `compute`.
    claim: the reduced value. A text keeps its digits, which decide how near it must come; a float is a binary number.
    claim_per_sample: the losses of all samples. claim_gradient: an array, or a mapping of roles to arrays.
    Each may be a file, as the inputs may, or a function of the inputs, or "FILE.py:FUNCTION", which executes the file.
    at_most, at_least: bounds of the value, inclusive. rtol, atol: |difference| ≤ atol + rtol · |ours| instead.
    precision: "double" allows no rounding but that of float64. exact_inputs: inputs read from text are not rounded.
    Raises LossError, or one of its subclasses, if the request cannot be carried out.
    """
    settings = shared_settings(locals())
    with asked_in(PYTHON):
        request = request_of(loss, inputs, named, **settings)
        claims: list[Claim | FunctionClaim] = []
        if claim is not None:
            claims.append(_claim(claim, "value"))
        if claim_per_sample is not None:
            claims.append(_claim(claim_per_sample, "per_sample"))
        if claim_gradient is not None:
            by_role = claim_gradient
            if not isinstance(claim_gradient, Mapping):
                first = _first_differentiable(request.loss)
                by_role = {"" if _is_function(claim_gradient) else first: claim_gradient}
            claims += [_claim(array, "gradient", role) for role, array in by_role.items()]
        for kind, bound in (("at_most", at_most), ("at_least", at_least)):
            if bound is not None:
                check(kind, of_text(kind, bound) if isinstance(bound, str) else bound)
                claims.append(written(bound, kind))
        return judge(request, claims, tolerances(rtol, atol, precision, exact_inputs), jobs)


def _claim(value: Any, kind: str, role: str = "") -> Claim | FunctionClaim:
    if _is_function(value):
        return FunctionClaim(kind, value, role)
    if isinstance(value, str | int | float | np.number) and kind == "value":
        return written(value, kind)
    if isinstance(value, FileSource):  # which may be a number in a log
        return claim_from(value.address, kind, value.options, role)
    if isinstance(value, Path):
        claim = claim_of(read_alone(value, keep_text=True), kind, role)
        return replace(claim, values=claim.values.reshape(())) if kind == "value" and claim.values.size == 1 else claim
    return claim_of(data_of(value, "claim"), kind, role)


def _is_function(value: Any) -> bool:
    return callable(value) or (isinstance(value, str) and names_a_function(value))


def _first_differentiable(loss: Any) -> str:
    role: str | None = next((spec.name for spec in loss.inputs if spec.differentiable), None)
    if role is None:
        raise UsageFault(f"{loss.name} has no gradient")
    return role
