"""The mean absolute error."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def absolute(input: Number, target: Number) -> Number:
    return abs(input - target)


FORMS = (per_unit(absolute, inputs.REAL_PAIRS, torch={}),)
