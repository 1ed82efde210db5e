"""The mean squared error."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def squared(input: Number, target: Number) -> Number:
    return (input - target) ** 2


FORMS = (per_unit(squared, inputs.REAL_PAIRS, torch={}),)
