"""The cosine of the angle between two vectors."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import exact, keras, optax, torch
from losscli.losses.embedding._projection import cosine
from losscli.schema.define import define, equals
from losscli.schema.domains import NONNEGATIVE, REAL, WHOLE
from losscli.schema.loss import Array, Constant, LossMistake, Option, Role, SetsAxis, Units


def cosine_similarity(
    x1: Annotated[Array, Role("u d", REAL, "vectors", spreads="each other")],
    x2: Annotated[Array, Role("u d", REAL, "vectors to compare them with", spreads="each other")],
    *,
    dim: Annotated[int, Option(WHOLE, "the axis along which a vector lies"), SetsAxis()] = 1,
    eps: Annotated[float, Option(NONNEGATIVE, "the least length that a vector is divided by")] = 1e-8,
    sign: Annotated[float, Constant("1, or -1 for a loss that falls as vectors turn to each other")] = 1.0,
) -> Units:
    """How far two vectors point the same way: 1 the same, 0 across, -1 opposite.

    Use: search and comparison of embeddings, where directions count and lengths do not.
    Formula: x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps)).
    Inputs: two arrays of one shape, or of shapes that broadcast; the vectors lie along axis dim of the common shape
    (axis 0 of a single pair). No unit.
    Gradient: (x2 - x1 (x1 · x2) / ‖x1‖²) / (‖x1‖ ‖x2‖), without the subtrahend where ‖x1‖ < eps, and the same with the
    two exchanged.
    Accuracy: the cosine itself is good to 4 ulp; 1 less the cosine of nearly parallel vectors is not, but
    cosine_embedding has it. Slopes are what projection leaves of a vector: good to a part in 2⁹⁵ of it.
    Relations: 1 less cosine_embedding with target 1. The convention exact has eps = 0, where a zero vector gives nan.
    Pitfalls: it grows as vectors turn to each other, so it is no loss to be minimised: Keras' loss of this name is
    minus the cosine, other libraries' 1 less the cosine, or half of that;
    the axis is 1 by default, not the last: of an array (N, T, D) give dim = 2;
    averaging the products over the components instead of adding them divides by D.
    Source: torch.nn.functional.cosine_similarity, whose default is no reduction.
    """
    angle, slopes = cosine(x1, x2, eps)

    def pullback(up: Array) -> dict[str, Array]:
        by_first, by_second = slopes()
        up = sign * up[:, None]
        return {"x1": by_first * up, "x2": by_second * up}

    return Units(sign * angle.high, pullback)


def _as_cosine_embedding(x1: Array, x2: Array, dim: int, **_: Any) -> dict[str, Any]:
    rows = [x if x.ndim == 1 else np.moveaxis(x, dim, -1) for x in (x1, x2)]
    return {"input1": rows[0], "input2": rows[1], "target": np.ones(rows[0].shape[:-1])}


def _cosines(x1: Array, x2: Array, eps: float) -> Array:
    lengths = (np.maximum(np.sqrt((x * x).sum(axis=1)), eps) for x in (x1, x2))
    return np.asarray((x1 * x2).sum(axis=1) / next(lengths) / next(lengths))


LOSS = define(
    cosine_similarity,
    kind="embedding",
    conventions=(
        torch("CosineSimilarity", "cosine_similarity", reduction="none"),
        exact("no bound on the lengths", reduction="none", eps=0.0),
        keras(
            "CosineSimilarity",
            "cosine_similarity",
            does="minus the cosine; ops.nn.normalize bounds lengths at 1e-7",
            dim=-1,
            eps=1e-7,
            sign=-1.0,
        ),
        optax("cosine_similarity", does="epsilon 0", dim=-1, eps=0.0),
    ),
    relations=(
        equals(
            "CosineSimilarity(x1, x2) = 1 - CosineEmbedding(x1, x2, 1)",
            "cosine_embedding",
            _as_cosine_embedding,
            times=-1,
            plus=1,
            when="eps < 1e-3",
            condition="no vector shorter than eps",
        ),
    ),
    lines=(
        "length1 = max(sqrt(x1 @ x1), eps)",
        "length2 = max(sqrt(x2 @ x2), eps)",
        "loss = sign * (x1 @ x2 / (length1 * length2))",
    ),
    mistakes=(
        LossMistake(
            "one_minus_cosine",
            "this is 1 - cos, a distance, where the cosine itself is asked for",
            "report the cosine",
            lambda x1, x2, eps: 1.0 - _cosines(x1, x2, eps),
            tier="A",
        ),
        LossMistake(
            "half_of_one_minus_cosine",
            "this is (1 - cos)/2, where the cosine itself is asked for",
            "report the cosine",
            lambda x1, x2, eps: 0.5 - 0.5 * _cosines(x1, x2, eps),
            tier="A",
        ),
        LossMistake(
            "lengths_left_out",
            "the vectors were not divided by their lengths: this is the scalar product",
            "divide by both lengths",
            lambda x1, x2: (x1 * x2).sum(axis=1),
        ),
    ),
    example=("[[3,4],[1,0]]", "[[4,3],[-1,0]]"),
    scale_free=True,
)
