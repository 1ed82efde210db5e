"""The triplet margin loss with a distance of choice."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, torch
from losscli.losses._inputs import Vectors
from losscli.losses.embedding._triplets import (
    Distance,
    angular,
    bends,
    hinge_kinks,
    hinge_of_distances,
    measured,
    minkowski,
)
from losscli.schema.define import define, equals
from losscli.schema.distance import OwnDistance
from losscli.schema.domains import POSITIVE, REAL, TRUTH, one_of
from losscli.schema.loss import Array, Constant, Option, Role, Step, Units

_POWERS = {"euclidean": 2.0, "manhattan": 1.0, "chebyshev": np.inf}


def triplet_margin_with_distance(
    anchor: Vectors,
    positive: Annotated[Array, Role("u d", REAL, "vectors that should lie near the anchor's")],
    negative: Annotated[Array, Role("u d", REAL, "vectors that should lie away from the anchor's")],
    *,
    distance_function: Annotated[
        str,
        Option(
            one_of("euclidean", "cosine", "manhattan", "chebyshev", own_distance=True),
            "how far apart two vectors are; FILE.py:FUNCTION is your own, and the file is executed",
        ),
    ] = "euclidean",
    margin: Annotated[float, Option(POSITIVE, "how much nearer the positive should be")] = 1.0,
    swap: Annotated[bool, Option(TRUTH, "measure the negative from the positive where that is nearer")] = False,
    eps: Annotated[float, Constant("added to every entry of a difference, by the euclidean distance alone")] = 1e-6,
    floor: Annotated[float, Constant("the least length that the cosine divides a vector by")] = 1e-8,
) -> Units:
    """Wants the anchor nearer to the positive than to the negative, by a margin, in a distance of choice.

    Use: triplets whose likeness is not the euclidean distance, such as sentence embeddings, compared by angle.
    Formula: max(0, d(a, pos) - d(a, neg) + margin); with swap d(a, neg) is min(d(a, neg), d(pos, neg)). d(x, y) is
    ‖x - y + 1e-6‖₂ (euclidean, PyTorch's default), 1 - x · y / (max(‖x‖, 1e-8) max(‖y‖, 1e-8)) (cosine),
    Σ |x - y| (manhattan) or max |x - y| (chebyshev); or a function of your own: FILE.py:FUNCTION, in Python also the
    function itself. It takes two arrays of shape (n, d) and returns n distances, or two vectors and returns a number.
    Inputs: three arrays of one shape, vectors along the last axis; margin and the loss have the unit of the distance,
    which for cosine is none.
    Gradient: those of the two distances; passed on where the maximum is 0 by a tie, as in PyTorch. Entries that tie
    for the largest share the slope of chebyshev. Those of a function of your own are numerical: by the
    complex step, where Richardson extrapolation confirms it, else by that.
    Accuracy: the loss keeps its digits where the distances cancel. The anchor's slope, and with swap each, is a
    difference of two rounded ones, each good to 4 ulp; those of cosine lose digits where vectors are nearly parallel to
    a part in 2⁵⁰, and have no number where those of subnormal vectors overflow.
    Relations: triplet_margin with p = 2, 1 and infinity, and in PyTorch's convention for the euclidean distance too.
    The convention exact has neither of the small constants.
    Pitfalls: cosine is the distance 1 - cos, not the similarity, which would pull the negative nearer;
    PyTorch's default adds 1e-6 to each entry of a difference, but a function of one's own, as in its documentation's
    examples, does not; nn.PairwiseDistance(p=1) does: see triplet_margin with p = 1;
    PyTorch refuses a margin of 0 here, and takes it for triplet_margin.
    Source: torch.nn.functional.triplet_margin_with_distance_loss; V. Balntas et al., BMVC 2016 (swap).
    """
    distance = _distance(distance_function, eps, floor)
    return hinge_of_distances(anchor, positive, negative, distance, margin, swap)


def _distance(name: str, eps: float, floor: float) -> Distance:
    if isinstance(name, OwnDistance):
        return measured(name.measure)
    if name == "cosine":
        return angular(floor)
    return minkowski(_POWERS[name], eps if name == "euclidean" else 0.0)


def _kinks(
    anchor: Array,
    positive: Array,
    negative: Array,
    distance_function: str,
    margin: float,
    swap: bool,
    eps: float,
    floor: float,
) -> NDArray[np.bool_]:
    """Where the maximum, the minimum of swap or one of the distances bends."""
    distance = _distance(distance_function, eps, floor)
    kinks = hinge_kinks(anchor, positive, negative, distance, margin, swap)
    if distance_function in _POWERS:
        shift = eps if distance_function == "euclidean" else 0.0
        for x, y in ((anchor, positive), (anchor, negative), (positive, negative))[: 3 if swap else 2]:
            kinks |= bends(x, y, _POWERS[distance_function], shift)
    return kinks


def _steps(
    anchor: Array,
    positive: Array,
    negative: Array,
    distance_function: str,
    margin: float,
    swap: bool,
    eps: float,
    floor: float,
) -> list[Step]:
    def distance(x: Array, y: Array) -> float:
        if isinstance(distance_function, OwnDistance):
            return float(distance_function.measure(x[None], y[None])[0][0])
        if distance_function == "cosine":
            lengths = (max(float(np.linalg.norm(vector)), floor) for vector in (x, y))
            return 1.0 - float(x @ y) / float(np.prod(list(lengths)))
        shift = eps if distance_function == "euclidean" else 0.0
        return float(np.linalg.norm(x - y + shift, _POWERS[distance_function]))

    near, far = distance(anchor, positive), distance(anchor, negative)
    steps = [Step("near", "d(anchor, positive)", near), Step("far", "d(anchor, negative)", far)]
    if not swap:
        return [*steps, Step("loss", "max(0, near - far + margin)", max(0.0, near - far + margin))]
    between = distance(positive, negative)
    loss = max(0.0, near - min(far, between) + margin)
    return [
        *steps,
        Step("between", "d(positive, negative)", between),
        Step("loss", "max(0, near - min(far, between) + margin)", loss),
    ]


def _as_triplet_margin(anchor: Array, positive: Array, negative: Array, **options: Any) -> dict[str, Any]:
    vectors = {"anchor": anchor, "positive": positive, "negative": negative}
    p = _POWERS[options["distance_function"]]
    return {**vectors, "p": p, "eps": 0.0, "margin": options["margin"], "swap": options["swap"]}


LOSS = define(
    triplet_margin_with_distance,
    kind="embedding",
    conventions=(
        torch("TripletMarginWithDistanceLoss", "triplet_margin_with_distance_loss"),
        exact("neither eps nor a bound on lengths", eps=0.0, floor=0.0),
    ),
    relations=(
        equals(
            "TripletMarginWithDistance(euclidean, manhattan, chebyshev) = TripletMargin(p=2, 1, inf)",
            "triplet_margin",
            _as_triplet_margin,
            when=lambda distance_function, **_: distance_function in _POWERS,
            condition="the distance is euclidean, manhattan or chebyshev",
        ),
    ),
    kinks=_kinks,
    steps=_steps,
    example=("[[1,0]]", "[[3,4]]", "[[4,3]]", "--distance-function", "cosine", "--margin", "0.1"),
)
