"""The Kullback-Leibler divergence."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times


def kl_div(input: Number, target: Number) -> Number:
    return times(target, log(target) - input)


def kl_div_of_logs(input: Number, target: Number, log_target: bool) -> Number:
    assert log_target
    return times(mp.exp(target), target - input)


def slope_terms(input: Number, target: Number) -> Number:
    """The slope in the target is log t + 1 - input."""
    return max(abs(log(target)), abs(input), mpf(1))


FORMS = (
    per_unit(kl_div, inputs.LOGS_AND_CHANCES, "shares", torch={}),
    per_unit(kl_div_of_logs, inputs.TWO_LOGS, "log_target", torch={"log_target": True}, log_target=True),
)
