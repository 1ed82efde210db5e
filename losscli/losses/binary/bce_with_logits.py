"""Binary cross-entropy on raw scores."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.numerics.logarithm import log1p_unit
from losscli.schema.domains import EXTENDED, NONNEGATIVE, PROBABILITY, REAL
from losscli.schema.loss import Array, Equals, Option, Role, Units, define

_CERTAIN = "an infinite score on the target's side is certainty, loss 0 (PyTorch prints nan)"


def bce_with_logits(
    input: Annotated[Array, Role("u", EXTENDED, "raw scores (logits)")],
    target: Annotated[Array, Role("u", PROBABILITY, "1 for yes, 0 for no, or a share")],
    *,
    weight: Annotated[Array | None, Option(REAL, "what each element counts, broadcast to the input", axes="u")] = None,
    pos_weight: Annotated[
        Array | None, Option(NONNEGATIVE, "what a yes counts, broadcast to the input", axes="u")
    ] = None,
) -> Units:
    """How surprised a sigmoid of the score is by the truth.

    Formula: weight (pos_weight · t · softplus(-x) + (1-t) softplus(x)), in nats, x = input, t = target.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements, whatever their weights.
    Gradient: weight ((1-t) sigmoid(x) - pos_weight · t · sigmoid(-x)); with respect to the target
    weight (pos_weight softplus(-x) - softplus(x)), which is -weight x without pos_weight.
    Relations: bce of sigmoid(x); cross_entropy of the two scores 0 and x, with shares 1 - t and t.
    Source: torch.nn.functional.binary_cross_entropy_with_logits.
    """
    size = np.abs(input)
    positive = input > 0.0
    tail = np.negative(size)
    np.exp(tail, out=tail)
    small = log1p_unit(tail)  # softplus(-|x|); softplus(|x|) is |x| more
    # |x| times what speaks against its sign, plus the tail: two terms that are not negative, so that nothing cancels,
    # where max(x, 0) - x t would, near t = 1
    if pos_weight is None:
        value = np.subtract(positive, target)
        np.abs(value, out=value)
    else:
        value = np.where(positive, 1.0 - target, target * pos_weight)
    certain = (value == 0.0) & np.isinf(size) if size.max(initial=0.0) == np.inf else None
    value *= size
    notes: tuple[str, ...] = ()
    if certain is not None and certain.any():
        value[certain] = 0.0
        notes = (_CERTAIN,)
    value += small if pos_weight is None else (1.0 - target + target * pos_weight) * small
    if weight is not None:
        value *= weight

    def pullback(up: Array) -> dict[str, Array]:
        if weight is not None:
            up = up * weight
        against = 1.0 - target
        favour = target if pos_weight is None else target * pos_weight
        likely, unlikely = 1.0 / (1.0 + tail), tail / (1.0 + tail)
        yes, no = np.where(positive, likely, unlikely), np.where(positive, unlikely, likely)
        if pos_weight is None:
            return {"input": (against * yes - favour * no) * up, "target": -input * up}
        toward = np.where(positive, small, size + small)  # softplus(-x)
        away = np.where(positive, size + small, small)
        return {"input": (against * yes - favour * no) * up, "target": (toward * pos_weight - away) * up}

    return Units(value, pullback, notes)


LOSS = define(
    bce_with_logits,
    class_name="BCEWithLogitsLoss",
    function_name="binary_cross_entropy_with_logits",
    aliases=("sigmoid_binary_cross_entropy",),
    relations=(
        Equals(
            "BCEWithLogits(x, t) = CrossEntropy([0, x], [1 - t, t])",
            "cross_entropy",
            lambda input, target, **_: {
                "input": np.stack([np.zeros_like(input), input], axis=1),
                "target": np.stack([1.0 - target, target], axis=1),
            },
            given=lambda input, weight, pos_weight, **_: input.ndim > 0 and weight is None and pos_weight is None,
        ),
    ),
)
