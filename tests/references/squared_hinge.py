"""The squared hinge loss."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def squared_hinge(input: Number, target: Number) -> Number:
    return max(mpf(0), 1 - target * input) ** 2


FORMS = (per_unit(squared_hinge, inputs.SIDED),)
