"""What the losses of an anchor, a positive and a negative share: everything but the distance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from losscli.losses.embedding._projection import Slopes, cosine
from losscli.numerics.double_double import Doubled, two_sum
from losscli.numerics.norms import norm
from losscli.schema.distance import Measure
from losscli.schema.loss import Array, Units

Distance = Callable[[Array, Array], tuple[Doubled, Slopes]]


def minkowski(p: float, eps: float = 0.0, under_root: float = 0.0) -> Distance:
    """(Σ |x - y + eps|^p + under_root)^(1/p), a p-norm; optax keeps the slope at 0 finite by the second constant."""

    def distance(x: Array, y: Array) -> tuple[Doubled, Slopes]:
        difference = two_sum(x, -y) + eps
        if under_root:  # one more entry, whose power it is
            column = np.full((len(x), 1), under_root ** (1.0 / p))
            high, low = (
                np.concatenate(parts, axis=1) for parts in ((difference.high, column), (difference.low, 0.0 * column))
            )
            difference = Doubled(high, low)
        length, slope = norm(difference, p)

        def slopes() -> tuple[Array, Array]:
            by_one = slope()[:, : x.shape[1]]
            return by_one, -by_one

        return length, slopes

    return distance


def angular(floor: float) -> Distance:
    """1 - cos, where no length counts as less than the floor."""

    def distance(x: Array, y: Array) -> tuple[Doubled, Slopes]:
        angle, turns = cosine(x, y, floor)

        def slopes() -> tuple[Array, Array]:
            by_one, by_other = turns()
            return -by_one, -by_other

        return -angle + 1.0, slopes

    return distance


def measured(measure: Measure) -> Distance:
    """A distance of the user's own, of plain precision."""

    def distance(x: Array, y: Array) -> tuple[Doubled, Slopes]:
        distances, slopes = measure(x, y)
        return Doubled(distances, np.zeros(distances.shape)), slopes

    return distance


def hinge_of_distances(
    anchor: Array, positive: Array, negative: Array, distance: Distance, margin: float, swap: bool
) -> Units:
    """max(0, d(a, pos) - d(a, neg) + margin), passed on where the maximum is 0 by a tie; PyTorch's choices at ties."""
    near, near_slopes = distance(anchor, positive)
    far, far_slopes = distance(anchor, negative)
    swapped = np.zeros(len(anchor))  # the fraction of the distance that is measured from the positive
    if swap:
        between, between_slopes = distance(positive, negative)
        closer = (far - between).high
        swapped = np.where(closer > 0.0, 1.0, np.where(closer == 0.0, 0.5, 0.0))
        far = Doubled(*(np.where(closer > 0.0, b, a) for a, b in ((far.high, between.high), (far.low, between.low))))
    over = (near - far + margin).high

    def pullback(up: Array) -> dict[str, Array]:
        flow = np.where(over >= 0.0, up, 0.0)[:, None]
        kept = flow * (1.0 - swapped)[:, None]
        near_anchor, near_positive = near_slopes()
        far_anchor, far_negative = far_slopes()
        gradients = {
            "anchor": near_anchor * flow - far_anchor * kept,
            "positive": near_positive * flow,
            "negative": -far_negative * kept,
        }
        if swap:
            by_positive, by_negative = between_slopes()
            gradients["positive"] -= by_positive * (flow - kept)
            gradients["negative"] -= by_negative * (flow - kept)
        return gradients

    return Units(np.maximum(over, 0.0), pullback)


def hinge_kinks(
    anchor: Array, positive: Array, negative: Array, distance: Distance, margin: float, swap: bool
) -> NDArray[np.bool_]:
    """Where the maximum, or the minimum of swap, changes sides."""
    far = [distance(anchor, negative)[0].high]
    if swap:
        far.append(distance(positive, negative)[0].high)
    near = distance(anchor, positive)[0].high
    slack = 1e-12 * np.maximum(near, np.max(far, axis=0)) + 1e-12 * margin
    kinks: NDArray[np.bool_] = np.abs(near - np.min(far, axis=0) + margin) <= slack
    kinks |= np.abs(far[0] - far[-1]) <= slack if swap else False
    return kinks


def bends(x: Array, y: Array, p: float, eps: float = 0.0) -> NDArray[np.bool_]:
    """Rows where the norm of the difference has no gradient."""
    size = np.abs(x - y + eps)
    bent: NDArray[np.bool_] = np.equal(size.max(axis=1), 0.0)
    if p == 1.0:
        bent |= np.equal(size.min(axis=1), 0.0)
    elif np.isinf(p):
        largest = size >= size.max(axis=1, keepdims=True) * (1.0 - 1e-12)
        bent |= np.greater(largest.sum(axis=1), 1)
    return bent
