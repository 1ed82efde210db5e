"""The focal loss on probabilities."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._aten import EPSILON
from losscli.losses.binary._bernoulli import (
    CONVENTIONS,
    LOG_FLOOR,
    SLOPE_FLOOR,
    expected,
    log_odds_against,
    slope,
    surprises,
)
from losscli.numerics.doubled import two_product, two_sum
from losscli.schema.domains import NONNEGATIVE, PROBABILITY
from losscli.schema.loss import Array, Constant, Equals, Option, Role, Units, define


def focal(
    input: Annotated[Array, Role("u", PROBABILITY, "the probability of a yes")],
    target: Annotated[Array, Role("u", PROBABILITY, "1 for yes, 0 for no, or a share")],
    *,
    gamma: Annotated[float, Option(NONNEGATIVE, "how strongly easy samples are played down")] = 2.0,
    alpha: Annotated[float, Option(PROBABILITY, "what a yes counts; a no counts 1 - alpha")] = 0.75,
    log_floor: Annotated[float, Constant(LOG_FLOOR)] = -100.0,
    slope_floor: Annotated[float, Constant(SLOPE_FLOOR)] = EPSILON,
) -> Units:
    """Binary cross-entropy that plays down what the model already gets right.

    Formula: alpha_t (1 - p_t)^gamma · bce(p, t), where p_t = p t + (1-p)(1-t) is what the truth was given and
    alpha_t = alpha t + (1-alpha)(1-t).
    Inputs: two arrays of one shape, any rank.
    Gradient: the product rule, with the slope of bce as PyTorch bounds it.
    Relations: half of bce when gamma = 0 and alpha = 1/2.
    Source: T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5, with the tutorials' alpha.
    """
    yes, no = surprises(input, log_floor)
    cross = expected(yes, no, target)
    hit = two_product(input, target)
    missing = two_sum(input, target) - hit - hit  # 1 - p_t = p (1-t) + (1-p) t; a power multiplies its rounding error
    focus = missing.power(gamma)
    share = alpha * target + (1.0 - alpha) * (1.0 - target)

    def pullback(up: Array) -> dict[str, Array]:
        # gamma missing^(gamma-1) · cross: where cross is 0 it falls faster than a power rises
        bend = np.where(cross == 0.0, 0.0, gamma * missing.power(gamma - 1.0) * cross) if gamma else 0.0 * focus
        against = log_odds_against(input, yes, no)
        turn = np.where(np.isinf(against), against, focus * against)  # also where focus is 0: the loss jumps to inf
        return {
            "input": share * (bend * (1.0 - 2.0 * target) + focus * slope(input, target, slope_floor)) * up,
            "target": ((2.0 * alpha - 1.0) * focus * cross + share * (bend * (1.0 - 2.0 * input) + turn)) * up,
        }

    return Units(share * focus * cross, pullback)


LOSS = define(
    focal,
    class_name="FocalLoss",
    conventions=CONVENTIONS,
    relations=(
        Equals(
            "Focal(gamma=0, alpha=1/2) = BCE / 2",
            "bce",
            lambda input, target, **_: {"input": input, "target": target},
            times=lambda **_: 0.5,
            given=lambda gamma, alpha, **_: gamma == 0.0 and alpha == 0.5,
        ),
    ),
)
