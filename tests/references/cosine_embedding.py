"""The cosine embedding loss."""

from __future__ import annotations

import numpy as np
from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT, PROJECTION

Vector = list[Number]
EPS = np.float64(np.float32(1e-12))  # PyTorch writes 1e-12 and keeps a float32


def cosine(one: Vector, other: Vector, eps: Number) -> Number:
    return mp.fdot(one, other) / mp.sqrt((mp.fdot(one, one) + eps) * (mp.fdot(other, other) + eps))


def without_eps(input1: Vector, input2: Vector, target: Number, margin: Number, eps: Number = 0) -> Number:
    angle = cosine(input1, input2, eps)
    return 1 - angle if target == 1 else max(mpf(0), angle - margin)


def with_eps(input1: Vector, input2: Vector, target: Number, margin: Number) -> Number:
    return without_eps(input1, input2, target, margin, eps=mpf(float(EPS)))


def subtrahends(own: Vector, other: Vector) -> Vector:
    """As for cosine_similarity: good to 2**-45 ulps of what is taken away."""
    squares = mp.fdot(own, own)
    share = mp.fdot(own, other) / squares / mp.sqrt(squares * mp.fdot(other, other))
    return [abs(entry * share) * mpf(2) ** -45 for entry in own]


TERMS = {
    "input1": lambda input1, input2, **_: subtrahends(input1, input2),
    "input2": lambda input1, input2, **_: subtrahends(input2, input1),
}


FORMS = (per_unit(without_eps, inputs.WITH_SIDES, torch={}, margin=0.0),)
ABOVE_LIMIT = {GRADIENT: PROJECTION}
