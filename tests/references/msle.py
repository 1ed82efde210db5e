"""The mean squared logarithmic error."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def squared(input: Number, target: Number) -> Number:
    return mp.log((1 + input) / (1 + target)) ** 2


FORMS = (per_unit(squared, inputs.ABOVE_MINUS_1),)
