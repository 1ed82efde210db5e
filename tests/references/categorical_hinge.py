"""The categorical hinge loss."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def of_rows(input: list[Number], target: list[Number]) -> Number:
    against = max((1 - t) * x for t, x in zip(target, input, strict=True))
    favour = mp.fsum(t * x for t, x in zip(target, input, strict=True))
    return max(mp.mpf(0), against - favour + 1)


def of_labels(input: list[Number], target: int) -> Number:
    return of_rows(input, [mp.mpf(int(c == target)) for c in range(len(input))])


FORMS = (
    per_unit(of_labels, inputs.ROWS_AND_LABELS, "labels"),
    per_unit(of_rows, inputs.ROWS_AND_SHARES, "shares"),
)
