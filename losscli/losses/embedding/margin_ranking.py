"""The margin ranking loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import torch
from losscli.numerics.double_double import two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import REAL, SIGN
from losscli.schema.loss import Array, Option, Role, Units


def margin_ranking(
    input1: Annotated[Array, Role("u", REAL, "scores of the first of each pair")],
    input2: Annotated[Array, Role("u", REAL, "scores of the second of each pair")],
    target: Annotated[Array, Role("u", SIGN, "1 where the first should rank higher, -1 where the second should")],
    *,
    margin: Annotated[float, Option(REAL, "how much higher it should score")] = 0.0,
) -> Units:
    """Wants the better of two to score higher than the other, by a margin.

    Use: learning to rank from comparisons: of two answers, pages or players, which one is better.
    Formula: max(0, -target (input1 - input2) + margin).
    Inputs: three arrays of one shape, any rank; margin and the loss have the unit of the scores.
    Gradient: -target and target where the maximum is not 0; passed on where it is 0 by a tie, as in PyTorch.
    Relations: hinge_embedding of target (input1 - input2) with target -1; triplet_margin of two distances with
    target -1, the positive's first.
    Pitfalls: PyTorch takes a target of 0 without a word, and its loss is the margin whatever the scores;
    with the default margin of 0 equal scores cost nothing, so a model that gives one score to all has no loss;
    scores that should be low for the better one, such as distances, want the other sign.
    Source: torch.nn.functional.margin_ranking_loss.
    """
    over = (-(two_sum(input1, -input2) * target) + margin).high  # of twice the precision: the three may cancel

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.where(over >= 0.0, target * up, 0.0)
        return {"input1": -slope, "input2": slope}

    return Units(np.maximum(over, 0.0), pullback)


def _as_triplets(input1: Array, input2: Array, target: Array, margin: float) -> dict[str, Any]:
    """Vectors of two entries: of a score below 0 the other vector gets the size, so that both are distances."""
    first, second = target * input1, target * input2
    near = np.stack([np.maximum(-first, 0.0), np.maximum(second, 0.0)], axis=-1)
    far = np.stack([np.maximum(first, 0.0), np.maximum(-second, 0.0)], axis=-1)
    return {"anchor": np.zeros(near.shape), "positive": near, "negative": far, "margin": margin, "p": 1.0, "eps": 0.0}


LOSS = define(
    margin_ranking,
    kind="embedding",
    conventions=(torch("MarginRankingLoss", "margin_ranking_loss"),),
    relations=(
        equals(
            "MarginRanking(x1, x2, y, margin) = HingeEmbedding(y (x1 - x2), -1, margin)",
            "hinge_embedding",
            {"input": "target * (input1 - input2)", "target": "-1"},
            margin="margin",
        ),
        equals(
            "MarginRanking(x1, x2, y, margin) = TripletMargin(margin, p=1) where d(a, pos) - d(a, neg) = -y (x1 - x2)",
            "triplet_margin",
            _as_triplets,
            when="margin >= 0",
        ),
    ),
    kinks="abs(margin - target * (input1 - input2)) <= 1e-12 * (abs(input1) + abs(input2) + abs(margin))",
    lines=("lead = target * (input1 - input2)", "loss = max(0, margin - lead)"),
    example=("[2,1,0.5]", "[1,3,0.7]", "[1,1,-1]", "--margin", "0.5"),
)
