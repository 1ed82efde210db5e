"""Matrix products of twice the precision, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from losscli.numerics.products import add_at, blocks, product, zeros
from losscli.numerics.ulps import ulp

Array = NDArray[np.float64]
RANDOM = np.random.default_rng(59)


def exact(one: Array, other: Array) -> list[list[Fraction]]:
    return [
        [sum((Fraction(a) * Fraction(b) for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns]
        for row in one.tolist()
        for columns in [other.T.tolist()]
    ]


def bound(one: Array, other: Array, slices: int) -> list[list[Fraction]]:
    """What the docstring allows."""
    return [
        [len(other) * entry / 2 ** (21 * slices - 22) for entry in row] for row in exact(np.abs(one), np.abs(other))
    ]


def with_outlier(matrix: Array, at: tuple[int, int], outlier: float) -> Array:
    matrix[at] = outlier
    return matrix


def ordinary(*shape: int) -> Array:
    return np.asarray(RANDOM.normal(size=shape))


def spread(shape: tuple[int, ...], decades: float) -> Array:
    return np.asarray(RANDOM.normal(size=shape) * 10.0 ** RANDOM.uniform(-decades, decades, shape))


def cancelling(rows: int, inner: int) -> tuple[Array, Array]:
    """Dot products that are nearly 0: the second half of each row takes back what the first gave."""
    one = RANDOM.normal(size=(rows, inner))
    other = RANDOM.normal(size=(inner, 3))
    back = other * (1.0 + 1e-15 * RANDOM.integers(1, 9, other.shape))
    return np.concatenate([one, -one], axis=1), np.concatenate([other, back])


def single(shape: tuple[int, ...]) -> Array:
    return RANDOM.normal(size=shape).astype(np.float32).astype(np.float64)


MATRICES: dict[str, tuple[Array, Array]] = {
    "ordinary": (RANDOM.normal(size=(7, 60)), RANDOM.normal(size=(60, 5))),
    "float32": (single((7, 60)), single((60, 5))),
    "cancelling": cancelling(6, 40),
    "uneven entries": (spread((6, 30), 6), spread((30, 5), 6)),
    "uneven features": (RANDOM.normal(size=(6, 30)), RANDOM.normal(size=(30, 5)) * spread((30, 1), 100)),
    "uneven rows": (spread((6, 1), 100) * RANDOM.normal(size=(6, 30)), RANDOM.normal(size=(30, 5)) * spread((1, 5), 9)),
    "zeros": (np.zeros((2, 9)), RANDOM.normal(size=(9, 3))),
    "a row of zeros": (RANDOM.normal(size=(4, 3)), np.array([[0.0, 0.0], [1e-300, 3e-300], [2e-300, -1e-299]])),
    "more terms than a block": (RANDOM.normal(size=(2, 2500)), RANDOM.normal(size=(2500, 2))),
    "one term": (RANDOM.normal(size=(3, 1)), RANDOM.normal(size=(1, 3))),
    **{
        f"an outlier of {size:g} in the {side}": (
            with_outlier(ordinary(5, 8), (2, 3), size if side == "left" else 1.0),
            with_outlier(ordinary(8, 11), (3, 4), size if side == "right" else 1.0),
        )
        for size in (1e10, 1e25, -1e30, 1e300, -1e307)
        for side in ("left", "right")
    },
    "an outlier in every column": (ordinary(5, 8), ordinary(8, 8) + np.diag(10.0 ** (35.0 * np.arange(1, 9)))),
    "an outlier in every row": (ordinary(8, 8) + np.diag(10.0 ** (35.0 * np.arange(1, 9))), ordinary(8, 8)),
    "outliers on both sides": (ordinary(8, 8) + 1e100 * np.eye(8), ordinary(8, 8) + 1e100 * np.eye(8)[::-1]),
    "nothing but outliers meet": (1e-150 + 1e150 * np.eye(6), 1e-150 + 1e150 * np.eye(6)),
    "more columns than a block": (ordinary(2, 3), with_outlier(ordinary(3, 600), (1, 550), 1e40)),
    "large": (1e300 * RANDOM.random((3, 9)), 1e7 * RANDOM.random((9, 3))),
}


@pytest.mark.parametrize("slices", [3, 4])
@pytest.mark.parametrize("name", MATRICES)
def test_within_the_bound(name: str, slices: int) -> None:
    one, other = MATRICES[name]
    found, true, allowed = product(one, other, slices=slices), exact(one, other), bound(one, other, slices)
    for (i, j), high in np.ndenumerate(found.high):
        error = abs(Fraction(float(high)) + Fraction(float(found.low[i, j])) - true[i][j])
        assert error <= allowed[i][j] + abs(true[i][j]) / 2**104, (i, j)


@pytest.mark.parametrize("name", ["ordinary", "float32", "uneven features", "uneven rows"])
def test_the_high_part_is_the_nearest_float(name: str) -> None:
    one, other = MATRICES[name]
    found, true = product(one, other).high, exact(one, other)
    for (i, j), high in np.ndenumerate(found):
        assert abs(Fraction(float(high)) - true[i][j]) <= Fraction(0.5000001 * float(ulp(float(true[i][j])))), (i, j)


def test_what_cancels_keeps_its_digits() -> None:
    """And a plain product does not, so that this says something."""
    one, other = MATRICES["cancelling"]
    true = exact(one, other)

    def worst(found: Array) -> float:
        return max(float(abs(Fraction(float(x)) / true[i][j] - 1)) for (i, j), x in np.ndenumerate(found))

    assert worst(product(one, other).high) < 1e-8
    assert worst(one @ other) > 1e-3


def test_subnormal_entries_keep_their_bits() -> None:
    one = 5e-324 * RANDOM.integers(-9, 9, (4, 6)).astype(np.float64)
    other = 2.0**600 * RANDOM.integers(-9, 9, (6, 3)).astype(np.float64)
    assert product(one, other).high.tolist() == [[float(entry) for entry in row] for row in exact(one, other)]


def test_a_row_depends_on_nothing_but_itself() -> None:
    """The same bits, whichever rows are computed with it."""
    one, other = RANDOM.normal(size=(1100, 70)), RANDOM.normal(size=(70, 5))
    whole = product(one, other)
    for rows in (slice(0, 1), slice(3, 600), slice(1099, 1100)):
        part = product(one[rows], other)
        np.testing.assert_array_equal(part.high, whole.high[rows])
        np.testing.assert_array_equal(part.low, whole.low[rows])


def test_the_order_of_the_terms_does_not_matter() -> None:
    """BLAS adds slices without rounding, so it may add them in any order."""
    one, other = RANDOM.normal(size=(9, 700)), RANDOM.normal(size=(700, 8))
    order = RANDOM.permutation(700)
    there, here = product(one, other), product(np.asfortranarray(one[:, order]), other[order])
    np.testing.assert_array_equal(there.high, here.high)
    np.testing.assert_array_equal(there.low, here.low)


def test_overflow_is_infinite() -> None:
    found = product(np.array([[1e300, 1e300]]), np.array([[1e300], [1e300]]))
    assert (found.high.tolist(), found.low.tolist()) == ([[np.inf]], [[0.0]])


@pytest.mark.parametrize("shape", [(0, 3, 2), (3, 0, 2), (3, 2, 0)])
def test_nothing_to_multiply(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    found = product(np.ones((rows, inner)), np.ones((inner, columns)))
    assert found.high.tolist() == np.zeros((rows, columns)).tolist()


def test_blocks_cover_a_range_once() -> None:
    assert [list(range(10))[block] for block in blocks(10, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert blocks(0, 4) == []


def test_a_sum_of_many_keeps_what_each_addition_rounds() -> None:
    """Exactly 1 in all, of which a plain sum would lose the small numbers."""
    total = zeros((2, 3))
    for number in [1e16, *[0.25] * 4, -1e16]:
        add_at(total, (slice(0, 1), slice(1, 3)), np.full((1, 2), number))
    assert (total.high + total.low).tolist() == [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
