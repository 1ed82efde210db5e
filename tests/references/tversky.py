"""The Tversky loss."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.references import Known, whole
from tests.references import _inputs as inputs
from tests.references._formulas import Number, flat
from tests.references._reasons import GRADIENT


def parts(p: list[Number], t: list[Number]) -> tuple[Number, Number, Number]:
    """True positives, false positives, false negatives."""
    pairs = list(zip(p, t, strict=True))
    return mp.fdot(p, t), mp.fsum(a * (1 - b) for a, b in pairs), mp.fsum(b * (1 - a) for a, b in pairs)


def of_masks(given: dict[str, Any]) -> list[Number]:
    right, wrong, missed = parts(flat(given["input"]), flat(given["target"]))
    return [1 - right / (right + mpf(0.3) * wrong + mpf(0.7) * missed)]


FORMS = (whole(of_masks, inputs.MASKS, torch={}),)
ABOVE_LIMIT = {GRADIENT: "products of two probabilities under 1e-154 underflow"}
PIXELS = ([1, 1, 1, 0], [1, 1, 0, 1])
KNOWN = (
    Known("by hand: two right, one too many, one missed: the Jaccard index", PIXELS, 0.5, {"alpha": 1.0, "beta": 1.0}),
    Known("by hand: what is missed counts twice", PIXELS, 0.5, {"alpha": 0.0, "beta": 2.0}),
    Known("by hand: 1 - 3/5", PIXELS, 0.4, {"alpha": 0.0, "beta": 2.0, "smooth": 1.0}),
    Known("the default: alpha 0.3 for what is wrong", ([1, 1], [1, 0]), 0.3 / 1.3),
    Known("the default: beta 0.7 for what is missed", ([1, 0], [1, 1]), 0.7 / 1.7),
)
