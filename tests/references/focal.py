"""The focal loss on probabilities."""

from __future__ import annotations

from mpmath import mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, times
from tests.references._reasons import CANCEL, GRADIENT


def focal(input: Number, target: Number, gamma: Number, alpha: Number) -> Number:
    right = input * target + (1 - input) * (1 - target)
    share = alpha * target + (1 - alpha) * (1 - target)
    return -share * (1 - right) ** gamma * (times(target, log(input)) + times(1 - target, log(1 - input)))


def input_terms(input: Number, target: Number, gamma: Number, alpha: Number) -> Number:
    """The product rule's two terms: of the power, and of the cross-entropy."""
    missing = input * (1 - target) + (1 - input) * target
    share = alpha * target + (1 - alpha) * (1 - target)
    slope = (input - target) / (input * (1 - input))
    return max(abs(gamma / missing * focal(input, target, gamma, alpha)), abs(share * missing**gamma * slope))


def target_terms(input: Number, target: Number, gamma: Number, alpha: Number) -> Number:
    missing = input * (1 - target) + (1 - input) * target
    share = alpha * target + (1 - alpha) * (1 - target)
    loss = abs(focal(input, target, gamma, alpha))
    return max(loss / share, loss * gamma / missing, share * missing**gamma * max(-log(input), -log(1 - input)))


def keras_focal(input: Number, target: Number, gamma: Number, alpha: Number, apply_class_balancing: bool) -> Number:
    """Keras': the cross-entropy's p is cut off, the power's is not, and alpha counts only if told to."""
    p = max(min(input, mpf(1.0 - 1e-7)), mpf(1e-7))
    missing = input * (1 - target) + (1 - input) * target
    share = alpha * target + (1 - alpha) * (1 - target) if apply_class_balancing else 1
    return -share * missing**gamma * (target * log(p) + (1 - target) * log(1 - p))


FORMS = (
    per_unit(focal, inputs.CHANCES_AND_LABELS, "labels", torch={}, gamma=2.0, alpha=0.75),
    per_unit(focal, inputs.CHANCES_AND_SHARES, "shares", torch={}, gamma=2.0, alpha=0.75),
)
ABOVE_LIMIT = {GRADIENT: CANCEL}
