"""The cosine embedding loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._aten import EPSILON
from losscli.schema.domains import COSINE, REAL, SIGN
from losscli.schema.loss import Array, Constant, Convention, Option, Role, Units, define


def cosine_embedding(
    input1: Annotated[Array, Role("u d", REAL, "vectors")],
    input2: Annotated[Array, Role("u d", REAL, "vectors to compare them with")],
    target: Annotated[Array, Role("u", SIGN, "1 for a pair that belongs together, -1 for one that does not")],
    *,
    margin: Annotated[float, Option(COSINE, "the cosine that a pair apart may have at no cost")] = 0.0,
    eps: Annotated[float, Constant("added to each squared length")] = EPSILON,
) -> Units:
    """Pulls pairs that belong together to one direction, and pushes the others at least the margin apart.

    Formula: 1 - cos if target = 1, max(0, cos - margin) if target = -1,
    with cos = a · b / √((‖a‖² + 1e-12)(‖b‖² + 1e-12)), PyTorch's eps.
    Inputs: two arrays (N, D) and labels (N), or one pair (D) and one label. No unit.
    Gradient: ∓(b - a · (a · b) / (‖a‖² + 1e-12)) / √…, 0 where the maximum is 0; passed on at the kink cos = margin, as in
    PyTorch.
    Relations: with target 1, 1 less cosine_similarity, but for eps. The convention exact has no eps.
    Source: torch.nn.functional.cosine_embedding_loss.
    """
    dot = (input1 * input2).sum(axis=1)
    square1 = (input1 * input1).sum(axis=1) + eps
    square2 = (input2 * input2).sum(axis=1) + eps
    with np.errstate(invalid="ignore", divide="ignore"):
        both = np.sqrt(square1 * square2)
        cosine = dot / both
    together = target == 1.0
    value = np.where(together, 1.0 - cosine, np.maximum(0.0, cosine - margin))

    def pullback(up: Array) -> dict[str, Array]:
        with np.errstate(invalid="ignore", divide="ignore"):
            sign = np.where(together, -1.0, (cosine >= margin).astype(np.float64)) * up
            scale = (sign / both)[:, None]
            return {
                "input1": (input2 - (dot / square1)[:, None] * input1) * scale,
                "input2": (input1 - (dot / square2)[:, None] * input2) * scale,
            }

    return Units(value, pullback)


def _kinks(input1: Array, input2: Array, target: Array, margin: float) -> NDArray[np.bool_]:
    lengths = np.sqrt((input1 * input1).sum(axis=1) * (input2 * input2).sum(axis=1))
    near = np.abs((input1 * input2).sum(axis=1) - margin * lengths) < 1e-12 * lengths
    return np.logical_and(near, target == -1.0)


LOSS = define(
    cosine_embedding,
    class_name="CosineEmbeddingLoss",
    function_name="cosine_embedding_loss",
    conventions=(
        Convention("torch", "ATen/native/Loss.cpp: EPSILON 1e-12 is added to each squared length"),
        Convention("exact", "no eps", values={"eps": 0.0}),
    ),
    kinks=_kinks,
)
