"""The hinge embedding loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import torch
from losscli.schema.define import define, equals
from losscli.schema.domains import REAL, SIGN
from losscli.schema.loss import Array, Option, Role, Units


def hinge_embedding(
    input: Annotated[Array, Role("u", REAL, "distances of pairs")],
    target: Annotated[Array, Role("u", SIGN, "1 for a pair that belongs together, -1 for one that does not")],
    *,
    margin: Annotated[float, Option(REAL, "the distance at which a pair apart costs nothing")] = 1.0,
) -> Units:
    """Wants pairs that belong together near, and all others at least the margin apart.

    Use: learning an embedding from pairs, on their distances, for instance ‖a - b‖₁.
    Formula: x if y = 1, max(0, margin - x) if y = -1, x = input, y = target.
    Inputs: two arrays of one shape, any rank; margin and the loss have the unit of the distances. The mean divides by
    the number of elements.
    Gradient: 1 if y = 1; -1 if y = -1 and x ≤ margin, at the kink too, as in PyTorch; else 0.
    Relations: with y = -1 and margin 1 hinge of x and 1; with y = 1 the input itself.
    Pitfalls: it takes distances, not scores: for these there is hinge;
    labels of 0 and 1: PyTorch takes a 0, and adds both cases up;
    a negative input with label 1 is a negative loss, and no error.
    Source: torch.nn.functional.hinge_embedding_loss.
    """
    together = target == 1.0
    lack = margin - input

    def pullback(up: Array) -> dict[str, Array]:
        return {"input": np.where(together, up, np.where(lack >= 0.0, -up, 0.0))}

    return Units(np.where(together, input, np.maximum(lack, 0.0)), pullback)


LOSS = define(
    hinge_embedding,
    kind="binary",
    conventions=(torch("HingeEmbeddingLoss", "hinge_embedding_loss"),),
    relations=(
        equals(
            "HingeEmbedding(x, y, margin=1) = Hinge(x, 1) where y = -1, and x where y = 1",
            "hinge",
            {"input": "where(target == 1, 1, input)", "target": "1"},
            plus="where(target == 1, input, 0)",
            when="margin == 1",
        ),
    ),
    kinks="input == margin and target == -1",
    lines=("loss = input, if target == 1", "loss = max(0, margin - input), if target == -1"),
    example=("[0.3, 0.3, 2]", "[1, -1, -1]"),
)
