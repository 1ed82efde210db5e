"""The weights of single elements that PyTorch's losses of numbers take."""

from __future__ import annotations

import numpy as np

from losscli.schema.loss import Array

HELP = "what each element counts, broadcast to the input"
UNWEIGHTED = "without weights"


def weighted(values: Array, weight: Array | None) -> Array:
    """The products with the weights, 0 where the weight is."""
    if weight is None:
        return values
    product: Array = np.where(weight == 0.0, 0.0, values * weight)
    return product


def denominators(weight: Array | None) -> Array | None:
    """The weights as they add to the mean's denominator."""
    return weight


def unweighted(*, weight: Array | None, **_: object) -> bool:
    return weight is None
