"""Arithmetic of twice the working precision, against fractions and mpmath."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, log, row_dots, row_sums, two_product, two_sum
from losscli.numerics.norms import norm

Array = NDArray[np.float64]


def spread(seed: int, size: int | tuple[int, ...]) -> Array:
    random = np.random.default_rng(seed)
    return np.asarray(random.choice([-1.0, 1.0], size) * 10.0 ** random.uniform(-60, 60, size))


def fractions(numbers: Doubled) -> list[Fraction]:
    pairs = zip(numbers.high.ravel().tolist(), numbers.low.ravel().tolist(), strict=True)
    return [Fraction(high) + Fraction(low) for high, low in pairs]


def of(values: Array) -> list[Fraction]:
    return [Fraction(value) for value in values.ravel().tolist()]


def test_sum_and_product_are_exact() -> None:
    one, other = spread(1, 500), spread(2, 500)
    assert fractions(two_sum(one, other)) == [a + b for a, b in zip(of(one), of(other), strict=True)]
    assert fractions(two_product(one, other)) == [a * b for a, b in zip(of(one), of(other), strict=True)]


def test_high_is_the_nearest_float() -> None:
    product = two_product(spread(3, 500), spread(4, 500)) / (two_sum(spread(5, 500), spread(6, 500)))
    assert product.high.tolist() == [float(exact) for exact in fractions(product)]


@pytest.mark.parametrize("operation", ["+", "-", "*", "/"])
def test_operations(operation: str) -> None:
    one, other = two_sum(spread(7, 500), spread(8, 500)), two_product(spread(9, 500), spread(10, 500))
    found = {"+": one + other, "-": one - other, "*": one * other, "/": one / other}[operation]
    for a, b, c in zip(fractions(one), fractions(other), fractions(found), strict=True):
        exact = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[operation]
        size = abs(a) + abs(b) if operation in "+-" else abs(exact)
        assert abs(c - exact) <= size / 2**103


def test_square_root() -> None:
    square = two_product(np.abs(spread(11, 500)), np.abs(spread(12, 500)))
    for found, exact in zip(fractions(square.sqrt()), fractions(square), strict=True):
        assert abs(found * found / exact - 1) <= Fraction(1, 2**102)
    assert fractions(doubled(np.zeros(1)).sqrt()) == [0]


def test_infinities_have_no_low_part() -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        total = two_sum(np.array([np.inf, 1e308, -np.inf]), np.array([1.0, 1e308, 5.0])) + 1.0
    assert total.high.tolist() == [np.inf, np.inf, -np.inf]
    assert not total.low.any()


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 65])
def test_row_sums_that_cancel(width: int) -> None:
    rows = spread(13, (20, width))
    rows = np.concatenate([rows, -rows[:, ::-1], np.ones((20, 1))], axis=1)
    sums = fractions(row_sums(doubled(rows)))
    for row, found in zip(rows, sums, strict=True):
        assert abs(found - 1) <= sum(map(abs, of(row))) / 2**100


def test_row_dots() -> None:
    one, other = spread(14, (20, 9)), spread(15, (20, 9))
    for a, b, found in zip(one, other, fractions(row_dots(one, other)), strict=True):
        terms = [x * y for x, y in zip(of(a), of(b), strict=True)]
        assert abs(found - sum(terms)) <= sum(map(abs, terms)) / 2**100


def test_logarithm() -> None:
    random = np.random.default_rng(16)
    values = np.concatenate(
        [
            random.random(9000),  # more than a block
            10.0 ** random.uniform(-323, 308, 200),
            1.0 + 10.0 ** random.uniform(-15, -3, 100) * random.choice([-1.0, 1.0], 100),
            2.0 ** np.arange(-1074.0, 1024.0, 97.0),
        ]
    )[8800:]
    assert fractions(log(np.array([1.0]))) == [0]
    found = log(values)
    with mp.workprec(300):
        for value, high, low in zip(values.tolist(), found.high.tolist(), found.low.tolist(), strict=True):
            exact = mp.log(mpf(value))
            assert abs(mpf(high) + mpf(low) - exact) <= abs(exact) * mpf(2) ** -100, value


def test_logarithm_of_blocks_is_that_of_each() -> None:
    values = np.random.default_rng(17).random(20_000)
    whole = log(values)
    parts = [log(values[at : at + 1000]) for at in range(0, 20_000, 1000)]
    assert whole.high.tobytes() == np.concatenate([part.high for part in parts]).tobytes()
    assert whole.low.tobytes() == np.concatenate([part.low for part in parts]).tobytes()


def test_logarithm_at_the_ends() -> None:
    ends = log(np.array([0.0, np.inf, np.nan]))
    np.testing.assert_array_equal(ends.high, [-np.inf, np.inf, np.nan])
    assert not ends.low.any()


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
@pytest.mark.parametrize("scale", [1.0, 1e200, 1e-200, 5e-324])
def test_norms_have_twice_the_precision(p: float, scale: float) -> None:
    rows = np.asarray(np.random.default_rng(18).integers(-9, 10, (30, 4)) * scale, np.float64)
    lengths = norm(doubled(rows), p)[0]
    with mp.workprec(3000):
        for row, high, low in zip(rows.tolist(), lengths.high.tolist(), lengths.low.tolist(), strict=True):
            exact = mp.norm([mpf(entry) for entry in row], mp.inf if np.isinf(p) else p)
            smallest = mpf(2) ** -1074  # below it, the low part has no digits
            assert abs(mpf(high) + mpf(low) - exact) <= exact * mpf(2) ** -100 + smallest
