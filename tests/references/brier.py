"""The Brier score."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def of_rows(input: list[Number], target: list[Number], scale: int = 1) -> Number:
    return mp.fsum((p - t) ** 2 for p, t in zip(input, target, strict=True)) * scale


def of_labels(input: list[Number], target: int) -> Number:
    return of_rows(input, [mp.mpf(int(c == target)) for c in range(len(input))])


FORMS = (
    per_unit(of_labels, inputs.DISTRIBUTIONS_AND_LABELS, "labels"),
    per_unit(of_rows, inputs.DISTRIBUTIONS_AND_SHARES, "shares"),
)
