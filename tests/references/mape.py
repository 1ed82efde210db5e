"""The mean absolute percentage error."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def share(input: Number, target: Number) -> Number:
    return abs(input - target) / abs(target)


FORMS = (per_unit(share, inputs.REAL_PAIRS),)
