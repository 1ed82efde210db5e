"""The logistic loss on labels of -1 and 1."""

from __future__ import annotations

import numpy as np

from losscli.losses._frameworks import torch
from losscli.losses._inputs import Logit, Side
from losscli.numerics.logarithm import log1p_unit
from losscli.numerics.sigmoid import sigmoid
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, Units


def soft_margin(input: Logit, target: Side) -> Units:
    """How far a score is on the wrong side, with a soft edge: the logistic loss.

    Use: yes-or-no questions on raw scores, where labels are -1 and 1, as in logistic regression and boosting.
    Formula: log(1 + exp(-y x)), in nats, x = input, y = target.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements.
    Gradient: -y sigmoid(-y x).
    Relations: bce_with_logits with targets (y + 1) / 2; hinge is the same edge, but sharp.
    Pitfalls: labels of 0 and 1: PyTorch takes a 0, says log 2 for it whatever the score, and gives it no slope;
    in float32 PyTorch overflows from -y x = 89 on, to inf and a gradient of nan, and in float64 from 710 on.
    Source: torch.nn.functional.soft_margin_loss.
    """
    wrong = -target * input

    def pullback(up: Array) -> dict[str, Array]:
        return {"input": -target * sigmoid(wrong) * up}

    return Units(np.where(wrong > 0.0, wrong, 0.0) + log1p_unit(np.exp(-np.abs(wrong))), pullback)


LOSS = define(
    soft_margin,
    kind="binary",
    unit="nats",
    conventions=(torch("SoftMarginLoss", "soft_margin_loss"),),
    relations=(
        equals(
            "SoftMargin(x, y) = BCEWithLogits(x, (y + 1) / 2)",
            "bce_with_logits",
            {"input": "input", "target": "(target + 1) / 2"},
        ),
        equals(
            "SoftMargin(x, y) = CrossEntropy([0, y x], 1)",
            "cross_entropy",
            lambda input, target: {
                "input": np.stack([np.zeros_like(input), target * input], axis=1),
                "target": np.ones(input.shape, np.int64),
            },
            when="ndim(input) > 0",
            condition="there is more than a single number",
        ),
    ),
    lines=("margin = target * input", "loss = softplus(-margin)"),
    example=("[2.5, -1, 0.3]", "[1, -1, -1]"),
)
