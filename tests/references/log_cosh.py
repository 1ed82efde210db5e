"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def log_cosh(input: Number, target: Number) -> Number:
    error = abs(input - target)
    return error + mp.log1p(mp.exp(-2 * error)) - mp.log(2) if error > 1 else mp.log1p(2 * mp.sinh(error / 2) ** 2)


FORMS = (per_unit(log_cosh, inputs.REAL_PAIRS),)
