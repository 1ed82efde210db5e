"""The triplet margin loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, optax, torch
from losscli.losses._inputs import Vectors
from losscli.losses.embedding._triplets import bends, hinge_kinks, hinge_of_distances, minkowski
from losscli.schema.define import define, equals
from losscli.schema.domains import AT_LEAST_ONE, NONNEGATIVE, REAL, TRUTH
from losscli.schema.loss import Array, Constant, LossMistake, Option, Role, Units

_NAMES = {1.0: "manhattan", 2.0: "euclidean", np.inf: "chebyshev"}  # of the p-norms that are distances with one


def triplet_margin(
    anchor: Vectors,
    positive: Annotated[Array, Role("u d", REAL, "vectors that should lie near the anchor's")],
    negative: Annotated[Array, Role("u d", REAL, "vectors that should lie away from the anchor's")],
    *,
    margin: Annotated[float, Option(NONNEGATIVE, "how much nearer the positive should be")] = 1.0,
    p: Annotated[float, Option(AT_LEAST_ONE, "the power of the norm")] = 2.0,
    eps: Annotated[float, Option(REAL, "added to every entry of a difference")] = 1e-6,
    swap: Annotated[bool, Option(TRUTH, "measure the negative from the positive where that is nearer")] = False,
    under_root: Annotated[float, Constant("added to the sum of the powers, before the root")] = 0.0,
) -> Units:
    """Wants the anchor nearer to the positive than to the negative, by a margin.

    Use: embeddings of faces, products or sentences, learnt from triplets of which two belong together.
    Formula: max(0, d(a, pos) - d(a, neg) + margin), d(x, y) = ‖x - y + eps‖_p; with swap d(a, neg) is
    min(d(a, neg), d(pos, neg)).
    Inputs: three arrays of one shape, vectors along the last axis; margin, eps and the loss have their unit.
    Gradient: the directions of the two differences; passed on where the maximum is 0 by a tie, as in PyTorch.
    Accuracy: the difference of the distances keeps its digits for p = 1, 2 and infinity; for other p it is good to the
    digits of the distances. The anchor's slope, and with swap each, is a difference of entries of two unit vectors,
    each good to 4 ulp.
    Relations: triplet_margin_with_distance for p = 1, 2 and infinity; with p = 1 and vectors of one entry, distances
    are l1; margin_ranking of the two distances with target -1. The convention exact has eps = 0.
    Pitfalls: distances are not squared here, while those of FaceNet and of some libraries are;
    the mean counts triplets whose loss is 0, so a mean over the active ones alone is larger;
    eps is added to each entry of a difference, not under the root: the distance of a vector from itself is √D · 1e-6;
    optax adds 1e-6 under the root, and takes no absolute values, so that it agrees with a norm for even p only.
    Source: torch.nn.functional.triplet_margin_loss; V. Balntas et al., BMVC 2016 (swap).
    """
    return hinge_of_distances(anchor, positive, negative, minkowski(p, eps, under_root), margin, swap)


def _kinks(
    anchor: Array,
    positive: Array,
    negative: Array,
    margin: float,
    p: float,
    eps: float,
    swap: bool,
    under_root: float,
) -> NDArray[np.bool_]:
    """Where the maximum, the minimum of swap or one of the norms bends."""
    kinks = hinge_kinks(anchor, positive, negative, minkowski(p, eps, under_root), margin, swap)
    for x, y in ((anchor, positive), (anchor, negative), (positive, negative))[: 3 if swap else 2]:
        kinks |= bends(x, y, p, eps)
    return kinks


def _as_named_distance(anchor: Array, positive: Array, negative: Array, **options: Any) -> dict[str, Any]:
    vectors = {"anchor": anchor, "positive": positive, "negative": negative}
    return {**vectors, "distance_function": _NAMES[options["p"]], "margin": options["margin"], "swap": options["swap"]}


def _squared(anchor: Array, positive: Array, negative: Array, margin: float, swap: bool) -> Array:
    near, far, between = (
        ((x - y) ** 2).sum(axis=1) for x, y in ((anchor, positive), (anchor, negative), (positive, negative))
    )
    return np.asarray(np.maximum(near - (np.minimum(far, between) if swap else far) + margin, 0.0))


LOSS = define(
    triplet_margin,
    kind="embedding",
    conventions=(
        torch("TripletMarginLoss", "triplet_margin_loss", does="eps is added to each entry of the difference"),
        exact("no eps", eps=0.0),
        optax("triplet_margin_loss", does="eps is added under the root", eps=0.0, under_root=1e-6),
    ),
    relations=(
        equals(
            "TripletMargin(p=1, 2, inf) = TripletMarginWithDistance(manhattan, euclidean, chebyshev)",
            "triplet_margin_with_distance",
            _as_named_distance,
            when="(p == 1 or p == 2 or p == inf) and eps == 0 and margin > 0",
            condition="p 1, 2 or infinity, and no eps",
        ),
    ),
    kinks=_kinks,
    lines=(
        "near = norm(anchor - positive + eps, p), if under_root == 0",
        "near = (sum(abs(anchor - positive) ** p) + under_root) ** (1 / p), if under_root > 0",
        "far = norm(anchor - negative + eps, p), if under_root == 0",
        "far = (sum(abs(anchor - negative) ** p) + under_root) ** (1 / p), if under_root > 0",
        "between = norm(positive - negative + eps, p), if swap and under_root == 0",
        "between = (sum(abs(positive - negative) ** p) + under_root) ** (1 / p), if swap and under_root > 0",
        "loss = max(0, near - far + margin), if not swap",
        "loss = max(0, near - min(far, between) + margin), if swap",
    ),
    mistakes=(
        LossMistake(
            "squared_distances",
            "the distances were squared, as in FaceNet",
            "take the distances themselves, or compare with a loss that squares them",
            _squared,
            tier="A",
            given=lambda p: p == 2.0,
        ),
    ),
    example=("[[0,0]]", "[[3,4]]", "[[5,-12]]", "--margin", "10"),
)
