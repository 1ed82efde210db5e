"""The multi-class margin loss."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def multi_margin(
    input: list[Number], target: int, p: int = 1, margin: Number = 1, weight: list[Number] | None = None
) -> Number:
    over = [max(mp.mpf(0), margin - input[target] + x) ** p for c, x in enumerate(input) if c != target]
    return mp.fsum(over) / len(input) * (weight[target] if weight else 1)


FORMS = (per_unit(multi_margin, inputs.ROWS_AND_LABELS, torch={}),)
