"""The triplet margin loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.doubled import Doubled, doubled, two_sum
from losscli.numerics.norms import norm
from losscli.schema.domains import AT_LEAST_ONE, NONNEGATIVE, REAL, TRUTH
from losscli.schema.loss import Array, Convention, Option, Role, Units, define


def triplet_margin(
    anchor: Annotated[Array, Role("u d", REAL, "vectors")],
    positive: Annotated[Array, Role("u d", REAL, "vectors that should lie near the anchor's")],
    negative: Annotated[Array, Role("u d", REAL, "vectors that should lie away from the anchor's")],
    *,
    margin: Annotated[float, Option(NONNEGATIVE, "how much nearer the positive should be")] = 1.0,
    p: Annotated[float, Option(AT_LEAST_ONE, "the power of the norm")] = 2.0,
    eps: Annotated[float, Option(REAL, "added to every entry of a difference")] = 1e-6,
    swap: Annotated[bool, Option(TRUTH, "measure the negative from the positive where that is nearer")] = False,
) -> Units:
    """Wants the anchor nearer to the positive than to the negative, by a margin.

    Formula: max(0, d(a, pos) - d(a, neg) + margin), d(x, y) = ‖x - y + eps‖_p; with swap d(a, neg) is
    min(d(a, neg), d(pos, neg)).
    Inputs: three arrays of one shape, vectors along the last axis; margin, eps and the loss have their unit.
    Gradient: the directions of the two differences; passed on where the maximum is 0 by a tie, as in PyTorch.
    Accuracy: the difference of the distances keeps its digits for p = 1, 2 and infinity; for other p it is good to the
    digits of the distances.
    Relations: with p = 1 and vectors of one entry, distances are l1. The convention exact has eps = 0.
    Source: torch.nn.functional.triplet_margin_loss; V. Balntas et al., BMVC 2016 (swap).
    """
    near, near_slope = norm(two_sum(anchor, -positive) + eps, p)
    far, far_slope = norm(two_sum(anchor, -negative) + eps, p)
    swapped = np.zeros(len(anchor))  # the share of the distance that is measured from the positive
    if swap:
        other, other_slope = norm(two_sum(positive, -negative) + eps, p)
        closer = (far - other).high
        swapped = np.where(closer > 0.0, 1.0, np.where(closer == 0.0, 0.5, 0.0))
        far = Doubled(*(np.where(closer > 0.0, b, a) for a, b in ((far.high, other.high), (far.low, other.low))))
    over = (near - far + margin).high

    def pullback(up: Array) -> dict[str, Array]:
        flow = np.where(over >= 0.0, up, 0.0)
        to_positive = near_slope() * flow[:, None]
        to_negative = far_slope() * (flow * (1.0 - swapped))[:, None]
        between = other_slope() * (flow * swapped)[:, None] if swap else np.zeros_like(to_negative)
        return {
            "anchor": to_positive - to_negative,
            "positive": -to_positive - between,
            "negative": to_negative + between,
        }

    return Units(np.maximum(over, 0.0), pullback)


def _kinks(
    anchor: Array, positive: Array, negative: Array, margin: float, p: float, eps: float, swap: bool
) -> NDArray[np.bool_]:
    """Where the maximum, the minimum of swap or one of the norms bends."""
    differences = [anchor - positive + eps, anchor - negative + eps]
    if swap:
        differences.append(positive - negative + eps)
    near, *others = (norm(doubled(difference), p)[0].high for difference in differences)
    slack = 1e-12 * np.maximum(near, np.max(others, axis=0)) + 1e-12 * margin
    kinks: NDArray[np.bool_] = np.abs(near - np.min(others, axis=0) + margin) <= slack
    kinks |= np.abs(others[0] - others[-1]) <= slack if swap else False
    for difference in differences:
        kinks |= _bends(difference, p)
    return kinks


def _bends(difference: Array, p: float) -> NDArray[np.bool_]:
    """Rows where the norm has no gradient."""
    size = np.abs(difference)
    bends: NDArray[np.bool_] = np.equal(size.max(axis=1), 0.0)
    if p == 1.0:
        bends |= np.equal(size.min(axis=1), 0.0)
    elif np.isinf(p):
        largest = size >= size.max(axis=1, keepdims=True) * (1.0 - 1e-12)
        bends |= np.greater(largest.sum(axis=1), 1)
    return bends


LOSS = define(
    triplet_margin,
    class_name="TripletMarginLoss",
    function_name="triplet_margin_loss",
    conventions=(
        Convention("torch", "torch.nn.functional.triplet_margin_loss: eps is added to each entry of the difference"),
        Convention("exact", "no eps", values={"eps": 0.0}),
    ),
    kinks=_kinks,
)
