"""The triplet margin loss."""

from __future__ import annotations

from functools import partial

from mpmath import mp, mpf

from tests.references import Form
from tests.references import _inputs as inputs
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT
from tests.references._truth import by_unit

Vector = list[Number]
ROLES = ("anchor", "positive", "negative")


def distance(one: Vector, other: Vector, p: Number, eps: Number) -> Number:
    entries = [abs(a - b + eps) for a, b in zip(one, other, strict=True)]
    return max(entries) if mp.isinf(p) else mp.fsum(entry**p for entry in entries) ** (1 / p)


def triplet_margin(
    anchor: Vector, positive: Vector, negative: Vector, margin: Number, p: Number, eps: Number, swap: bool = False
) -> Number:
    far = distance(anchor, negative, p, eps)
    if swap:
        far = min(far, distance(positive, negative, p, eps))
    return max(mpf(0), distance(anchor, positive, p, eps) - far + margin)


def of_slopes(**_: object) -> Number:
    """Slopes with respect to the anchor, and with swap all, are differences of entries of two unit vectors."""
    return mpf(1)


TERMS = dict.fromkeys(ROLES, of_slopes)


FORMS = (
    Form(
        "", inputs.TRIPLETS, by_unit(partial(triplet_margin, margin=mpf(1), p=mpf(2), eps=mpf(0))), torch={"eps": 0.0}
    ),
)
ABOVE_LIMIT = {GRADIENT: "of the anchor, a difference of two rounded unit vectors: good to some ulp of 1"}
