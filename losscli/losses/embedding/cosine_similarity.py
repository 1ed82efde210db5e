"""The cosine of the angle between two vectors."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses.embedding._projection import rest, scale
from losscli.numerics.doubled import Doubled, row_dots
from losscli.schema.domains import NONNEGATIVE, REAL, WHOLE
from losscli.schema.loss import Array, Convention, Option, Role, SetsAxis, Units, define


def cosine_similarity(
    x1: Annotated[Array, Role("u d", REAL, "vectors")],
    x2: Annotated[Array, Role("u d", REAL, "vectors to compare them with")],
    *,
    dim: Annotated[int, Option(WHOLE, "the axis along which a vector lies"), SetsAxis()] = 1,
    eps: Annotated[float, Option(NONNEGATIVE, "the least length that a vector is divided by")] = 1e-8,
) -> Units:
    """How far two vectors point the same way: 1 the same, 0 across, -1 opposite.

    Formula: x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps)).
    Inputs: two arrays of one shape; the vectors lie along axis dim (axis 0 of a single pair). No unit.
    Gradient: (x2 - x1 (x1 · x2) / ‖x1‖²) / (‖x1‖ ‖x2‖), without the subtrahend where ‖x1‖ < eps, and the same with the
    two exchanged.
    Relations: 1 less cosine_embedding with target 1. The convention exact has eps = 0, where a zero vector gives nan.
    Source: torch.nn.functional.cosine_similarity, whose default is no reduction.
    """
    scale1, scale2 = scale(x1, eps), scale(x2, eps)
    x1 /= scale1[:, None]
    x2 /= scale2[:, None]
    dot, square1, square2 = row_dots(x1, x2), row_dots(x1, x1), row_dots(x2, x2)
    length1, length2 = square1.sqrt(), square2.sqrt()
    short1, short2 = length1.high < eps / scale1, length2.high < eps / scale2
    both = _at_least(length1, eps / scale1) * _at_least(length2, eps / scale2)

    def pullback(up: Array) -> dict[str, Array]:
        turn = up / both.high
        return {
            "x1": _unless(short1, rest(x2, x1, dot / square1), x2) * (turn / scale1)[:, None],
            "x2": _unless(short2, rest(x1, x2, dot / square2), x1) * (turn / scale2)[:, None],
        }

    return Units((dot / both).high, pullback)


def _at_least(length: Doubled, bound: Array) -> Doubled:
    return Doubled(np.maximum(length.high, bound), np.where(length.high < bound, 0.0, length.low))


def _unless(short: NDArray[np.bool_], slope: Array, other: Array) -> Array:
    return np.where(short[:, None], other, slope)


LOSS = define(
    cosine_similarity,
    class_name="CosineSimilarity",
    function_name="cosine_similarity",
    conventions=(
        Convention("torch", "torch.nn.functional.cosine_similarity", reduction="none"),
        Convention("exact", "no bound on the lengths", reduction="none", values={"eps": 0.0}),
    ),
)
