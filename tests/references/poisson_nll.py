"""The negative log-likelihood of a Poisson distribution."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times
from tests.references._reasons import GRADIENT, VALUE


def poisson(input: Number, target: Number, log_input: bool = True, full: bool = False, eps: Number = 0) -> Number:
    rate, log_rate = (mp.exp(input), input) if log_input else (input, log(input + eps))
    stirling = target * log(target) - target + log(2 * mp.pi * target) / 2 if full and target > 1 else 0
    return rate - times(target, log_rate) + stirling


FORMS = (
    per_unit(poisson, inputs.LOG_RATES, torch={}),
    per_unit(poisson, inputs.RATES, "rates", torch={"log_input": False, "eps": 0.0}, log_input=False),
)
ABOVE_LIMIT = {
    VALUE: "where e^x and t x cancel to the last bit, their difference is good to a part in 2⁹⁵ of them",
    GRADIENT: "where e^x and t agree to the last bit, their difference is good to a part in 2⁹⁵ of them",
}
