"""The contrastive loss."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number

Vector = list[Number]


def contrastive(input1: Vector, input2: Vector, target: Number, margin: Number) -> Number:
    distance = mp.sqrt(mp.fsum((a - b) ** 2 for a, b in zip(input1, input2, strict=True)))
    return distance**2 / 2 if target == 1 else max(mpf(0), margin - distance) ** 2 / 2


FORMS = (per_unit(contrastive, inputs.SAME_OR_APART, torch={}, margin=1.0),)
