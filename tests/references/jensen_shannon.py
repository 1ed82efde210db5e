"""The Jensen-Shannon divergence."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times


def jensen_shannon(input: list[Number], target: list[Number]) -> Number:
    middle = [(p + q) / 2 for p, q in zip(input, target, strict=True)]
    return mp.fsum(
        (times(p, log(p) - log(m)) + times(q, log(q) - log(m))) / 2
        for p, q, m in zip(input, target, middle, strict=True)
    )


FORMS = (per_unit(jensen_shannon, inputs.TWO_DISTRIBUTIONS, torch={}),)
