"""Sums without rounding: the same bits for any order, any chunking and any number of threads.

A float64 is a whole number of 2**-1074, a product of two of them one of 2**-2148. A `Total` counts in the latter,
as a Python integer of any size, so adding totals is exact and only `rounded` rounds, once.

An array is summed in blocks. Adding sigma = 1.5 * 2**(grid + 52) to a term rounds it to a multiple of 2**grid, and
the bits of the result, read as an integer, are those of sigma plus that multiple. Integers add exactly in any order,
so one integer sum over the block gives the total of the rounded terms; what the rounding left over is a float again
(Dekker 1971; blockwise extraction is due to Rump, Ogita and Oishi 2008, https://doi.org/10.1137/050645671).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, isqrt, ldexp, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNIT = -2148  # the exponent of the unit that totals are counted in
_BLOCK = 1 << 18  # terms: smaller ones fit nearer caches, but then threads wait for each other between short calls
_PAIRS = 1 << 16  # products: these need four times the scratch
_HUGE = 1000  # terms from 2**_HUGE on are scaled down first, for sigma would overflow
_SCALED_DOWN = -128
_TINY = -960  # products below 2**_TINY may have a rounding error that is no float64
_INFINITY = 0x7FF << 52  # as bits; every larger magnitude is a NaN
_SIGN = 1 << 63


@dataclass(frozen=True, slots=True)
class Total:
    """A sum: `certain` units of 2**UNIT, at most `slack` units off, and how many terms were not finite."""

    certain: int
    slack: int = 0
    positive: int = 0  # terms that were +inf
    negative: int = 0  # terms that were -inf
    nans: int = 0

    def __add__(self, other: Total) -> Total:
        return Total(
            self.certain + other.certain,
            self.slack + other.slack,
            self.positive + other.positive,
            self.negative + other.negative,
            self.nans + other.nans,
        )

    @property
    def limit(self) -> float:
        """What the terms that are not finite make of the sum: NaN, an infinity, or 0.0 where there are none."""
        if self.nans or (self.positive and self.negative):
            return nan
        return inf if self.positive else -inf if self.negative else 0.0

    def exact(self) -> Fraction:
        """The sum itself. Only a finite sum without slack has one."""
        if self.slack or self.limit != 0.0:
            raise ValueError("this sum is not known exactly")
        return Fraction(self.certain, 1 << -UNIT)

    def times(self, count: int) -> Total:
        """This sum, of every term taken `count` times."""
        return Total(self.certain * count, self.slack * count, self.positive, self.negative, self.nans)

    def times_power_of_two(self, exponent: int) -> Total:
        """This sum, every term scaled. The caller knows that scaling down leaves whole units."""

        def scaled(units: int) -> int:
            return units << exponent if exponent >= 0 else units >> -exponent

        return Total(scaled(self.certain), scaled(self.slack), self.positive, self.negative, self.nans)


NOTHING = Total(0)


def total(values: Floats, *, exactly: bool = False) -> Total:
    """The sum of a one-dimensional array, which is left as it is.

    Without `exactly` one extraction is made and its left-overs are summed plainly, with a bound of their error as
    slack: half the time, and nearly always enough for `rounded`, since the slack is at most 2**-60 of the sum of
    magnitudes, and 2**-80 where they are alike. With `exactly` there is no slack.
    """
    if values.size <= _BLOCK:
        return _total_of_block(values, exactly)
    blocks = (values[start : start + _BLOCK] for start in range(0, values.size, _BLOCK))
    return sum((_total_of_block(block, exactly) for block in blocks), NOTHING)


def total_of_products(left: Floats, right: Floats, *, exactly: bool = False) -> Total:
    """The sum of left * right, no product rounded; `exactly` as in `total`. Zero times infinity is NaN."""
    pairs = ((left[start : start + _PAIRS], right[start : start + _PAIRS]) for start in range(0, left.size, _PAIRS))
    return sum((_total_of_pairs(*block, exactly) for block in pairs), NOTHING)


def group_totals(values: Floats, groups: NDArray[np.intp], count: int) -> list[Total]:
    """The exact sum of each group; values[i] belongs to group groups[i], of 0 to count - 1."""
    if not values.size:
        return [NOTHING] * count
    if _largest_magnitude(values) < _HUGE + 1023 << 52:
        return [Total(units) for units in _grouped_units(values, groups, count)]
    infinite = [
        np.bincount(groups[kind], minlength=count).tolist()
        for kind in (values == inf, values == -inf, np.isnan(values))
    ]
    finite = np.isfinite(values)
    huge = finite & (np.abs(values) >= 2.0**_HUGE)
    usual = finite & ~huge
    scaled_down = _grouped_units(values[huge] * 2.0**_SCALED_DOWN, groups[huge], count)
    certain = [
        units + (more << -_SCALED_DOWN)
        for units, more in zip(_grouped_units(values[usual], groups[usual], count), scaled_down, strict=True)
    ]
    return [Total(units, 0, *infinities) for units, *infinities in zip(certain, *infinite, strict=True)]


def rounded(numerator: Total, denominator: Total | int = 1) -> float | None:
    """The float64 nearest to numerator / denominator, or None where their slack leaves it open.

    NaN where the denominator is zero, or where the terms that are not finite leave no limit. Zero is never negative.
    """
    if isinstance(denominator, int):
        denominator = Total(denominator << -UNIT)
    above, below = numerator.limit, denominator.limit
    if above or below:
        return _quotient_of_limits(above, below, denominator)
    if not denominator.certain and not denominator.slack:
        return nan
    lowest, highest = denominator.certain - denominator.slack, denominator.certain + denominator.slack
    if lowest <= 0 <= highest:
        return None
    # A quotient is monotonic in either part, so its extremes lie in the corners, and rounding is monotonic too.
    ends = {numerator.certain - numerator.slack, numerator.certain + numerator.slack}
    quotients = {_divided(end, by) for end in ends for by in {lowest, highest}}
    return quotients.pop() if len(quotients) == 1 else None


def rounded_sqrt(square: Fraction) -> float:
    """The float64 nearest to the square root (correctly rounded)."""
    # Scale so that the integer root has at least 64 bits; an odd last bit then stands for all that follows it.
    shift = max(0, 64 - (square.numerator.bit_length() - square.denominator.bit_length()) // 2)
    scaled, rest = divmod(square.numerator << 2 * shift, square.denominator)
    root = isqrt(scaled)
    sticky = rest != 0 or root * root != scaled
    return _divided(2 * root + sticky, 2 << shift)


def _total_of_block(block: Floats, exactly: bool) -> Total:
    if not block.size:
        return NOTHING
    largest = _largest_magnitude(block)
    if largest >= _INFINITY:
        finite = np.isfinite(block)
        return _not_finite(block[~finite]) + _total_of_block(block[finite], exactly)
    exponent = _exponent(largest)
    if exponent > _HUGE:
        huge = np.abs(block) >= 2.0**_HUGE
        scaled_down = _total_of_block(block[huge] * 2.0**_SCALED_DOWN, exactly)
        return _total_of_block(block[~huge], exactly) + scaled_down.times_power_of_two(-_SCALED_DOWN)
    if not largest:
        return NOTHING
    if not exactly:
        raised = np.empty(block.size)
        units, grid = _extract(block, exponent, raised, rest=raised)
        return _with_plain_sum(units, raised, grid)
    raised, rest = np.empty((2, block.size))  # at once: of two such arrays, malloc hands one back to the system
    units, _ = _extract(block, exponent, raised, rest)
    while largest := _largest_magnitude(rest):
        if 2 * np.count_nonzero(rest) < rest.size:
            rest = rest[rest != 0.0]
        units += _extract(rest, _exponent(largest), raised[: rest.size], rest)[0]
    return Total(units)


def _not_finite(values: Floats) -> Total:
    return Total(
        0,
        positive=int(np.count_nonzero(values == inf)),
        negative=int(np.count_nonzero(values == -inf)),
        nans=int(np.count_nonzero(np.isnan(values))),
    )


def _largest_magnitude(values: Floats) -> int:
    """The largest |value| as bits, whose order is that of the magnitudes, NaN beyond infinity.

    As an unsigned integer a negative float exceeds all others, so losses, which rarely are negative, take one pass.
    """
    largest = int(np.maximum.reduce(values.view(np.uint64)))
    if largest < _SIGN:
        return largest
    return max(largest - _SIGN, int(np.maximum.reduce(values.view(np.int64))))


def _exponent(magnitude: int) -> int:
    """The least e with |value| < 2**e."""
    biased = magnitude >> 52
    return biased - 1022 if biased else magnitude.bit_length() - 1074


def _extract(values: Floats, exponent: int, raised: Floats, rest: Floats) -> tuple[int, int]:
    """Rounds the values to multiples of 2**grid; gives the units of their sum, and grid. What is left goes to `rest`.

    `raised` is scratch, given like `rest` because a fresh array costs more than all that is done here: the system
    hands out new pages. `rest` may be either of the other two.

    Needs |value| <= 2**exponent and at most 2**62 multiples in all, so the coarser of two grids:
    - |value| <= 2**(grid + 51) keeps value + sigma between 2**(grid + 52) and 2**(grid + 53), where floats are 2**grid
      apart; hence the bits of the sum are those of sigma plus the multiple, both differences below are exact, and
      what is left over is at most 2**(grid - 1);
    - size * 2**(exponent - grid) <= 2**62 keeps the integer sum, taken modulo 2**64, unique.
    """
    size = values.size
    grid = max(exponent - 51, exponent + size.bit_length() - 62, -1074)
    sigma = ldexp(1.5, grid + 52)
    bits_of_sigma = (grid + 52 + 1023 << 52) + (1 << 51)
    np.add(values, sigma, out=raised)
    multiples = int(np.add.reduce(raised.view(np.uint64))) - size * bits_of_sigma
    multiples = (multiples + _SIGN) % (1 << 64) - _SIGN
    np.subtract(raised, sigma, out=raised)
    np.subtract(values, raised, out=rest)
    return multiples << grid - UNIT, grid


def _with_plain_sum(units: int, rest: Floats, grid: int) -> Total:
    """Adds the rest as NumPy sums it.

    In whatever order n floats are added, the result is off by at most (n - 1) * 2**-53 times the sum of magnitudes
    (Jeannerod and Rump 2013, https://doi.org/10.1137/120894488; underflow adds nothing, sums being exact there).
    Here that sum is at most n * 2**(grid - 1).
    """
    plain = float(np.add.reduce(rest))
    if not plain and not rest.any():
        return Total(units)
    return Total(units + _units(plain), rest.size * (rest.size - 1) << grid - 54 - UNIT)


def _units(value: float) -> int:
    numerator, denominator = value.as_integer_ratio()  # the denominator is a power of two, at most 2**1074
    return numerator << -UNIT - denominator.bit_length() + 1


def _total_of_pairs(left: Floats, right: Floats, exactly: bool) -> Total:
    if not left.size:
        return NOTHING
    largest = _largest_magnitude(left), _largest_magnitude(right)
    if max(largest) >= _INFINITY:
        finite = np.isfinite(left) & np.isfinite(right)
        with np.errstate(invalid="ignore"):
            nonfinite = left[~finite] * right[~finite]
        return _not_finite(nonfinite) + _total_of_pairs(left[finite], right[finite], exactly)
    exponents = _exponent(largest[0]), _exponent(largest[1])
    if max(*exponents, sum(exponents)) > _HUGE:
        return _total_of_rescaled_pairs(left, right)
    product, error = _two_product(left, right)
    if not exactly:
        # Below 2**_TINY nothing is exact, but then the nine terms of `error` are under 2**(_TINY - 24), and rounding
        # each changes it by at most 2**(_TINY - 77).
        rough = Total(0, left.size << _TINY - 73 - UNIT)
        rest = _with_plain_sum(0, error, max(sum(exponents) - 52, -1074))
        return _total_of_block(product, False) + rest + rough
    tiny = (np.abs(product) < 2.0**_TINY) & (left != 0.0) & (right != 0.0)
    product[tiny] = error[tiny] = 0.0
    rest = _total_of_rescaled_pairs(left[tiny], right[tiny])
    return _total_of_block(product, True) + _total_of_block(error, True) + rest


def _two_product(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The rounded product and its rounding error, exactly, barring overflow and underflow (Dekker 1971)."""
    product, error, part, *heads, left_tail, right_tail = np.empty((7, left.size))
    for factor, head, tail in zip((left, right), heads, (left_tail, right_tail), strict=True):
        # The upper 26 bits, rounded: as integers in one operation less than Veltkamp's split, and without overflow.
        bits = head.view(np.uint64)
        np.add(factor.view(np.uint64), np.uint64(1 << 26), out=bits)
        np.bitwise_and(bits, np.uint64((1 << 64) - (1 << 27)), out=bits)
        np.subtract(factor, head, out=tail)
    np.multiply(left, right, out=product)
    np.multiply(heads[0], heads[1], out=error)
    error -= product
    for factors in ((heads[0], right_tail), (left_tail, heads[1]), (left_tail, right_tail)):
        error += np.multiply(*factors, out=part)
    return product, error


def _total_of_rescaled_pairs(left: Floats, right: Floats) -> Total:
    """The exact sum of products some of which overflow or underflow: scaled, 256 powers of two at a time."""
    (left, left_exponents), (right, right_exponents) = np.frexp(left), np.frexp(right)
    exponents = left_exponents + right_exponents
    result = NOTHING
    for scale in np.unique(exponents & -256).tolist():
        there = exponents & -256 == scale
        scaled = _total_of_pairs(np.ldexp(left[there], exponents[there] - scale), right[there], exactly=True)
        result += scaled.times_power_of_two(scale)
    return result


def _grouped_units(values: Floats, groups: NDArray[np.intp], count: int) -> list[int]:
    """The units of each group's sum.

    `bincount` adds floats, which is exact as long as no group's sum exceeds 2**53 multiples of 2**grid.
    """
    units = [0] * count
    if not values.size:
        return units
    spare = 53 - int(np.bincount(groups).max()).bit_length()
    while largest := _largest_magnitude(values):
        if 2 * np.count_nonzero(values) < values.size:
            left = values != 0.0
            values, groups = values[left], groups[left]
        grid = max(_exponent(largest) - min(spare, 51), -1074)
        sigma = ldexp(1.5, grid + 52)
        parts = values + sigma
        parts -= sigma
        multiples = np.ldexp(np.bincount(groups, weights=parts), -grid)
        occupied = np.flatnonzero(multiples)
        for group, multiple in zip(occupied.tolist(), multiples[occupied].tolist(), strict=True):
            units[group] += int(multiple) << grid - UNIT
        values = values - parts
    return units


def _quotient_of_limits(above: float, below: float, denominator: Total) -> float | None:
    if above != above or below != below or (above and below):
        return nan
    if below:
        return 0.0
    if not denominator.certain and not denominator.slack:
        return nan
    if abs(denominator.certain) <= denominator.slack:
        return None
    return above if denominator.certain > 0 else -above


def _divided(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator + 0.0  # Python rounds such a quotient correctly; + 0.0 drops the sign of zero
    except OverflowError:
        return inf if (numerator > 0) == (denominator > 0) else -inf
