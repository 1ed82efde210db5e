"""Binary cross-entropy on probabilities."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times


def bce(input: Number, target: Number, weight: Number = 1) -> Number:
    return -weight * (times(target, log(input)) + times(1 - target, log(1 - input)))


def clamped(input: Number, target: Number) -> Number:
    """PyTorch's: each logarithm is at least -100."""
    return -(target * max(log(input), mpf(-100)) + (1 - target) * max(log(1 - input), mpf(-100)))


FORMS = (
    per_unit(bce, inputs.CHANCES_AND_LABELS, "labels", torch={}),
    per_unit(bce, inputs.CHANCES_AND_SHARES, "shares", torch={}),
)
