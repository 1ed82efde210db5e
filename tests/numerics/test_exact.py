"""Exact sums against Fractions, which round nothing, and math.fsum, which rounds once by another algorithm."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from losscli.numerics.exact import NOTHING, UNIT, Total, group_totals, rounded, rounded_sqrt, total, total_of_products
from tests.nasty.sums import KINDS, Floats, ordinary

Kind = Callable[[np.random.Generator, int], Floats]
GRAIN = Fraction(1, 1 << -UNIT)
SIZES = (1, 2, 3, 7, 64, 129, 300)
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def arrays(kind: Kind, *, seeds: int = 5) -> list[tuple[np.random.Generator, Floats]]:
    rngs = (np.random.default_rng([seed, size]) for seed in range(seeds) for size in SIZES)
    return [(rng, kind(rng, size)) for rng, size in zip(rngs, SIZES * seeds, strict=True)]  # 35, and 385 over all kinds


def true_sum(values: Floats) -> Fraction:
    return sum(map(Fraction, values.tolist()), Fraction(0))


def true_sum_of_products(left: Floats, right: Floats) -> Fraction:
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return sum((Fraction(one) * Fraction(other) for one, other in pairs), Fraction(0))


def holds(claimed: Total, truth: Fraction) -> bool:
    return abs(claimed.certain * GRAIN - truth) <= claimed.slack * GRAIN


@by_kind
def test_total_is_the_sum(kind: Kind) -> None:
    for _, values in arrays(kind):
        untouched = values.copy()
        assert total(values, exactly=True).exact() == true_sum(values)
        assert holds(total(values), true_sum(values))
        assert values.tobytes() == untouched.tobytes()


@by_kind
def test_rounded_total_is_fsum(kind: Kind) -> None:
    for _, values in arrays(kind):
        try:
            expected = math.fsum(values)
        except OverflowError:  # fsum gives up on intermediate overflow; Fractions decide those above
            continue
        assert rounded(total(values, exactly=True)) == expected
        assert rounded(total(values)) in (expected, None)


@by_kind
def test_order_and_chunks_change_no_bit(kind: Kind) -> None:
    for rng, values in arrays(kind):
        cuts = np.sort(rng.integers(0, values.size + 1, 4))
        parts = np.split(rng.permutation(values), cuts)
        assert sum((total(part, exactly=True) for part in parts), NOTHING) == total(values, exactly=True)
        merged = sum((total(part) for part in parts), NOTHING)
        assert rounded(merged) in (rounded(total(values, exactly=True)), None)


@by_kind
def test_products_are_not_rounded(kind: Kind) -> None:
    for rng, left in arrays(kind, seeds=1):
        for other in KINDS:
            right = np.resize(other(rng, left.size), left.size)
            truth = true_sum_of_products(left, right)
            assert total_of_products(left, right, exactly=True).exact() == truth
            assert holds(total_of_products(left, right), truth)
        assert total_of_products(left, left, exactly=True).exact() == true_sum_of_products(left, left)


@by_kind
def test_group_totals(kind: Kind) -> None:
    for rng, values in arrays(kind, seeds=2):
        groups = rng.integers(0, 4, values.size)
        found = group_totals(values, groups, 6)
        assert [each.exact() for each in found] == [true_sum(values[groups == group]) for group in range(6)]


def test_large_arrays_are_cut_into_blocks() -> None:
    values = ordinary(np.random.default_rng(1), (1 << 18) + 5)
    truth = true_sum(values)
    assert total(values, exactly=True).exact() == truth
    assert holds(total(values), truth)
    pair = values[: (1 << 16) + 5], values[-(1 << 16) - 5 :]
    assert total_of_products(*pair, exactly=True).exact() == true_sum_of_products(*pair)
    apart = values[::-9]  # not contiguous
    assert total(apart, exactly=True).exact() == true_sum(apart)


@pytest.mark.parametrize("value", [math.nextafter(1.0, 0.0), -math.nextafter(1.0, 0.0), 1.0, -(2.0**1023), 5e-324])
@pytest.mark.parametrize("size", [2047, 2048, 4095, (1 << 17) - 1, 1 << 18])
def test_the_integer_sum_never_wraps(value: float, size: int) -> None:
    """Equal terms of one sign, just below and at a power of two, fill the 64 bits as far as they can be filled."""
    values = np.full(size, value)
    assert total(values, exactly=True).exact() == size * Fraction(value)
    assert holds(total(values), size * Fraction(value))
    groups = np.zeros(size, np.intp)
    assert group_totals(values, groups, 1)[0].exact() == size * Fraction(value)


def test_nothing() -> None:
    empty = np.array([])
    assert total(empty) == total_of_products(empty, empty, exactly=True) == NOTHING
    assert group_totals(empty, np.array([], np.intp), 2) == [NOTHING, NOTHING]
    assert math.copysign(1.0, rounded(total(np.array([-0.0]))) or 0.0) == 1.0


def test_terms_that_are_not_finite_are_counted() -> None:
    values = np.array([1.0, math.inf, -math.inf, math.nan, math.inf, 2.0])
    expected = Total(total(np.array([3.0])).certain, 0, 2, 1, 1)
    assert total(values, exactly=True) == total(values) == expected
    assert group_totals(values, np.array([0, 0, 1, 1, 1, 1]), 2) == [
        Total(1 << -UNIT, 0, 1),
        Total(2 << -UNIT, 0, 1, 1, 1),
    ]
    left, right = np.array([math.inf, 0.0, -2.0, 3.0, 1e308]), np.array([-1.0, math.inf, math.inf, 1.0, 1e308])
    products = total_of_products(left, right, exactly=True)
    assert products == Total(3 * (1 << -UNIT) + int(1e308) ** 2 * (1 << -UNIT), 0, 0, 2, 1)  # 1e308² is no infinity
    with pytest.raises(ValueError, match="not known exactly"):
        products.exact()


INFINITE, MINUS, NAN = Total(7, 0, 1), Total(7, 0, 0, 1), Total(7, 0, 0, 0, 1)
ONE = Total(1 << -UNIT)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (ONE, 0, math.nan),
        (NOTHING, 0, math.nan),
        (NOTHING, NOTHING, math.nan),
        (NAN, 1, math.nan),
        (ONE, NAN, math.nan),
        (INFINITE + MINUS, 1, math.nan),
        (INFINITE, INFINITE, math.nan),
        (INFINITE, 0, math.nan),
        (INFINITE, 3, math.inf),
        (MINUS, 3, -math.inf),
        (INFINITE, Total(-5, 4), -math.inf),
        (INFINITE, Total(-5, 5), None),
        (ONE, MINUS, 0.0),
        (NOTHING, -3, 0.0),
        (ONE, Total(5, 5), None),
        (ONE, 3, 1 / 3),
        (Total(1 << 3200), 1, math.inf),
        (Total(-(1 << 3200)), 1, -math.inf),
        (Total(1 << 3200), -1, -math.inf),
        (Total(1 << 1074), 1, 5e-324),
        (Total(-(1 << 1073)), 1, 0.0),  # a tie between nought and the smallest float, to even
        (Total((1 << 1073) + 1), 1, 5e-324),
    ],
)
def test_rules_of_rounded(numerator: Total, denominator: Total | int, expected: float | None) -> None:
    found = rounded(numerator, denominator)
    assert repr(found) == repr(expected)  # repr tells the zeros apart and has NaN equal itself


def test_overflow_begins_half_a_spacing_above_the_largest_float() -> None:
    largest = int(np.finfo(np.float64).max)
    half = 1 << 970
    assert rounded(Total(largest + half - 1 << -UNIT)) == float(largest)
    assert rounded(Total(largest + half << -UNIT)) == math.inf


def test_a_mean_survives_an_overflowing_sum() -> None:
    assert rounded(total(np.full(1000, 1.5e308)), 1000) == 1.5e308


def test_slack_across_a_tie_leaves_it_open() -> None:
    tie = total(np.array([1.0, 2.0**-53]), exactly=True)  # halfway from 1 to the next float
    assert rounded(tie) == 1.0
    for certain, slack, expected in (
        (tie.certain, 1, None),
        (tie.certain - 1, 1, 1.0),  # the interval ends at the tie, which still rounds to even
        (tie.certain - 1, 2, None),
        (tie.certain + 1, 1, None),
        (tie.certain + 2, 1, math.nextafter(1.0, 2.0)),
    ):
        assert rounded(Total(certain, slack)) == expected
        assert rounded(Total(certain * 3, slack * 3), 3) == expected
    assert rounded(ONE, Total(3 << -UNIT, 1 << -UNIT - 60)) == 1 / 3
    assert rounded(ONE, Total(3 << -UNIT, 1 << -UNIT - 40)) is None


def test_a_sum_close_to_a_tie_is_left_open_and_then_decided() -> None:
    values = np.array([1.0, 2.0**-53, 2.0**-170, -(2.0**-169)])
    assert rounded(total(values)) is None
    assert rounded(total(values, exactly=True)) == 1.0
    values[3] = 0.0
    assert rounded(total(values, exactly=True)) == math.nextafter(1.0, 2.0)


def test_slack_covers_the_plain_sum_of_many_left_overs() -> None:
    """Terms of one size make sums whose roundings add up; exact totals are held to Fractions above."""
    rng = np.random.default_rng(5)
    left, right = rng.uniform(1, 2, (2, 30_000))
    wide = np.exp2(rng.uniform(-60, 0, 30_000))
    for claimed, exactly in (
        (total(wide), total(wide, exactly=True)),
        (total_of_products(left, right), total_of_products(left, right, exactly=True)),
    ):
        off = abs(claimed.certain - exactly.certain)
        assert 0 < off <= claimed.slack


def test_slack_is_seldom_needed() -> None:
    rng = np.random.default_rng(0)
    means = [rounded(total(np.square(rng.standard_normal(30_000))), 30_000) for _ in range(100)]
    assert None not in means


def test_rounded_sqrt_is_the_nearest_float() -> None:
    """Its neighbours' midpoints, squared as Fractions, must enclose the square."""
    rng = np.random.default_rng(0)
    squares = [Fraction(value) for value in np.exp2(rng.uniform(-1000, 1000, 200)).tolist()]
    squares += [Fraction(int(n), int(d)) for n, d in rng.integers(1, 1 << 60, (200, 2))]
    squares += [Fraction(2), Fraction(1, 3), Fraction(1 << 3000, 7 << 1000), Fraction(1, 1 << 2100)]
    squares += [(1 + Fraction(1, 1 << 53)) ** 2 + offset for offset in (Fraction(1, 1 << 900), -Fraction(1, 1 << 900))]
    for square in squares:
        root = rounded_sqrt(square)
        below, above = ((Fraction(root) + Fraction(math.nextafter(root, end))) / 2 for end in (-math.inf, math.inf))
        assert below**2 <= square <= above**2
    assert rounded_sqrt(Fraction(9, 4)) == 1.5
    assert rounded_sqrt(Fraction(0)) == 0.0
    assert rounded_sqrt((1 + Fraction(1, 1 << 53)) ** 2) == 1.0  # a tie, to even
    with pytest.raises(ValueError, match="nonnegative"):
        rounded_sqrt(Fraction(-1))
