"""The logistic loss on labels of -1 and 1."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def soft_margin(input: Number, target: Number) -> Number:
    wrong = -target * input
    return mp.log(1 + mp.exp(wrong)) if wrong < 2000 else wrong  # exp(-2000) is below any float


FORMS = (per_unit(soft_margin, inputs.SIDED, torch={}),)
