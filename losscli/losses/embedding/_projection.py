"""What the losses of angles share."""

from __future__ import annotations

import numpy as np

from losscli.numerics.doubled import Doubled, doubled
from losscli.numerics.norms import scale_of
from losscli.schema.loss import Array


def scale(vectors: Array, bound: float) -> Array:
    """A power of two near each vector's length, or near a bound under which the length no longer matters."""
    _, exponent = np.frexp(bound)
    return np.maximum(scale_of(vectors), np.ldexp(1.0, exponent - 1) if bound else 0.0)


def rest(vector: Array, along: Array, share: Doubled) -> Array:
    """vector - share · along, what projection leaves; of nearly parallel vectors that is a part in 1e16 of each."""
    return (-(doubled(along) * share.column) + vector).high
