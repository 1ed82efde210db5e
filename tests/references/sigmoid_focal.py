"""The focal loss on raw scores."""

from __future__ import annotations

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number
from tests.references._reasons import CANCEL, GRADIENT


def softplus(score: Number) -> Number:
    return mp.log(1 + mp.exp(score)) if score < 2000 else score


def parts(input: Number, target: Number, alpha: Number) -> tuple[Number, Number, Number]:
    """1 - p_t, the cross-entropy and alpha_t."""
    yes, no = 1 / (1 + mp.exp(-input)), 1 / (1 + mp.exp(input))
    missing = yes * (1 - target) + no * target
    cross = target * softplus(-input) + (1 - target) * softplus(input)
    return missing, cross, alpha * target + (1 - alpha) * (1 - target) if alpha >= 0 else mpf(1)


def sigmoid_focal(input: Number, target: Number, alpha: Number, gamma: Number) -> Number:
    missing, cross, share = parts(input, target, alpha)
    return share * missing**gamma * cross


def input_terms(input: Number, target: Number, alpha: Number, gamma: Number) -> Number:
    """The largest of what the product rule adds up, and takes away."""
    missing, cross, share = parts(input, target, alpha)
    yes, no = 1 / (1 + mp.exp(-input)), 1 / (1 + mp.exp(input))
    bend = gamma * yes * no / missing * cross
    return share * missing**gamma * max(bend, (1 - target) * yes, target * no)


def target_terms(input: Number, target: Number, alpha: Number, gamma: Number) -> Number:
    missing, cross, share = parts(input, target, alpha)
    tilt = abs(2 * alpha - 1) * cross if alpha >= 0 else mpf(0)
    return missing**gamma * max(tilt, share * gamma * cross / missing, share * abs(input))


FORMS = (
    per_unit(sigmoid_focal, inputs.SCORES_AND_LABELS, "labels", torch={}, alpha=0.25, gamma=2.0),
    per_unit(sigmoid_focal, inputs.SCORES_AND_SHARES, "shares", torch={}, alpha=0.25, gamma=2.0),
)
ABOVE_LIMIT = {GRADIENT: CANCEL}
