"""What the losses of angles share."""

from __future__ import annotations

from losscli.numerics.doubled import Doubled, doubled
from losscli.schema.loss import Array


def rest(vector: Array, along: Array, share: Doubled) -> Array:
    """vector - share · along, what projection leaves; of nearly parallel vectors that is a part in 1e16 of each."""
    return (-(doubled(along) * share.column) + vector).high
