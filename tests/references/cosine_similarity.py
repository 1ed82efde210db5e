"""The cosine of the angle between two vectors."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT, PROJECTION

Vector = list[Number]


def length(vector: Vector) -> Number:
    return mp.sqrt(mp.fdot(vector, vector))


def cosine(x1: Vector, x2: Vector) -> Number:
    return mp.fdot(x1, x2) / (length(x1) * length(x2))


def bounded(x1: Vector, x2: Vector, eps: Number) -> Number:
    return mp.fdot(x1, x2) / (max(length(x1), eps) * max(length(x2), eps))


def subtrahends(own: Vector, other: Vector) -> Vector:
    """A slope is what of the other vector does not lie along the own: good to 2**-45 ulps of what is taken away."""
    share = mp.fdot(own, other) / mp.fdot(own, own) / (length(own) * length(other))
    return [abs(entry * share) * mpf(2) ** -45 for entry in own]


TERMS = {"x1": lambda x1, x2, **_: subtrahends(x1, x2), "x2": lambda x1, x2, **_: subtrahends(x2, x1)}


FORMS = (per_unit(cosine, inputs.vectors("x1", "x2"), torch={"eps": 0.0}),)
ABOVE_LIMIT = {GRADIENT: PROJECTION}
