"""Binary cross-entropy on raw scores."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def softplus(score: Number) -> Number:
    return mp.log(1 + mp.exp(score)) if score < 2000 else score  # exp(-2000) is below any float


def from_logits(input: Number, target: Number, weight: Number = 1, pos_weight: Number = 1) -> Number:
    return weight * (pos_weight * target * softplus(-input) + (1 - target) * softplus(input))


def terms(input: Number, target: Number, weight: Number = 1, pos_weight: Number = 1) -> Number:
    """With a share as the target, the slope is what speaks for a yes less what speaks for a no."""
    yes, no = 1 / (1 + mp.exp(-input)), 1 / (1 + mp.exp(input))
    return abs(weight) * max((1 - target) * yes, pos_weight * target * no)


FORMS = (
    per_unit(from_logits, inputs.SCORES_AND_LABELS, "labels", torch={}),
    per_unit(from_logits, inputs.SCORES_AND_SHARES, "shares", torch={}),
)
