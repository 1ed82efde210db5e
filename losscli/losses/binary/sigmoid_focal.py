"""The focal loss on raw scores."""

from __future__ import annotations

from math import exp, inf, log, log1p
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import keras, optax
from losscli.losses._inputs import Logit, Truth, weighted
from losscli.losses.binary._bernoulli import (
    BALANCE,
    KERAS_EPSILON,
    balance,
    beyond,
    keras_ceiling,
    weightless,
)
from losscli.losses.binary._focusing import focal_mistakes
from losscli.numerics.double_double import Doubled, doubled, two_sum
from losscli.numerics.double_double import log as log_doubled
from losscli.schema.define import define, equals
from losscli.schema.domains import NONNEGATIVE, Domain
from losscli.schema.loss import Array, Constant, Convention, Option, Units

_CERTAIN = "an infinite score on the target's side is certainty, loss 0 (torchvision prints nan)"
_CROSS_ENTROPY = "target * softplus(-{0}) + (1 - target) * softplus({0})"
_MISSING = "sigmoid(input) * (1 - target) + sigmoid(-input) * target"
_BALANCE = Domain(
    "from 0 to 1, or down to -1 for no balance", low=-1.0, high=1.0, typical=(0.0, 1.0), edges=(-1.0, 0.0, 1.0)
)


def sigmoid_focal(
    input: Logit,
    target: Truth,
    *,
    alpha: Annotated[float, Option(_BALANCE, "weight of a yes; a no has 1 - alpha; below 0 both have 1")] = 0.25,
    gamma: Annotated[float, Option(NONNEGATIVE, "how strongly easy samples are played down")] = 2.0,
    score_floor: Annotated[float, Constant("what a smaller score is raised to in the cross-entropy")] = -inf,
    score_ceiling: Annotated[float, Constant("what a larger score is lowered to in the cross-entropy")] = inf,
) -> Units:
    """Binary cross-entropy on raw scores that plays down what the model already gets right.

    Use: a rare yes among very many easy noes, as the anchors of a detector; in training, where focal on probabilities
    would lose the digits of those that are nearly sure.
    Formula: alpha_t (1 - p_t)^gamma · bce_with_logits(x, t), in nats, x = input, t = target, where
    1 - p_t = p (1-t) + (1-p) t, p = sigmoid(x), and alpha_t = alpha t + (1-alpha)(1-t), or 1 if alpha is negative.
    Inputs: two arrays of one shape, any rank. As in torchvision, nothing is reduced unless asked for.
    Gradient: alpha_t (1 - p_t)^gamma (p - t + gamma p (1-p) (1-2t) bce_with_logits(x, t) / (1 - p_t)).
    Accuracy: 4 ulp. A slope with respect to the target, or to x where the target is no label, is a difference: good to
    some ulp of its largest term.
    Relations: focal of sigmoid(x); bce_with_logits with the weights alpha_t (1 - p_t)^gamma, and with none when
    gamma = 0 and alpha is negative.
    Pitfalls: alpha belongs to the yes; on the no, or on both, the value is another;
    defaults differ: alpha is 0.25 in torchvision, none in optax, and Keras ignores its 0.25 unless
    apply_class_balancing is true (here: unless alpha is written);
    a sigmoid before it is applied twice;
    p_t is each sample's: a power of the mean cross-entropy, exp(-mean), is one number for all;
    detectors divide the sum by the number of positives, not by that of anchors;
    the cross-entropy that goes into p_t must be without alpha and weights.
    Source: T.-Y. Lin et al., ICCV 2017, equation 5; torchvision.ops.sigmoid_focal_loss.
    """
    # doubled precision up to the power, which multiplies the error of 1 - p_t
    positive, tail, rest = input > 0.0, _tail(input), two_sum(-target, 1.0)
    against, favour = _either(positive, rest, doubled(target)), _either(positive, doubled(target), rest)
    whole = tail + 1.0
    missing = (against + favour * tail) / whole
    focus = missing.power(gamma)
    score = np.clip(input, score_floor, score_ceiling)
    size = np.abs(score)
    certain = (against.high == 0.0) & (size == inf)
    cross = np.where(certain, 0.0, size * against.high) + np.log1p(np.exp(-size))
    alpha_t = balance(target, alpha) if alpha >= 0.0 else 1.0
    tilt = 2.0 * alpha - 1.0 if alpha >= 0.0 else 0.0

    def pullback(up: Array) -> dict[str, Array]:
        likely, unlikely = doubled(np.ones_like(input)) / whole, tail / whole
        p, q = _either(positive, likely, unlikely), _either(positive, unlikely, likely)
        steep = np.where(beyond(input, score_floor, score_ceiling), 0.0, (p * rest - q * target).high)
        lost = missing.high == 0.0  # nothing is left of a power of it, nor of the cross-entropy
        bend = weighted(np.where(lost, 0.0, gamma * (p * q / missing).high), cross)
        turn = np.where(lost, 0.0, gamma * (cross / missing.high) * (q - p).high)
        return {
            "input": weighted(alpha_t * up, focus * (bend * (1.0 - 2.0 * target) + steep)),
            "target": weighted(up, tilt * focus * cross + weighted(alpha_t, weighted(focus, turn - score))),
        }

    loss = focus * cross
    notes = ((_CERTAIN,) if certain.any() else ()) + weightless(alpha_t, loss)
    return Units(weighted(alpha_t, loss), pullback, notes)


