"""The cosines between all rows of two arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from losscli.losses.embedding._projection import scale
from losscli.numerics.double_double import Doubled, row_dots
from losscli.numerics.products import product
from losscli.schema.loss import Array

Back = Callable[[Array], tuple[Array, Array]]


def pairwise_cosines(x: Array, y: Array, floor: float) -> tuple[Doubled, Back]:
    """The cosine between every row of x and every row of y, no length under the floor; and the way back.

    The second takes the derivatives with respect to every cosine to those with respect to both arrays.
    """
    (rows1, scale1, length1, long1), (rows2, scale2, length2, long2) = (_measured(rows, floor) for rows in (x, y))
    cosines = product(rows1, rows2.T) / (length1.column * Doubled(length2.high[None, :], length2.low[None, :]))

    def back(up: Array) -> tuple[Array, Array]:
        unit1, unit2 = rows1 / length1.high[:, None], rows2 / length2.high[:, None]
        along1, along2 = (row_dots(*pair).column for pair in ((up, cosines.high), (up.T, cosines.high.T)))
        by_one = product(up, unit2) - along1 * (unit1 * long1[:, None])
        by_other = product(up.T, unit1) - along2 * (unit2 * long2[:, None])
        return (
            by_one.high / length1.high[:, None] / scale1[:, None],
            by_other.high / length2.high[:, None] / scale2[:, None],
        )

    return cosines, back


def _measured(rows: Array, floor: float) -> tuple[Array, Array, Doubled, Array]:
    """The rows over powers of two near their lengths, those, the lengths left, and 0 for each that is the floor."""
    power = scale(rows, floor)
    rows = rows / power[:, None]
    length = row_dots(rows, rows).sqrt()
    long = np.where(length.high < floor / power, 0.0, 1.0)
    return rows, power, Doubled(np.maximum(length.high, floor / power), length.low * long), long
