"""What the losses of angles share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, row_dots
from losscli.numerics.norms import scale_of
from losscli.schema.loss import Array

Slopes = Callable[[], tuple[Array, Array]]  # of a function of two vectors, with respect to either


def cosine(one: Array, other: Array, floor: float) -> tuple[Doubled, Slopes]:
    """The cosine between each row and its fellow, where no length counts as less than `floor`, and its slopes.

    A length under the floor is a constant, so its slope has nothing to subtract.
    """
    scale1, scale2 = scale(one, floor), scale(other, floor)
    one, other = one / scale1[:, None], other / scale2[:, None]
    dot, square1, square2 = row_dots(one, other), row_dots(one, one), row_dots(other, other)
    length1, length2 = square1.sqrt(), square2.sqrt()
    short1, short2 = length1.high < floor / scale1, length2.high < floor / scale2
    both = _at_least(length1, floor / scale1) * _at_least(length2, floor / scale2)

    def slopes() -> tuple[Array, Array]:
        turn = 1.0 / both.high[:, None]  # the scales come last: 1 / scale of the shortest vectors overflows
        return (
            _unless(short1, rest(other, one, dot / square1), other) * turn / scale1[:, None],
            _unless(short2, rest(one, other, dot / square2), one) * turn / scale2[:, None],
        )

    return dot / both, slopes


def scale(vectors: Array, bound: float) -> Array:
    """A power of two near each vector's length, or near a bound under which the length no longer matters."""
    _, exponent = np.frexp(bound)
    return np.maximum(scale_of(vectors), np.ldexp(1.0, exponent - 1) if bound else 0.0)


def rest(vector: Array, along: Array, share: Doubled) -> Array:
    """vector - share · along, what projection leaves; of nearly parallel vectors that is a part in 1e16 of each."""
    return (-(doubled(along) * share.column) + vector).high


def _at_least(length: Doubled, bound: Array) -> Doubled:
    return Doubled(np.maximum(length.high, bound), np.where(length.high < bound, 0.0, length.low))


def _unless(short: NDArray[np.bool_], slope: Array, other: Array) -> Array:
    return np.where(short[:, None], other, slope)
