"""The Tversky loss."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import whole
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
