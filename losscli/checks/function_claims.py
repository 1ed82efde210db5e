"""Claims that a user's function makes: somebody's implementation of the loss, called on the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.checks.claims import Claim, FunctionClaim
from losscli.custom.function import Function, answer, at_hand, loss_of, place_of
from losscli.custom.loss import function_named
from losscli.custom.script import FunctionFault
from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted
from losscli.engine.layout import shape_text
from losscli.request.arrays import data_of
from losscli.request.compute import compute
from losscli.request.request import Request
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.settings import spelled
from losscli.schema.synonyms import role_named

_WHAT = {"value": "the value has", "per_sample": "the losses of the samples have", "gradient": "the gradient has"}
_NUMBERS = "return a number, or an array of numbers"


def made_by_functions(claims: Sequence[Claim | FunctionClaim], request: Request, bound: Bound) -> list[Claim]:
    """The claims, with those of functions made. A fault of the data goes before one of a function that meets it."""
    made: list[Claim] = []
    for claim in claims:
        if isinstance(claim, Claim):
            made.append(claim)
            continue
        try:
            made += _made(claim, request, bound)
        except FunctionFault:
            compute(bound, Wanted())
            raise
    return made


def _made(claim: FunctionClaim, request: Request, bound: Bound) -> Iterator[Claim]:
    word = claim.function
    function = function_named(word, claim.base, with_gradient=False) if isinstance(word, str) else at_hand(word)
    result = answer(function, _arguments(request, bound), _options(request, bound, claim.kind))
    if claim.kind != "gradient":
        of_samples = claim.kind == "per_sample" or bound.reduction == "none"
        yield _claim(loss_of(result), claim, bound.layout.unit_shape if of_samples else (), function)
        return
    shapes = {field.name: field.data.shape for field in bound.differentiable}
    if claim.role and claim.role not in shapes:
        fact = f"{function.word} is called with the inputs, and {claim.role} is none that has a gradient"
        raise UsageFault(fact, f"claim a gradient of {', '.join(shapes) or 'another loss'}")
    for role, gradient in _by_role(result, claim.role, list(shapes), function).items():
        yield _claim(gradient, replace(claim, role=role), shapes[role], function)


def _arguments(request: Request, bound: Bound) -> list[Any]:
    """The inputs by position: floats, labels as integers; of an input of many arrays a mapping."""
    arrays: list[Any] = []
    for spec in request.loss.inputs:
        fields = [field for field in bound.inputs if spec.name in (field.name, field.member_of)]
        many = spec.members is not None
        arrays.append({field.name: _array(field, bound) for field in fields} if many else _array(fields[0], bound))
    return arrays


def _array(field: Field, bound: Bound) -> Any:
    values = np.asarray(field.data.array(), dtype=np.float64)
    if values.shape == (*bound.layout.unit_shape, 1) and field.role.axes == "u":
        values = values.reshape(bound.layout.unit_shape)
    if field.role.domain.index and np.array_equal(values, np.trunc(values)):
        values = values.astype(np.int64)
    values.flags.writeable = False
    return values


def _options(request: Request, bound: Bound, kind: str) -> dict[str, Any]:
    """What the request writes, by name: the options of the loss, and how to reduce."""
    written = {name: value for name, value in bound.options.items() if request.options.get(name) is not None}
    if request.sample_weight is not None:
        written["sample_weight"] = request.sample_weight
    if request.settings.reduction is not None and kind != "per_sample":
        written["reduction"] = request.settings.reduction
    return {
        name: np.asarray(value.array(), dtype=np.float64) if isinstance(value, Data) else value
        for name, value in written.items()
    }


def _by_role(result: Any, role: str, roles: Sequence[str], function: Function) -> Mapping[str, Any]:
    """The gradients that a function returned: one, several by role, or a loss and its gradient."""
    gradient = result[1] if isinstance(result, tuple) and len(result) == 2 else result
    if not isinstance(gradient, Mapping):
        return {role or next(iter(roles), ""): gradient}
    named = {role_named(str(word), roles) or str(word): array for word, array in gradient.items()}
    if role and role not in named:
        there = ", ".join(named) or "nothing"
        raise FunctionFault(f"{place_of(function)} returns gradients of {there}", f"return that of {role} too")
    if unknown := [name for name in named if name not in roles]:
        cure = f"there are gradients of {', '.join(roles) or 'nothing'}"
        raise FunctionFault(f"{place_of(function)} returns a gradient of {unknown[0]}", cure)
    return {role: named[role]} if role else named


def _claim(value: Any, claim: FunctionClaim, shape: tuple[int, ...], function: Function) -> Claim:
    """What a function returned, as a claim of that shape."""
    where = place_of(function)
    data = _numbers(value, where)
    values: Array = np.asarray(data.array(), dtype=np.float64)
    if [n for n in values.shape if n != 1] != [n for n in shape if n != 1]:
        what = f"{_WHAT[claim.kind]} shape {shape_text(shape)}"
        fact = (
            f"{where} returns shape {shape_text(values.shape)}{f' for {claim.role}' if claim.role else ''}, and {what}"
        )
        raise FunctionFault(fact, _cure(claim.kind, shape))
    warnings = []
    if not isinstance(value, int | float | np.number | np.ndarray):
        warnings.append(f"{where} returns {_kind(value)}, which is taken as an array")
    if missing := int(np.count_nonzero(np.isnan(values))):
        index = ", ".join(map(str, np.argwhere(np.isnan(values))[0]))
        several = f"{missing} of {values.size} numbers as nan, the first at {index}"
        warnings.append(f"{where} returns {several if index else 'nan'}")
    source = function.word if isinstance(claim.function, str) else where
    return Claim(
        claim.kind,
        source,
        values.reshape(shape),
        data.dtype,
        claim.role,
        computed=True,
        warnings=tuple(warnings),
    )


def _numbers(value: Any, where: str) -> Data:
    try:
        data = data_of(value, "it")
    except DataFault:
        raise FunctionFault(f"{where} returns {_kind(value)}, which is no array", _NUMBERS) from None
    if data.words or data.array().dtype.kind not in "iuf":
        raise FunctionFault(f"{where} returns {_kind(value)}, which holds no numbers", _NUMBERS)
    return data


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype.name}"
    return "None" if value is None else f"a {type(value).__name__}"


def _cure(kind: str, shape: tuple[int, ...]) -> str:
    if kind == "gradient":
        return "return an array of the input's shape"
    if shape:
        return "return one number a sample"
    return f"return one number, or claim the losses of the samples: {spelled('claim_per_sample')}"
