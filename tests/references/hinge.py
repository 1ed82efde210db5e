"""The hinge loss."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def hinge(input: Number, target: Number) -> Number:
    return max(mpf(0), 1 - target * input)


FORMS = (per_unit(hinge, inputs.SIDED),)
