"""Binary cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._aten import EPSILON
from losscli.losses._frameworks import exact, keras, sklearn, torch
from losscli.losses._inputs import Probability, Truth, Weight, weighted
from losscli.losses.binary._bernoulli import (
    CUT_KINKS,
    KERAS_BOUNDS,
    LOG_FLOOR,
    P_CEILING,
    P_FLOOR,
    SKLEARN_BOUNDS,
    SLOPE_FLOOR,
    TORCH_BOUNDS,
    UNBOUNDED,
    beyond,
    bounds,
    expected,
    log_odds_against,
    nlls,
    slope,
    weightless,
)
from losscli.schema.define import define, equals, mistake
from losscli.schema.loss import Array, Constant, Units

_SIDE = "where(target == 0, -1, target)"  # -1 for a no, which the formula does not know


def bce(
    input: Probability,
    target: Truth,
    *,
    weight: Weight = None,
    log_floor: Annotated[float, Constant(LOG_FLOOR)] = -100.0,
    slope_floor: Annotated[float, Constant(SLOPE_FLOOR)] = EPSILON,
    p_floor: Annotated[float, Constant(P_FLOOR)] = 0.0,
    p_ceiling: Annotated[float, Constant(P_CEILING)] = 1.0,
) -> Units:
    """Negative log-likelihood of a yes or no under the predicted probability.

    Use: yes-or-no questions, one or many to a sample, where the model answers with probabilities; the pixels of an
    auto-encoder. On raw scores bce_with_logits keeps digits that a sigmoid has already lost.
    Formula: -weight (t log p + (1-t) log(1-p)), in nats, p = input, t = target; each logarithm
    is at least -100, as in PyTorch.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements, whatever their weights.
    Gradient: weight (p-t) / max(p(1-p), 1e-12), PyTorch's bound; with respect to the target weight (log(1-p) - log p).
    Where keras or sklearn cuts p off, it is 0.
    Relations: bce_with_logits of log(p / (1-p)); twice focal with gamma 0 and alpha 1/2. The convention exact has no
    bounds.
    Pitfalls: one sure and wrong answer shows the library: 100 in PyTorch, 16.118 in Keras (p is cut off at 1e-7; in
    float32 15.942 where 1 was said for 0), 36.044 in scikit-learn (the spacing of float64 at 1; 15.942 in float32),
    34.539 before its version 1.2, infinity without bounds;
    probabilities rounded to 0 and 1 turn the loss into that number times the rate of errors;
    PyTorch's gradient is not that of its clamped value, and small where p(1-p) is under 1e-12;
    raw scores are no probabilities, and a second sigmoid is no error message;
    on one-hot rows of several classes it averages over the classes too, which is not cross-entropy.
    Source: torch.nn.functional.binary_cross_entropy.
    """
    p = np.clip(input, p_floor, p_ceiling)
    yes, no = nlls(p, log_floor)
    weights = 1.0 if weight is None else weight

    def pullback(up: Array) -> dict[str, Array]:
        up = up * weights
        flat = beyond(input, p_floor, p_ceiling)
        return {
            "input": weighted(up, np.where(flat, 0.0, slope(p, target, slope_floor))),
            "target": weighted(up, log_odds_against(p, yes, no)),
        }

    cross = expected(yes, no, target)
    made = tuple(bounds(input, target, yes, no, log_floor, p_floor, p_ceiling))
    return Units(weighted(weights, cross), pullback, weightless(weights, cross), bounds=made)


LOSS = define(
    bce,
    kind="binary",
    for_classes="log_loss",
    unit="nats",
    aliases=("BinaryCrossentropy", "binary_crossentropy"),
    conventions=(
        torch("BCELoss", "binary_cross_entropy", does=TORCH_BOUNDS),
        exact(**UNBOUNDED),
        keras(
            "BinaryCrossentropy",
            "binary_crossentropy",
            does="p is clipped to [1e-7, 1 - 1e-7], keras.config.epsilon()",
            **KERAS_BOUNDS,
        ),
        sklearn("log_loss", does="p is clipped by numpy.finfo(dtype).eps; labels 0 and 1 only", **SKLEARN_BOUNDS),
    ),
    relations=(
        equals(
            "BCE(p, t) = BCEWithLogits(log(p / (1-p)), t)",
            "bce_with_logits",
            {"input": "log(input / (1 - input))", "target": "target"},
            weight="weight",
            when="all(input == 0 or input == 1 or input >= 1e-9 and input <= 1 - 1e-9)",  # a logit of 20 costs 20 ulp
            condition="probabilities are 0, 1 or from 1e-9 to 1 - 1e-9",
        ),
        equals("BCE = 2 · Focal(gamma=0, alpha=1/2)", "focal", gamma=0.0, alpha=0.5, times=2, when="weight is None"),
    ),
    kinks=CUT_KINKS,
    lines=(
        "p = input, if p_floor == 0",
        "p = min(max(input, p_floor), p_ceiling), if p_floor > 0",
        "yes = -max(log(p), log_floor)",
        "no = -max(log1p(-p), log_floor)",
        "loss = target * yes + (1 - target) * no",
    ),
    textbook=("loss = -(target * log(input) + (1 - target) * log(1 - input))",),
    mistakes=(
        mistake(
            "minus_one_for_zero",
            "the targets were -1 and 1, where 0 and 1 are expected",
            "make 0 of -1: (target + 1) / 2",
            f"weighted(weight, -{_SIDE} * max(log(input), log_floor) - (1 - {_SIDE}) * max(log1p(-input), log_floor))",
            tier="A",
            given="not all(target != 0)",
        ),
    ),
    example=("[0.9, 0.2, 0]", "[1, 0, 1]"),
)
