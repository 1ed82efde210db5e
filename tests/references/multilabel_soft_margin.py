"""The multi-label soft margin loss."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times


def multilabel_soft_margin(input: list[Number], target: list[Number], weight: list[Number] | None = None) -> Number:
    def surprise(x: Number) -> Number:
        return log(1 + mp.exp(-x))

    weight = weight or [mp.mpf(1)] * len(input)
    parts = [
        heavy * (times(t, surprise(x)) + times(1 - t, surprise(-x)))
        for x, t, heavy in zip(input, target, weight, strict=True)
    ]
    return mp.fsum(parts) / len(input)


def slope_terms(input: list[Number], target: list[Number], **_: object) -> list[Number]:
    """With a share as the target a slope is a difference, (1 - t) sigmoid(x) - t sigmoid(-x)."""
    yes = [1 / (1 + mp.exp(-x)) for x in input]
    return [max((1 - t) * s, t * (1 - s)) / len(input) for t, s in zip(target, yes, strict=True)]


FORMS = (per_unit(multilabel_soft_margin, inputs.ROWS_AND_TAGS, torch={}),)
