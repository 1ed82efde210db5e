"""Carries out one request under every convention of its loss, so that the numbers stand side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted
from losscli.engine.threads import Progress
from losscli.request.compute import compute
from losscli.request.request import Request
from losscli.request.signature import signature_of_all
from losscli.schema.data import Data
from losscli.schema.faults import LossError, UsageFault
from losscli.schema.loss import Convention, Loss
from losscli.schema.records import record
from losscli.schema.settings import spelled

_REFERENCE, _UNBOUNDED = "torch", "exact"


@record
class Under:
    """The data under one convention: its reduced value, and what makes it differ from torch's, in words.

    `fault` says why there is no value, if there is none.
    """

    convention: Convention
    names: tuple[str, ...]
    reduction: str
    value: float | None
    differs: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    fault: str = ""


@record
class Attempt:
    """A request bound under one convention, or the fault that keeps it from being."""

    convention: Convention
    reduction: str
    outcome: Bound | LossError

    @property
    def bound(self) -> Bound | None:
        return self.outcome if isinstance(self.outcome, Bound) else None


@record
class SideBySide:
    """A request under every convention. `bound` is one that could be carried out: most of it holds for all."""

    bound: Bound
    rows: tuple[Under, ...]
    warnings: tuple[str, ...]

    @property
    def signature(self) -> str:
        """What is the same in all rows."""
        return signature_of_all(self.bound)


def attempts(request: Request) -> tuple[Attempt, ...]:
    """The request under torch, then under the conventions of frameworks, then without any bound.

    All are reduced as the request says, else each as its convention reduces, but to the mean where that is none.
    """
    if request.settings.reduction == "none":
        raise UsageFault(
            f"{spelled('convention', 'all')} shows one number a convention, and the reduction none gives one a sample",
            "reduce to a mean or a sum, or ask for one convention at a time",
        )
    places = {_REFERENCE: 0, _UNBOUNDED: 2}
    ordered = sorted(request.loss.each_convention, key=lambda convention: places.get(convention.name, 1))
    return tuple(_attempt(request, convention) for convention in ordered)


def side_by_side(
    request: Request, attempts: Sequence[Attempt], jobs: int | None = None, advance: Progress | None = None
) -> SideBySide:
    """Carries the attempts out. What fails under all conventions is the request's fault, and raised."""
    bound = next((attempt.bound for attempt in attempts if attempt.bound), None)
    reference = {} if bound is None else _numbers(bound)
    rows: list[Under] = []
    faults: list[LossError] = []
    for attempt in attempts:
        try:
            rows.append(_computed(attempt, request, reference, Wanted(jobs=jobs, progress=advance)))
        except LossError as fault:
            faults.append(fault)
            names = _names(attempt.convention, request.loss)
            rows.append(Under(attempt.convention, names, attempt.reduction, None, (), fault=fault.fact))
    if bound is None or len(faults) == len(rows):
        raise faults[0]
    return SideBySide(bound, tuple(rows), _warnings(request, rows))


def _attempt(request: Request, convention: Convention) -> Attempt:
    reduction = request.settings.reduction or ("mean" if convention.reduction == "none" else convention.reduction)
    settings = replace(request.settings, convention=convention.name, reduction=reduction)
    try:
        return Attempt(convention, reduction, replace(request, settings=settings, warnings=(), notes=()).bound())
    except LossError as fault:
        return Attempt(convention, reduction, fault)


def _computed(attempt: Attempt, request: Request, reference: Mapping[str, Any], wanted: Wanted) -> Under:
    if isinstance(attempt.outcome, LossError):
        raise attempt.outcome
    result = compute(attempt.outcome, wanted)
    return Under(
        convention=attempt.convention,
        names=_names(attempt.convention, request.loss),
        reduction=attempt.reduction,
        value=result.value,
        differs=tuple(_differences(attempt.outcome, request, reference)),
        warnings=result.warnings,
    )


def _names(convention: Convention, loss: Loss) -> tuple[str, ...]:
    """What the framework calls the loss; PyTorch's names are those of the loss itself."""
    if convention.name != _REFERENCE:
        return convention.names
    return tuple(name for name in (loss.class_name, loss.function_name) if name)


def _numbers(bound: Bound) -> dict[str, Any]:
    """Every option and constant as it stands, arrays apart, which are the same under all conventions."""
    constants = {name: bound.fixed[name] for name in bound.loss.constants}
    return {**{n: v for n, v in bound.options.items() if v is not None and not isinstance(v, Data)}, **constants}


def _differences(bound: Bound, request: Request, reference: Mapping[str, Any]) -> list[str]:
    convention = bound.convention
    differences = [f"{name} {_text(value)}" for name, value in _numbers(bound).items() if value != reference[name]]
    if request.settings.reduction is None:
        if convention.reduction == "none":
            differences.append("reduces to none, so its mean is shown")
        elif convention.reduction != bound.loss.conventions[_REFERENCE].reduction:
            differences.append(f"reduces to {convention.reduction}")
    if bound.row > 1 and bound.reduction == "sum":
        differences.append("adds up the means of the rows")
    if bound.sample_weight is not None and not convention.weights_divide:
        differences.append("the mean divides by the count, not by the sample weights")
    return differences


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _warnings(request: Request, rows: list[Under]) -> tuple[str, ...]:
    """The warnings of the request and its numbers, once each, with the conventions that they concern."""
    names_by_text: dict[str, list[str]] = {}
    for row in rows:
        for warning in row.warnings:
            names_by_text.setdefault(warning, []).append(row.convention.name)
        if row.fault:
            names_by_text.setdefault(f"no value: {row.fault}", []).append(row.convention.name)
    everywhere = [text for text, names in names_by_text.items() if len(names) == len(rows)]
    somewhere = [f"{', '.join(names)}: {text}" for text, names in names_by_text.items() if len(names) < len(rows)]
    return (*request.warnings, *everywhere, *somewhere)
