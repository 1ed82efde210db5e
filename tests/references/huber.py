"""Huber's loss."""

from __future__ import annotations

from math import inf

from tests.references import Known, per_unit
from tests.references import _inputs as inputs
from tests.references._formulas import Number


def huber(input: Number, target: Number, delta: Number) -> Number:
    error = abs(input - target)
    return error**2 / 2 if error <= delta else delta * (error - delta / 2)


FORMS = (per_unit(huber, inputs.REAL_PAIRS, torch={}, delta=1.0),)
KNOWN = (Known("half the square, when delta is infinite", ([1e20], [0.0]), 5e39, {"delta": inf}),)
