"""Cross-entropy on probabilities."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times


def of_labels(input: list[Number], target: int) -> Number:
    return -log(input[target])


def of_shares(input: list[Number], target: list[Number]) -> Number:
    return -mp.fsum(times(share, log(chance)) for share, chance in zip(target, input, strict=True))


FORMS = (
    per_unit(of_labels, inputs.DISTRIBUTIONS_AND_LABELS, "labels", torch={}),
    per_unit(of_shares, inputs.DISTRIBUTIONS_AND_SHARES, "shares"),
)
