"""The smooth L1 loss."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def smooth_l1(input: Number, target: Number, beta: Number) -> Number:
    error = abs(input - target)
    return error**2 / (2 * beta) if error < beta else error - beta / 2


FORMS = (per_unit(smooth_l1, inputs.REAL_PAIRS, torch={}, beta=1.0),)
