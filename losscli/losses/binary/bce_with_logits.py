"""Binary cross-entropy on raw scores."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import keras, optax, torch
from losscli.losses._inputs import Logit, Truth, Weight, weighted
from losscli.losses.binary._bernoulli import weightless
from losscli.numerics.logarithm import log1p_unit
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import WEIGHT
from losscli.schema.loss import Array, Option, Units

_HAS_POS_WEIGHT = "pos_weight is not None and all(pos_weight > 0) and all(finite(input))"
_SIDE = "where(target == 0, -1, target)"  # -1 for a no, which the formula does not know
_CUT = "min(max(input, 1e-7), 1 - 1e-7)"  # as if scores were probabilities
_CERTAIN = "an infinite score on the target's side is certainty, loss 0 (PyTorch prints nan)"


def bce_with_logits(
    input: Logit,
    target: Truth,
    *,
    weight: Weight = None,
    pos_weight: Annotated[Array | None, Option(WEIGHT, "weight of a yes", axes="u")] = None,
) -> Units:
    """Negative log-likelihood of a yes or no under the sigmoid of a score.

    Use: yes-or-no questions on raw scores, one or many to a sample; what to train on in place of a sigmoid and bce.
    Formula: weight (pos_weight · t · softplus(-x) + (1-t) softplus(x)), in nats, x = input, t = target.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements, whatever their weights.
    Gradient: weight ((1-t) sigmoid(x) - pos_weight · t · sigmoid(-x)); with respect to the target
    weight (pos_weight softplus(-x) - softplus(x)), which is -weight x without pos_weight.
    Relations: bce of sigmoid(x); cross_entropy of the two scores 0 and x, with probabilities 1 - t and t; soft_margin
    of labels 2t - 1; sigmoid_focal with gamma 0.
    Pitfalls: a sigmoid before it is applied twice: a yes then costs from 0.3133 to 0.6931, a no from 0.6931 to 1.3133;
    pos_weight multiplies the yes alone (negatives over positives balances them), and the mean still divides by the
    number of elements, not by the weights, as cross_entropy does;
    pos_weight broadcasts along the last axis: for (N, C, H, W) give it the shape (C, 1, 1);
    Keras takes probabilities unless from_logits=True;
    in float32, log(1 + exp(-20)) on the side of a no is 0 in PyTorch, while it is 2e-9.
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
    unbounded = size.max(initial=0.0) == np.inf
    certain = (value == 0.0) & np.isinf(size) if unbounded else None
    value *= size
    notes: tuple[str, ...] = ()
    if certain is not None and certain.any():
        value[certain] = 0.0
        notes = (_CERTAIN,)
    value += small if pos_weight is None else (1.0 - target + target * pos_weight) * small
    if weight is not None and unbounded:
        notes += weightless(weight, value)
        value = weighted(weight, value)
    elif weight is not None:
        value *= weight

    def pullback(up: Array) -> dict[str, Array]:
        if weight is not None:
            up = up * weight
        against = 1.0 - target
        favour = target if pos_weight is None else target * pos_weight
        likely, unlikely = 1.0 / (1.0 + tail), tail / (1.0 + tail)
        yes, no = np.where(positive, likely, unlikely), np.where(positive, unlikely, likely)
        if pos_weight is None:
            return {"input": (against * yes - favour * no) * up, "target": weighted(up, -input)}
        toward = np.where(positive, small, size + small)  # softplus(-x)
        away = np.where(positive, size + small, small)
        by_target = weighted(pos_weight, toward) - away
        return {"input": (against * yes - favour * no) * up, "target": weighted(up, by_target)}

    return Units(value, pullback, notes)


def _parts(input: Array) -> tuple[Array, Array]:
    """softplus(-x) and softplus(x): what a yes and what a no costs."""
    return np.logaddexp(0.0, -input), np.logaddexp(0.0, input)


def _normalised(input: Array, target: Array, weight: Array | None, pos_weight: Array) -> tuple[Array, Array]:
    yes, no = _parts(input)
    losses = pos_weight * target * yes + (1.0 - target) * no
    return weighted(weight, losses), weighted(weight, pos_weight * target + 1.0 - target)


