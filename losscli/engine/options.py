"""What a request says in words: its settings and options, decided and checked before any array is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from losscli.schema.data import Data
from losscli.schema.distance import OwnDistance
from losscli.schema.faults import LossError, UsageFault
from losscli.schema.kinds import shown
from losscli.schema.loss import Convention, Loss, OptionSpec
from losscli.schema.number_text import number_of
from losscli.schema.settings import Settings, spelled

_TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}
EXACT_INTEGERS = 2**53  # beyond it, neighbouring integers share a float64


def faults_of_words(loss: Loss, options: Mapping[str, Any], settings: Settings) -> list[LossError]:
    """What is wrong with a request whatever its arrays hold; `options` may leave array options as they are."""
    faults: list[LossError] = []
    convention = convention_of(loss, settings.convention, faults)
    reduction_of(loss, settings.reduction, convention, faults)
    arrays = {spec.name for spec in loss.options if spec.option.axes}
    option_values(loss, {k: v for k, v in options.items() if k not in arrays}, convention, faults)
    return faults


def convention_of(loss: Loss, name: str | None, faults: list[LossError]) -> Convention:
    """The convention of that name, else of the framework in the loss's name; torch, with a fault, where it has none."""
    name = name or loss.brings or "torch"
    if name not in loss.conventions:
        known = ", ".join(convention.name for convention in loss.each_convention)
        faults.append(UsageFault(f"{loss.name} has no convention {name!r}", f"it has: {known}"))
    return loss.conventions.get(name, loss.conventions["torch"])


def reduction_of(loss: Loss, name: str | None, convention: Convention, faults: list[LossError]) -> str:
    """The reduction that is asked for, or the convention's."""
    if name is None:
        return convention.reduction
    if name not in loss.reductions:
        faults.append(UsageFault(f"{loss.name} has no reduction {name!r}", f"it has: {', '.join(loss.reductions)}"))
    return name


def option_values(
    loss: Loss, options: Mapping[str, Any], convention: Convention, faults: list[LossError]
) -> dict[str, Any]:
    """Every option of the loss with its value: what is written, else the convention's, else the default."""
    names = [spec.name for spec in loss.options]
    for name in options:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            cure = f"did you mean {near[0]}?" if near else f"its options: {', '.join(names) or 'none'}"
            faults.append(UsageFault(f"{loss.name} has no option {name!r}", cure))
    values: dict[str, Any] = {}
    for spec in loss.options:
        value = options.get(spec.name, convention.values.get(spec.name, spec.default))
        if spec.option.axes:
            if value is not None and not isinstance(value, Data):
                raise TypeError(f"{spec.name} must come as Data, not as {type(value).__name__}")
            values[spec.name] = value
            continue
        try:
            values[spec.name] = scalar_option(spec, value)
        except UsageFault as fault:
            faults.append(fault)
            values[spec.name] = spec.default
    return values


def scalar_option(spec: OptionSpec, value: Any) -> Any:
    """The value of a scalar option in its own type, from a number, a bool or its text."""
    if spec.option.domain.choices:
        return _word(spec, value)
    if spec.type is object:  # of a user-defined function, which may take any value
        return value
    name = spelled(spec.name)
    if isinstance(value, str):
        try:
            value = _TRUTH[value.strip().lower()] if spec.type is bool else number_of(value)
        except (KeyError, ValueError) as reason:
            wanted, cure = ("true or false", "") if spec.type is bool else ("a number", str(reason))
            raise UsageFault(f"{name} must be {wanted}, got {value!r}", cure) from None
    fault = UsageFault(f"{name} must be {spec.option.domain.words}, got {shown(value)}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise fault from None
    if not spec.option.domain.holds(np.asarray(number)):
        raise fault
    if spec.type is int and abs(number) > EXACT_INTEGERS:
        raise fault
    return spec.type(number)


def _word(spec: OptionSpec, value: Any) -> str:
    """A choice between words, in any case, with hyphens for underscores; or a user-defined distance."""
    if spec.option.domain.own_distance and isinstance(value, OwnDistance):
        return value
    word = str(value).strip().lower().replace("-", "_")
    if word not in spec.option.domain.choices:
        raise UsageFault(f"{spelled(spec.name)} must be {spec.option.domain.words}, got {shown(value)}")
    return word
