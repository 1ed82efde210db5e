"""The multi-label soft margin loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import torch
from losscli.losses.binary.bce_with_logits import bce_with_logits
from losscli.numerics.double_double import doubled, row_sums
from losscli.schema.define import define, equals
from losscli.schema.domains import EXTENDED, PROBABILITY, WEIGHT
from losscli.schema.loss import Array, Option, Role, Units


def multilabel_soft_margin(
    input: Annotated[Array, Role("u d", EXTENDED, "raw scores (logits), one a class")],
    target: Annotated[Array, Role("u d", PROBABILITY, "1 for each class that is true, else 0, or a probability")],
    *,
    weight: Annotated[Array | None, Option(WEIGHT, "weight of each class, or of each element", axes="u d")] = None,
) -> Units:
    """Binary cross-entropy of every class, averaged over the classes of a sample.

    Use: to train a tagger, of whose classes any number may be true, on its raw scores.
    Formula: 1/C · Σ_c w_c (t_c softplus(-x_c) + (1 - t_c) softplus(x_c)), in nats, x = input, t = target.
    Inputs: two arrays of one shape, (C) or (N, C), the classes along the last axis in any rank, as in PyTorch.
    Gradient: w_c / C · ((1 - t_c) sigmoid(x_c) - t_c sigmoid(-x_c)); with respect to the target -w_c x_c / C.
    Relations: bce_with_logits with that weight, both as means.
    Pitfalls: a sum over samples is not a sum over all classes: it is C times smaller than that of bce_with_logits;
    the weights are never divided by their sum; the target holds a 0 or 1 a class, not class indices, which
    multilabel_margin takes; raw scores, not probabilities: a sigmoid before it makes every class likely.
    Source: torch.nn.functional.multilabel_soft_margin_loss.
    """
    classes = input.shape[1]
    single = bce_with_logits(input, target)
    weights = np.ones(classes) if weight is None else weight
    parts = np.where(weights == 0.0, 0.0, single.value * weights)  # 0 · inf = 0

    def pullback(up: Array) -> dict[str, Array]:
        gradients = single.pullback(weights * (up / classes)[:, None])
        return {role: np.where(weights == 0.0, 0.0, slope) for role, slope in gradients.items()}

    return Units(row_sums(doubled(parts)).high / classes, pullback, single.notes)


LOSS = define(
    multilabel_soft_margin,
    kind="classification",
    unit="nats",
    conventions=(torch("MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss"),),
    relations=(
        equals(
            "MultiLabelSoftMargin(x, t, w) = BCEWithLogits(x, t, w), as means",
            "bce_with_logits",
            weight="weight",
            reduced=("mean", "mean"),
        ),
    ),
    lines=(
        "yes = softplus(-input)",
        "no = softplus(input)",
        "parts = target * yes + (1 - target) * no",
        "loss = sum(parts) / size(input), if weight is None",
        "loss = sum(weight * parts) / size(input), if weight is not None",
    ),
    example=("[[0.2,-1.5,3.0]]", "[[1,0,1]]"),
)