def _either(condition: NDArray[np.bool_], chosen: Doubled, rest: Doubled) -> Doubled:
    return Doubled(np.where(condition, chosen.high, rest.high), np.where(condition, chosen.low, rest.low))


def _tail(score: Array) -> Doubled:
    """exp(-|score|) in doubled precision: the logarithm of the plain result says how far that is off."""
    size = np.abs(score)
    tail = np.exp(-size)
    low = -tail * (log_doubled(tail) + size).high
    return Doubled(tail, np.where(tail > 0.0, low, 0.0))


def _softplus(score: float) -> float:
    return max(score, 0.0) + log1p(exp(-abs(score)))


def _keras_score_ceiling(dtype: str) -> float:
    highest = keras_ceiling(dtype)
    return log(highest) - log(1.0 - highest)


LOSS = define(
    sigmoid_focal,
    kind="binary",
    for_classes="softmax_focal",
    unit="nats",
    function_name="sigmoid_focal_loss",
    conventions=(
        Convention("torch", "torchvision/ops/focal_loss.py: sigmoid_focal_loss, which does not reduce", "none"),
        keras(
            "BinaryFocalCrossentropy(from_logits=True)",
            "binary_focal_crossentropy(from_logits=True)",
            does="sigmoid(x) is clipped at 1e-7 in the cross-entropy, not in the power; alpha if apply_class_balancing",
            alpha=-1.0,
            score_floor=log(KERAS_EPSILON) - log1p(-KERAS_EPSILON),
            score_ceiling=_keras_score_ceiling,
        ),
        optax("sigmoid_focal_loss", does="alpha is None, and nothing is reduced", alpha=-1.0),
    ),
    relations=(
        equals(
            "SigmoidFocal(x, t) = BCEWithLogits(x, t, weight = alpha_t (1 - p_t)^gamma)",
            "bce_with_logits",
            weight=f"where(alpha >= 0, {BALANCE}, 1) * ({_MISSING}) ** gamma",
        ),
    ),
    kinks="finite(input) and (input == score_floor or input == score_ceiling)",
    lines=(
        f"missing = {_MISSING}",
        "score = min(max(input, score_floor), score_ceiling)",
        f"cross_entropy = {_CROSS_ENTROPY.format('score')}",
        f"alpha_t = {BALANCE}, if alpha >= 0",
        "alpha_t = 1, if alpha < 0",
        "loss = alpha_t * (missing ** gamma * cross_entropy)",
    ),
    mistakes=focal_mistakes(_CROSS_ENTROPY.format("input"), _MISSING, "alpha >= 0"),
    example=("[4, -3, -0.5]", "[1, 0, 1]", "--reduction", "mean"),
)