LOSS = define(
    bce_with_logits,
    kind="binary",
    for_classes="cross_entropy",
    unit="nats",
    aliases=("sigmoid_binary_cross_entropy",),
    conventions=(
        torch("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
        keras(
            "BinaryCrossentropy(from_logits=True)",
            "binary_crossentropy(from_logits=True)",
            does="from_logits=True; on NumPy it clips the sigmoid at 1e-7, here not",
        ),
        optax("sigmoid_binary_cross_entropy"),
    ),
    relations=(
        equals(
            "BCEWithLogits(x, t) = BCE(sigmoid(x), t), taken as BCE(sigmoid(-x), 1 - t) where x > 0",
            "bce",
            {"input": "sigmoid(-abs(input))", "target": "where(input > 0, 1 - target, target)"},
            weight="weight",
            when="pos_weight is None and all(abs(input) <= 700)",
            condition="there is no pos_weight, and no score is beyond ±700, where a sigmoid vanishes",
        ),
        equals(
            "BCEWithLogits(x, t) = CrossEntropy([0, x], [1 - t, t])",
            "cross_entropy",
            lambda input, target, **_: {
                "input": np.stack([np.zeros_like(input), input], axis=1),
                "target": np.stack([1.0 - target, target], axis=1),
            },
            when="ndim(input) > 0 and weight is None and pos_weight is None",
            condition="there are no weights, and more than a single number",
        ),
    ),
    lines=(
        "yes = softplus(-input)",
        "no = softplus(input)",
        "probability = exp(-yes)",
        "loss = target * yes + (1 - target) * no, if pos_weight is None",
        "loss = pos_weight * target * yes + (1 - target) * no, if pos_weight is not None",
    ),
    textbook=("loss = softplus(input) - target * input",),
    mistakes=(
        mistake(
            "pos_weight_on_negatives",
            "pos_weight multiplied what a no costs, not what a yes does",
            "pos_weight belongs to the yes, whose target is 1",
            "weighted(weight, target * softplus(-input) + pos_weight * (1 - target) * softplus(input))",
            tier="A",
            given=_HAS_POS_WEIGHT,
        ),
        mistake(
            "pos_weight_inverse",
            "what a yes costs was divided by pos_weight, not multiplied",
            "pos_weight is the number of noes over that of yeses, and multiplies",
            "weighted(weight, target * softplus(-input) / pos_weight + (1 - target) * softplus(input))",
            tier="A",
            given=_HAS_POS_WEIGHT,
        ),
        mistake(
            "pos_weight_on_both",
            "pos_weight multiplied every loss, that of a no too",
            "pos_weight belongs to the yes alone; a weight for all is `weight`",
            "weighted(weight, pos_weight * (target * softplus(-input) + (1 - target) * softplus(input)))",
            tier="A",
            given=_HAS_POS_WEIGHT,
        ),
        mistake(
            "pos_weight_normalised",
            "the sum was divided by the sum of the weights that pos_weight gives, not by the number of elements",
            "divide by the number of elements, as PyTorch does",
            _normalised,
            tier="A",
            given=_HAS_POS_WEIGHT,
        ),
        mistake(
            "minus_one_for_zero",
            "the targets were -1 and 1, where 0 and 1 are expected",
            "make 0 of -1: (target + 1) / 2",
            f"weighted(weight, {_SIDE} * weighted(pos_weight, softplus(-input)) + (1 - {_SIDE}) * softplus(input))",
            tier="A",
            given="not all(target != 0) and all(finite(input))",
        ),
        mistake(
            "scores_taken_for_probabilities",
            "the raw scores were taken for probabilities and cut off at 1e-7 (Keras without from_logits=True)",
            "give the Keras loss from_logits=True",
            f"weighted(weight, -target * log({_CUT}) - (1 - target) * log1p(-{_CUT}))",
            tier="A",
        ),
    ),
    example=("[2.5, -1, 0.3]", "[1, 0, 0]", "--pos-weight", "3"),
)
