"""The cosine of the angle between two vectors."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.numerics.norms import norm
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
    Gradient: (x2/‖x2‖ - cos · x1/‖x1‖) / ‖x1‖, and the same with the two exchanged.
    Relations: 1 less cosine_embedding with target 1. The convention exact has eps = 0, where a zero vector gives nan.
    Source: torch.nn.functional.cosine_similarity, whose default is no reduction.
    """
    (length1, _), (length2, _) = norm(x1, 2.0), norm(x2, 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = x1 / np.maximum(length1, eps)[:, None]
        second = x2 / np.maximum(length2, eps)[:, None]
    cosine = (first * second).sum(axis=1)

    def pullback(up: Array) -> dict[str, Array]:
        return {
            "x1": _turn(first, second, cosine, length1, eps) * up[:, None],
            "x2": _turn(second, first, cosine, length2, eps) * up[:, None],
        }

    return Units(cosine, pullback)


def _turn(own: Array, other: Array, cosine: Array, length: Array, eps: float) -> Array:
    """The gradient with respect to the vector in direction `own`: none along it, unless its length is under eps."""
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.where(length < eps, 0.0, cosine)
        return (other - along[:, None] * own) / np.maximum(length, eps)[:, None]


LOSS = define(
    cosine_similarity,
    class_name="CosineSimilarity",
    function_name="cosine_similarity",
    conventions=(
        Convention("torch", "torch.nn.functional.cosine_similarity", reduction="none"),
        Convention("exact", "no bound on the lengths", reduction="none", values={"eps": 0.0}),
    ),
)
