"""The margin ranking loss."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def margin_ranking(input1: Number, input2: Number, target: Number, margin: Number) -> Number:
    return max(mpf(0), -target * (input1 - input2) + margin)


FORMS = (per_unit(margin_ranking, inputs.RANKED, torch={}, margin=0.0),)
