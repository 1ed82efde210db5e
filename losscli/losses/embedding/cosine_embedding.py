"""The cosine embedding loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._aten import EPSILON
from losscli.losses._frameworks import exact, torch
from losscli.losses._inputs import Vectors
from losscli.losses.embedding._projection import cosine, rest, scale
from losscli.numerics.double_double import row_dots
from losscli.numerics.norms import scale_of
from losscli.schema.define import define, equals
from losscli.schema.domains import COSINE, REAL, SIGN
from losscli.schema.loss import Array, Constant, LossMistake, Option, Role, Units


def cosine_embedding(
    input1: Vectors,
    input2: Annotated[Array, Role("u d", REAL, "vectors to compare them with")],
    target: Annotated[Array, Role("u", SIGN, "1 for a pair that belongs together, -1 for one that does not")],
    *,
    margin: Annotated[float, Option(COSINE, "the cosine that a pair apart may have at no cost")] = 0.0,
    eps: Annotated[float, Constant("added to each squared length")] = EPSILON,
) -> Units:
    """Pulls pairs that belong together to one direction, and pushes the others at least the margin apart.

    Use: learning embeddings from pairs that are known to be alike or not, compared by angle.
    Formula: 1 - cos if target = 1, max(0, cos - margin) if target = -1,
    with cos = a · b / √((‖a‖² + 1e-12)(‖b‖² + 1e-12)), PyTorch's eps.
    Inputs: two arrays (N, D) and labels (N), or one pair (D) and one label. No unit.
    Gradient: ∓(b - a · (a · b) / (‖a‖² + 1e-12)) / √…, 0 where the maximum is 0; passed on at the kink cos = margin, as
    in PyTorch.
    Accuracy: 1 - cos keeps its digits down to parallel vectors, where nothing is left of a cosine taken from 1. Slopes
    are what projection leaves of a vector: good to a part in 2⁹⁵ of it.
    Relations: with target 1, 1 less cosine_similarity, but for eps; margin_ranking of the cosine with 1 (target 1) or
    with the margin (target -1). The convention exact has no eps, and gives nan for a zero vector.
    Pitfalls: a target of 0 is neither, and PyTorch gives it the loss 0 without a word: write -1 for a pair apart;
    the margin is a cosine, not a distance: with 0 any right angle is far enough;
    in CosineEmbeddingLoss eps is added to each squared length, in CosineSimilarity it bounds the lengths.
    Source: torch.nn.functional.cosine_embedding_loss.
    """
    least = np.sqrt(eps)
    scale1, scale2 = scale(input1, least), scale(input2, least)
    input1 /= scale1[:, None]
    input2 /= scale2[:, None]
    eps1, eps2 = eps / scale1 / scale1, eps / scale2 / scale2
    square1, square2 = row_dots(input1, input1) + eps1, row_dots(input2, input2) + eps2
    dot = row_dots(input1, input2)
    both = (square1 * square2).sqrt()
    ratio = dot / square1
    across = rest(input2, input1, ratio)
    over = dot / both - margin
    # 1 - cos = (both² - dot²) / (both (both + dot)), whose numerator is a sum of squares: near 1 nothing cancels
    squares = square1.high * ((across * across).sum(axis=1) + eps1 * ratio.high**2 + eps2)
    apart = np.where(dot.high > 0.0, squares / (both.high * (both.high + dot.high)), (-(dot / both) + 1.0).high)
    together = target == 1.0

    def pullback(up: Array) -> dict[str, Array]:
        turn = np.where(together, -up, np.where(over.high >= 0.0, up, 0.0))[:, None] / both.high[:, None]
        return {
            "input1": across * turn / scale1[:, None],  # the scales come last: turn / scale may overflow alone
            "input2": rest(input1, input2, dot / square2) * turn / scale2[:, None],
        }

    return Units(np.where(together, apart, np.maximum(over.high, 0.0)), pullback)


def _kinks(input1: Array, input2: Array, target: Array, margin: float) -> NDArray[np.bool_]:
    scaled1, scaled2 = input1 / scale_of(input1)[:, None], input2 / scale_of(input2)[:, None]
    lengths = np.sqrt((scaled1 * scaled1).sum(axis=1) * (scaled2 * scaled2).sum(axis=1))
    excess = (scaled1 * scaled2).sum(axis=1) - margin * lengths
    kinks: NDArray[np.bool_] = (np.abs(excess) <= 1e-12 * lengths) & (target == -1.0)
    return kinks


def _as_margin_ranking(input1: Array, input2: Array, target: Array, margin: float) -> dict[str, Any]:
    angle = cosine(input1.reshape(-1, input1.shape[-1]), input2.reshape(-1, input2.shape[-1]), 0.0)[0].high
    bound = np.where(np.equal(target, 1), 1.0, margin)
    return {"input1": angle.reshape(np.shape(target)), "input2": bound, "target": target}


def _cosines(input1: Array, input2: Array, eps: float) -> Array:
    squares = ((input1 * input1).sum(axis=1) + eps) * ((input2 * input2).sum(axis=1) + eps)
    return np.asarray((input1 * input2).sum(axis=1) / np.sqrt(squares))


def _nothing_for_zero(input1: Array, input2: Array, target: Array, eps: float) -> Array:
    return np.where(target == 1.0, 1.0 - _cosines(input1, input2, eps), 0.0)


def _distance_for_all(input1: Array, input2: Array, eps: float) -> Array:
    return 1.0 - _cosines(input1, input2, eps)


LOSS = define(
    cosine_embedding,
    kind="embedding",
    conventions=(
        torch("CosineEmbeddingLoss", "cosine_embedding_loss", does="1e-12 is added to each squared length"),
        exact("no eps", eps=0.0),
    ),
    relations=(
        equals(
            "CosineEmbedding(a, b, y) = MarginRanking(cos(a, b), 1 if y = 1 else margin, y)",
            "margin_ranking",
            _as_margin_ranking,
        ),
    ),
    kinks=_kinks,
    lines=(
        "square1 = input1 @ input1 + eps",
        "square2 = input2 @ input2 + eps",
        "cosine = input1 @ input2 / sqrt(square1 * square2)",
        "loss = 1 - cosine, if target == 1",
        "loss = max(0, cosine - margin), if target == -1",
    ),
    mistakes=(
        LossMistake(
            "zero_for_minus_one",
            "the targets were 0 and 1, where -1 and 1 are expected: PyTorch gives a pair of target 0 the loss 0",
            "make -1 of 0: 2·target - 1",
            _nothing_for_zero,
            tier="A",
            given=lambda target: bool((target == -1.0).any()),
        ),
        LossMistake(
            "targets_left_out",
            "1 - cos was taken for every pair, also for those that do not belong together",
            "take max(0, cos - margin) where the target is -1",
            _distance_for_all,
            given=lambda target: bool((target == -1.0).any()),
        ),
    ),
    example=("[[3,4],[3,4]]", "[[4,3],[4,3]]", "[1,-1]"),
    scale_free=True,
)
