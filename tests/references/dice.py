"""The Dice loss."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.references import Known, whole
from tests.references import _inputs as inputs
from tests.references._formulas import Number, flat
from tests.references._reasons import CANCEL, GRADIENT


def dice(p: list[Number], t: list[Number], smooth: Number, eps: Number) -> Number:
    common = mp.fdot(p, t)
    return 1 - (2 * common + smooth) / (mp.fsum(p) + mp.fsum(t) + smooth + eps)


def of_masks(given: dict[str, Any]) -> list[Number]:
    return [dice(flat(given["input"]), flat(given["target"]), mpf(0), mpf(0))]


FORMS = (whole(of_masks, inputs.MASKS, torch={}),)
ABOVE_LIMIT = {GRADIENT: f"{CANCEL}; products of two probabilities under 1e-154 underflow"}
KNOWN = (
    Known("by hand: three of four pixels each, two in common", ([[1, 1], [1, 0]], [[1, 1], [0, 1]]), 1 / 3),
    Known("by hand: 1 - 5/7", ([[1, 1], [1, 0]], [[1, 1], [0, 1]]), 2 / 7, {"smooth": 1.0}),
)
