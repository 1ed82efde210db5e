"""InfoNCE, and its symmetric form NT-Xent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import whole
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT

Vector = list[Number]


def cosine(one: Vector, other: Vector) -> Number:
    return mp.fdot(one, other) / mp.sqrt(mp.fdot(one, one) * mp.fdot(other, other))


def surprise(query: Vector, own: Vector, others: list[Vector], temperature: Number) -> Number:
    """-log of the share of its own among all, as log(1 + Σ exp(…)): a tiny loss keeps its digits."""
    score = cosine(query, own)
    return mp.log1p(mp.fsum(mp.exp((cosine(query, other) - score) / temperature) for other in others))


def info_nce(anchors: list[Vector], positives: list[Vector], temperature: Number, symmetric: bool) -> list[Number]:
    found = []
    for at, (anchor, positive) in enumerate(zip(anchors, positives, strict=True)):
        other_anchors, other_positives = (rows[:at] + rows[at + 1 :] for rows in (anchors, positives))
        if not symmetric:
            found.append(surprise(anchor, positive, other_positives, temperature))
            continue
        others = other_anchors + other_positives
        found.append(sum(surprise(*pair, others, temperature) for pair in ((anchor, positive), (positive, anchor))) / 2)
    return found


def views(*, symmetric: bool) -> Callable[[dict[str, Any]], list[Number]]:
    return lambda given: info_nce(given["anchor"], given["positive"], mpf(0.07), symmetric)


FORMS = (
    whole(views(symmetric=False), inputs.VIEWS, torch={}),
    whole(views(symmetric=True), inputs.VIEWS, "symmetric", torch={"symmetric": True}, symmetric=True),
)
ABOVE_LIMIT = {GRADIENT: "a sum of rounded slopes, one a pair: good to some ulp of the largest of them"}
