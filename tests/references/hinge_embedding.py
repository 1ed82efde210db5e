"""The hinge embedding loss."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def hinge_embedding(input: Number, target: Number, margin: Number) -> Number:
    return input if target == 1 else max(mpf(0), margin - input)


FORMS = (per_unit(hinge_embedding, inputs.SIDED, torch={}, margin=1.0),)
