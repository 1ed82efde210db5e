"""The quantile loss."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def pinball(input: Number, target: Number, quantile: Number) -> Number:
    return max(quantile * (target - input), (quantile - 1) * (target - input))


FORMS = (per_unit(pinball, inputs.REAL_PAIRS, quantile=0.9),)
