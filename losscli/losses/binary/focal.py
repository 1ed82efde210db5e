"""The focal loss on probabilities."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._aten import EPSILON
from losscli.losses._frameworks import exact, keras
from losscli.losses._inputs import Probability, Truth, weighted
from losscli.losses.binary._bernoulli import (
    BALANCE,
    CUT_KINKS,
    KERAS_BOUNDS,
    LOG_FLOOR,
    P_CEILING,
    P_FLOOR,
    SLOPE_FLOOR,
    TORCH_BOUNDS,
    UNBOUNDED,
    balance,
    beyond,
    bounds,
    expected,
    log_odds_against,
    nlls,
    slope,
    weightless,
)
from losscli.losses.binary._focusing import focal_mistakes
from losscli.numerics.double_double import two_product, two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import NONNEGATIVE, PROBABILITY, TRUTH
from losscli.schema.loss import Array, Constant, Convention, Option, Units

_MISSING = "input * (1 - target) + (1 - input) * target"
_CROSS_ENTROPY = "-target * max(log({0}), {1}) - (1 - target) * max(log1p(-{0}), {1})"
_ALPHA_T = f"where(apply_class_balancing, {BALANCE}, 1)"


def focal(
    input: Probability,
    target: Truth,
    *,
    gamma: Annotated[float, Option(NONNEGATIVE, "how strongly easy samples are played down")] = 2.0,
    alpha: Annotated[float, Option(PROBABILITY, "weight of a yes; a no has 1 - alpha")] = 0.75,
    apply_class_balancing: Annotated[bool, Option(TRUTH, "whether alpha is applied")] = True,
    log_floor: Annotated[float, Constant(LOG_FLOOR)] = -100.0,
    slope_floor: Annotated[float, Constant(SLOPE_FLOOR)] = EPSILON,
    p_floor: Annotated[float, Constant(P_FLOOR)] = 0.0,
    p_ceiling: Annotated[float, Constant(P_CEILING)] = 1.0,
) -> Units:
    """Binary cross-entropy that plays down what the model already gets right.

    Use: a rare yes among very many easy noes, as in detection or screening, where the model answers with probabilities;
    sigmoid_focal is the same on raw scores.
    Formula: alpha_t (1 - p_t)^gamma · bce(p, t), in nats, where p_t = p t + (1-p)(1-t) is what the truth was given and
    alpha_t = alpha t + (1-alpha)(1-t); 1 without class balancing.
    Inputs: two arrays of one shape, any rank.
    Gradient: the product rule, with the slope of bce as PyTorch bounds it.
    Accuracy: 4 ulp. A slope with respect to the target, or to p where the target is no label, is a difference: good to
    some ulp of its largest term.
    Relations: bce with the weights alpha_t (1 - p_t)^gamma; half of bce when gamma = 0 and alpha = 1/2;
    sigmoid_focal of log(p / (1-p)).
    Pitfalls: alpha belongs to the yes, the rarer class as a rule; on the no, or on both, the value is another;
    defaults differ: alpha is 0.75 here as in the tutorials, 0.25 in torchvision and the paper, and Keras ignores
    its own unless apply_class_balancing is true;
    p_t is each sample's: a power of the mean cross-entropy, exp(-mean), is one number for all;
    the power is that of 1 - p_t, not of p_t;
    detectors divide the sum by the number of positives, not by that of samples.
    Source: T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5, with the tutorials' alpha.
    """
    p = np.clip(input, p_floor, p_ceiling)
    yes, no = nlls(p, log_floor)
    cross = expected(yes, no, target)
    hit = two_product(input, target)
    missing = two_sum(input, target) - hit - hit  # 1 - p_t = p (1-t) + (1-p) t; a power multiplies its rounding error
    focus = missing.power(gamma)
    alpha_t = balance(target, alpha) if apply_class_balancing else 1.0
    tilt = 2.0 * alpha - 1.0 if apply_class_balancing else 0.0

    def pullback(up: Array) -> dict[str, Array]:
        # gamma missing^(gamma-1) · cross: where cross is 0 it falls faster than a power rises
        bend = np.where(cross == 0.0, 0.0, gamma * missing.power(gamma - 1.0) * cross) if gamma else 0.0 * focus
        steep = np.where(beyond(input, p_floor, p_ceiling), 0.0, slope(p, target, slope_floor))
        against = log_odds_against(p, yes, no)
        turn = np.where(np.isinf(against), against, focus * against)  # also where focus is 0: the loss jumps to inf
        by_power = np.where(np.isinf(steep), 0.0, bend * (1.0 - 2.0 * target))  # 1/p outgrows the logarithm in `bend`
        return {
            "input": weighted(alpha_t * up, by_power + focus * steep),
            "target": weighted(up, tilt * focus * cross + weighted(alpha_t, bend * (1.0 - 2.0 * input) + turn)),
        }

    loss = focus * cross
    made = tuple(bounds(input, target, yes, no, log_floor, p_floor, p_ceiling))
    return Units(weighted(alpha_t, loss), pullback, weightless(alpha_t, loss), bounds=made)


LOSS = define(
    focal,
    kind="binary",
    for_classes="softmax_focal",
    unit="nats",
    class_name="FocalLoss",
    aliases=("BinaryFocalCrossentropy", "binary_focal_crossentropy"),
    conventions=(
        Convention("torch", f"PyTorch has no such loss; logarithms as in {TORCH_BOUNDS}"),
        exact(**UNBOUNDED),
        keras(
            "BinaryFocalCrossentropy",
            "binary_focal_crossentropy",
            does="p is clipped at 1e-7, but not in the power",
            **KERAS_BOUNDS,
            alpha=0.25,
            apply_class_balancing=False,
        ),
    ),
    relations=(
        equals(
            "Focal(p, t) = BCE(p, t, weight = alpha_t (1 - p_t)^gamma)",
            "bce",
            weight=f"({_ALPHA_T}) * ({_MISSING}) ** gamma",
        ),
        equals(
            "Focal(p, t) = SigmoidFocal(log(p / (1-p)), t)",
            "sigmoid_focal",
            {"input": "log(input / (1 - input))", "target": "target"},
            gamma="gamma",
            alpha="where(apply_class_balancing, alpha, -1)",
            when="all(input == 0 or input == 1 or input >= 0.05 and input <= 0.95)",
            condition="probabilities are 0, 1 or from 0.05 to 0.95",
        ),
        equals(
            "Focal(gamma=0, alpha=1/2) = BCE / 2",
            "bce",
            times=0.5,
            when="gamma == 0 and alpha == 0.5 and apply_class_balancing",
        ),
    ),
    kinks=CUT_KINKS,
    lines=(
        f"missing = {_MISSING}",
        "p = input, if p_floor == 0",
        "p = min(max(input, p_floor), p_ceiling), if p_floor > 0",
        f"cross_entropy = {_CROSS_ENTROPY.format('p', 'log_floor')}",
        f"alpha_t = {BALANCE}, if apply_class_balancing",
        "alpha_t = 1, if not apply_class_balancing",
        "loss = alpha_t * (missing ** gamma * cross_entropy)",
    ),
    mistakes=focal_mistakes(_CROSS_ENTROPY.format("input", -100), _MISSING, "apply_class_balancing"),
    example=("[0.9, 0.1, 0.5]", "[1, 0, 1]"),
)
