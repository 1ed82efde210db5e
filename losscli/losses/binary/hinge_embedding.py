"""The hinge embedding loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import torch
from losscli.schema.define import define
from losscli.schema.domains import REAL, SIGN
from losscli.schema.loss import Array, Equals, Option, Role, Units


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


def _kinks(input: Array, target: Array, margin: float) -> NDArray[np.bool_]:
    kinks: NDArray[np.bool_] = (input == margin) & (target == -1.0)
    return kinks


def _as_hinge(input: Array, target: Array, **_: Any) -> dict[str, Any]:
    return {"input": np.where(target == 1.0, 1.0, input), "target": np.ones_like(input)}


LOSS = define(
    hinge_embedding,
    kind="binary",
    conventions=(torch("HingeEmbeddingLoss", "hinge_embedding_loss"),),
    relations=(
        Equals(
            "HingeEmbedding(x, y, margin=1) = Hinge(x, 1) where y = -1, and x where y = 1",
            "hinge",
            _as_hinge,
            plus=lambda input, target, **_: np.where(target == 1.0, input, 0.0),
            given=lambda margin, **_: margin == 1.0,
            condition="the margin is 1",
        ),
    ),
    kinks=_kinks,
    lines=(
        "loss = input, if target == 1",
        "loss = max(0, margin - input), if target == -1",
    ),
    example=("[0.3, 0.3, 2]", "[1, -1, -1]"),
)
