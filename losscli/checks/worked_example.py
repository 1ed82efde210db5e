"""One sample's number, worked out step by step as the formula is written, and the kernel's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np

from losscli.engine.bind import Bound
from losscli.engine.chunks import MisfitError, load, misfits
from losscli.engine.examine import examine, own_entries
from losscli.request.compute import unit_index
from losscli.request.request import Request
from losscli.schema.data import held
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.formulas import worked as worked_lines
from losscli.schema.loss import Array, Loss, Step
from losscli.schema.number_text import whole_of
from losscli.schema.records import record
from losscli.schema.settings import spelled


@record
class Worked:
    """The steps to a sample's loss, the kernel's own value of it, and its gradients before any reduction.

    Of a loss whose units share their inputs, a gradient that is not one sample's own is left out.
    """

    index: tuple[int, ...]
    inputs: Mapping[str, Any]
    steps: tuple[Step, ...]
    value: float
    gradients: Mapping[str, Any]
    by_users_function: bool = False


def worked(bound: Bound, unit: int) -> Worked:
    """Works out one unit, given by its number in C order."""
    bound = replace(bound, reduction="sum", sample_weight=None)
    try:
        detail = next(examine(bound, [(unit, unit + 1)], 1.0))
    except MisfitError:
        misfits(bound)
        raise
    if detail.ignored[0]:
        raise DataFault(
            f"sample {','.join(map(str, unit_index(bound, unit)))} is ignored, so it has no steps", "name another one"
        )
    named = entries(bound, unit)
    shown = {field.name: named.get(field.name) for field in bound.inputs if not field.member_of}
    users = bound.loss.gradient is not None
    if users:  # a user's function, which says no steps: its sample's entries alone
        own = {field.name: own_entries(bound, field, unit, unit + 1) for field in bound.inputs}
        shown |= {
            name: _entry(rows.squeeze(1) if rows.shape[1] == 1 else rows) for name, rows in own.items() if rows.size
        }
    single = {field.name for field in bound.inputs if field.role.axes == "u"}
    gradients = {name: rows[0].item() if name in single else rows[0] for name, rows in detail.gradients.items()}
    return Worked(
        unit_index(bound, unit), shown, tuple(steps_of(bound, named)), float(detail.losses[0]), gradients, users
    )


def sample_alone(request: Request, word: str) -> tuple[Request, int] | None:
    """For a function that gives one number of all samples: the request with one of them, and its index.

    None where the inputs are no rows of samples.
    """
    counts = {data.shape[0] if data.shape else 0 for data in request.inputs.values()}
    if len(counts) > 1 or not (count := counts.pop()):
        return None
    index = whole_of(word) if word.isdecimal() else -1
    if not 0 <= index < count:
        raise DataFault(f"there is no sample {word}", f"there are {count}, counted from 0")
    rows = {name: held(data.array()[index : index + 1], data.source) for name, data in request.inputs.items()}
    return replace(request, inputs=rows), index


def entries(bound: Bound, unit: int) -> dict[str, Any]:
    """The unit's entries of inputs and options: numbers and rows; all of them, and `at`, where data stay whole."""
    if not bound.loss.separable:
        arguments = load(bound, 0, bound.layout.units).arguments
        return {**bound.options, **arguments, "at": unit}
    arguments = load(bound, unit, unit + 1).arguments
    own = {field.name for field in (*bound.inputs, *bound.unit_options)}
    return {**bound.options, **arguments, **{name: _entry(arguments[name]) for name in own if name in arguments}}


def steps_of(bound: Bound, named: Mapping[str, Any]) -> list[Step]:
    """The steps that the loss's lines, or its own function, make of a unit's entries."""
    loss = bound.loss
    with np.errstate(all="ignore"):
        if loss.steps is not None:
            return list(loss.steps(**{name: named[name] for name in signature(loss.steps).parameters}))
        settings = {spec.name: None for spec in loss.options} | {name: float(named[name]) for name in loss.constants}
        return [Step(*row) for row in worked_lines(_weighted(loss, named), named, settings)]


def _weighted(loss: Loss, named: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of the loss, and one more where every unit has a weight."""
    weight = loss.option("weight")
    if not loss.lines or weight is None or weight.option.axes != "u" or named["weight"] is None:
        return loss.lines
    return (*(re.sub("^loss =", "unweighted =", text) for text in loss.lines), "loss = weight * unweighted")


def unit_at(bound: Bound, word: str | None) -> int:
    """The number of the unit that `3` or `3,1` names: its index in the shape of the samples."""
    shape = bound.layout.unit_shape
    if not bound.layout.units:
        raise DataFault("there are no samples to work out")
    try:
        index = tuple(whole_of(part) for part in word.split(",")) if word else (0,) * len(shape)
    except ValueError:
        raise UsageFault(f"{spelled('sample')} must be an index such as 3 or 3,1, got {word!r}") from None
    if not shape and index in ((), (0,)):
        return 0
    if len(index) != len(shape) or not all(0 <= at < length for at, length in zip(index, shape, strict=True)):
        lengths = " x ".join(map(str, shape)) or "one"
        raise DataFault(f"there is no sample {word}", f"there are {lengths}, counted from 0")
    return int(np.ravel_multi_index(index, shape))


def _entry(rows: Array) -> Any:
    return rows[0] if rows.ndim > 1 else rows[0].item()
