"""What the losses of angles share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, row_dots
from losscli.numerics.norms import scale_of
from losscli.schema.loss import Array

Slopes = Callable[[], tuple[Array, Array]]  # of a function of two vectors, with respect to either


def cosine(x: Array, y: Array, floor: float) -> tuple[Doubled, Slopes]:
    """The cosine between the rows of two arrays, where no length counts as less than `floor`, and its slopes.

    A length under the floor is a constant, so its slope has nothing to subtract.
    """
    scale1, scale2 = scale(x, floor), scale(y, floor)
    x, y = x / scale1[:, None], y / scale2[:, None]
    dot, square1, square2 = row_dots(x, y), row_dots(x, x), row_dots(y, y)
    length1, length2 = square1.sqrt(), square2.sqrt()
    short1, short2 = length1.high < floor / scale1, length2.high < floor / scale2
    both = _at_least(length1, floor / scale1) * _at_least(length2, floor / scale2)

    def slopes() -> tuple[Array, Array]:
        turn = 1.0 / both.high[:, None]  # the scales come last: 1 / scale of the shortest vectors overflows
        return (
            _unless(short1, rest(y, x, dot / square1), y) * turn / scale1[:, None],
            _unless(short2, rest(x, y, dot / square2), x) * turn / scale2[:, None],
        )

    return dot / both, slopes


def scale(vectors: Array, bound: float) -> Array:
    """A power of two near each vector's length, or near a bound under which the length no longer matters."""
    _, exponent = np.frexp(bound)
    return np.maximum(scale_of(vectors), np.ldexp(1.0, exponent - 1) if bound else 0.0)


def rest(vector: Array, along: Array, ratio: Doubled) -> Array:
    """vector - ratio · along, what projection leaves; of nearly parallel vectors that is a part in 1e16 of each."""
    return (-(doubled(along) * ratio.column) + vector).high


def _at_least(length: Doubled, bound: Array) -> Doubled:
    return Doubled(np.maximum(length.high, bound), np.where(length.high < bound, 0.0, length.low))


def _unless(short: NDArray[np.bool_], slope: Array, otherwise: Array) -> Array:
    return np.where(short[:, None], otherwise, slope)
