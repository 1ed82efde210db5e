"""The multi-label margin loss."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def multilabel_margin(input: list[Number], target: list[int]) -> Number:
    true = target[: target.index(-1)] if -1 in target else target
    over = [max(mp.mpf(0), 1 - input[y] + x) for y in true for c, x in enumerate(input) if c not in true]
    return mp.fsum(over) / len(input)


FORMS = (per_unit(multilabel_margin, inputs.ROWS_AND_LABEL_ROWS, torch={}),)
