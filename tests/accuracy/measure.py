"""Measures one loss on one family of inputs."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mp

import losscli
from losscli.losses.catalogue import loss_names
from tests.losses.reference import ulps_off
from tests.references import Form, forms
from tests.references._formulas import Array
from tests.references._truth import Slope, Truth, digits

Key = tuple[str, str, str]  # loss, form, family


@dataclass(frozen=True)
class Row:
    """The worst errors in ulps of the true number, ours and PyTorch's, and whether our sum is correctly rounded.

    Errors are those of the value and, by role, of the gradients; PyTorch's are empty where it has no such loss.
    """

    loss: str
    form: str
    family: str
    ours: Mapping[str, float]
    torch: Mapping[str, float]
    sum_is_rounded: bool

    @property
    def key(self) -> Key:
        return self.loss, self.form, self.family


def keys() -> Iterator[Key]:
    """Every loss in every form on every family that its inputs have."""
    for loss in loss_names():
        for form in forms(loss):
            for family in form.inputs:
                yield loss, form.name, family


def form_of(loss: str, name: str) -> Form:
    return next(form for form in forms(loss) if form.name == name)


def measure(key: Key) -> Row:
    """One row; the inputs are the same every time."""
    loss, name, family = key
    asked = form_of(loss, name)
    inputs = asked.inputs[family](np.random.default_rng([1, *"/".join(key).encode()]))
    named: dict[str, Any] = {**inputs, **asked.options}
    units = losscli.compute(loss, reduction="none", gradients=True, convention="exact", **named)
    total = losscli.compute(loss, reduction="sum", convention="exact", **named)
    found = units.gradients or {}
    with mp.workdps(digits(family)):
        truth = asked.truth(inputs, list(found))
        return Row(
            *key,
            ours={
                "value": _worst(units.value, truth.values),
                **{role: _worst_slope(found[role], truth.slopes[role]) for role in found},
            },
            torch=_torch(loss, asked, inputs, truth),
            sum_is_rounded=float(total.value) == _rounded_sum(np.ravel(units.value)),
        )


def _torch(loss: str, asked: Form, inputs: Mapping[str, Array], truth: Truth) -> dict[str, float]:
    """PyTorch's errors on the same inputs, if it has the loss and is installed."""
    if asked.torch is None or importlib.util.find_spec("torch") is None:
        return {}
    from tests.golden.torch_answers import torch_answer

    answer = torch_answer(loss, inputs, asked.torch, "none")
    roles = truth.slopes if asked.torch_slopes else ()
    return {
        "value": _worst(answer.value, truth.values),
        **{role: _worst_slope(answer.gradients[role], truth.slopes[role]) for role in roles},
    }


def _worst(found: Array, true: Iterable[object]) -> float:
    return max(map(ulps_off, np.ravel(found).tolist(), true))


def _worst_slope(found: Array, true: Iterable[Slope]) -> float:
    return max(map(_slope_off, np.ravel(found).tolist(), true))


def _slope_off(found: float, slopes: Slope) -> float:
    """0 between the slopes of both sides of a kink, all of which are subgradients."""
    if min(slopes) <= found <= max(slopes):
        return 0.0
    return min(ulps_off(found, slope) for slope in slopes)


def _rounded_sum(values: Array) -> float:
    """The float64 next to the exact sum of float64 numbers."""
    if not np.isfinite(values).all():
        return math.fsum(values)
    try:
        return float(sum(map(Fraction, values.tolist()), Fraction(0)))
    except OverflowError:
        return math.inf
