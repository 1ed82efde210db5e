"""A loss as the engine sees it: bound, loaded, and its kernel called."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from losscli.engine.bind import Bound, bind
from losscli.engine.chunks import load
from losscli.schema.data import held
from losscli.schema.settings import Settings
from tests.laws.drawing import Array, Question


def bound(question: Question, reduction: str = "sum", sample_weight: Array | None = None) -> Bound:
    loss = question.loss
    arrays = {spec.name for spec in loss.options if spec.option.axes}
    options = {
        name: held(np.asarray(value), name) if name in arrays else value for name, value in question.options.items()
    }
    inputs = {role: held(np.asarray(array), role) for role, array in question.inputs.items()}
    weight = None if sample_weight is None else held(sample_weight, "sample_weight")
    return bind(loss, inputs, options, Settings(reduction, question.convention), weight)


def arguments(question: Question) -> dict[str, Any]:
    """What the kernel gets, in fresh copies."""
    whole = bound(question)
    return load(whole, 0, whole.layout.units).arguments


def picked(function: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Those of the arguments that a function names."""
    return {name: named[name] for name in signature(function).parameters}


def kinks(question: Question) -> Array:
    """Which units stand at a kink."""
    named = arguments(question)
    units = len(named[question.loss.inputs[0].name])
    if question.loss.kinks is None:
        return np.zeros(units, bool)
    with np.errstate(all="ignore"):
        return np.asarray(question.loss.kinks(**picked(question.loss.kinks, named)))
