"""Numbers of twice the working precision: unevaluated sums of two float64, for differences that would cancel.

Sources: T. J. Dekker, Numer. Math. 18 (1971); T. Ogita, S. M. Rump, S. Oishi, SIAM J. Sci. Comput. 26 (2005);
M. Joldes, J.-M. Muller, V. Popescu, ACM Trans. Math. Softw. 44 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_HALVES = 2.0**27 + 1.0  # splits 53 bits into two halves whose products are exact
_STEPS = 256  # of the logarithms that are looked up
_DOUBLED_TERMS = 6  # of log(1+r) / r, |r| ≤ 2⁻⁹: r⁶ times the plain precision of the rest is 2⁻¹⁰⁷
_TERMS = 13
_BLOCK = 8192  # elements, whose many temporaries stay in the cache: twice as fast as all at once


@dataclass(frozen=True, slots=True)
class Doubled:
    """high + low, where high is the float64 nearest to the sum: 106 bits, in the exponents of float64.

    An operation is off by some 2⁻¹⁰⁴ of its operands. Infinities have no low part. Magnitudes stay under 2⁹⁹⁶, and
    those of products over 2⁻⁹⁶⁰, or the low part is lost: scale by a power of two first.
    """

    high: Array
    low: Array

    def __neg__(self) -> Doubled:
        return Doubled(-self.high, -self.low)

    def __add__(self, other: Doubled | Array | float) -> Doubled:
        if not isinstance(other, Doubled):
            total = two_sum(self.high, other)
            return _renormalized(total.high, total.low + self.low)
        total = two_sum(self.high, other.high)
        return _renormalized(total.high, total.low + (self.low + other.low))

    def __sub__(self, other: Doubled | Array | float) -> Doubled:
        return self + (-other)

    def __mul__(self, other: Doubled | Array | float) -> Doubled:
        if not isinstance(other, Doubled):
            product = two_product(self.high, other)
            return _renormalized(product.high, product.low + self.low * other)
        product = two_product(self.high, other.high)
        return _renormalized(product.high, product.low + (self.high * other.low + self.low * other.high))

    def __truediv__(self, other: Doubled) -> Doubled:
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = self.high / other.high
            return _renormalized(quotient, (self - other * quotient).high / other.high)

    @property
    def column(self) -> Doubled:
        """These numbers below each other, to go with rows."""
        return Doubled(self.high[:, None], self.low[:, None])

    def sqrt(self) -> Doubled:
        """The square root."""
        root = np.sqrt(self.high)
        rest = (self - two_product(root, root)).high
        return _renormalized(root, np.divide(rest, 2.0 * root, out=np.zeros_like(root), where=root > 0.0))

    def power(self, exponent: float) -> Array:
        """A power in working precision, of a number not negative: a base off by u would make it off by |e| u."""
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(self.low == 0.0, 0.0, self.low / self.high)
            power: Array = self.high**exponent * (1.0 + exponent * relative)
            return power

    def scaled(self, scale: Array) -> Doubled:
        """This number times a power of two."""
        return Doubled(self.high * scale, self.low * scale)


def doubled(values: Array) -> Doubled:
    """A float64 as it is."""
    return Doubled(values, np.zeros_like(values))


def two_sum(left: Array, right: Array | float) -> Doubled:
    """The sum and its rounding error, exactly (Knuth)."""
    total = left + right
    part = total - left
    return Doubled(total, _error((left - (total - part)) + (right - part)))


def two_product(left: Array, right: Array | float) -> Doubled:
    """The product and its rounding error, exactly (Dekker, with Veltkamp's halves; NumPy has no fused operation)."""
    product = left * right
    (a, b), (c, d) = _halves(left), _halves(right)
    return Doubled(product, _error(((a * c - product) + a * d + b * c) + b * d))


def row_sums(rows: Doubled) -> Doubled:
    """The sum of each row, added in pairs."""
    high, low = rows.high, rows.low
    if not high.shape[1]:
        return doubled(np.zeros(len(high)))
    while (width := high.shape[1]) > 1:
        pairs = width // 2
        alone = slice(pairs, width - pairs)  # the middle one of an odd number
        total = two_sum(high[:, :pairs], high[:, width - pairs :])
        errors = total.low + (low[:, :pairs] + low[:, width - pairs :])
        high = np.concatenate([total.high, high[:, alone]], axis=1)
        low = np.concatenate([errors, low[:, alone]], axis=1)
    return _renormalized(high[:, 0], low[:, 0])


def row_dots(left: Array, right: Array) -> Doubled:
    """The dot product of each row of one with the same row of the other."""
    return row_sums(two_product(left, right))


def log(values: Array) -> Doubled:
    """The logarithm of each element of a row, to some 2⁻¹⁰⁰ of itself; of 0 it is -inf.

    values = 2^k m; c, near 1/m, is a whole number of 256ths, so that m c is nearly 1 and exact as two floats. Then
    log values = k log 2 - log c + log(m c), the second looked up and the third a short series.
    """
    if len(values) > _BLOCK:
        parts = [log(values[start : start + _BLOCK]) for start in range(0, len(values), _BLOCK)]
        return Doubled(np.concatenate([part.high for part in parts]), np.concatenate([part.low for part in parts]))
    plain = (values > 0.0) & np.isfinite(values)
    mantissa, exponent = np.frexp(np.where(plain, values, 1.0))
    steps = np.rint(_STEPS / mantissa)
    table = _logarithms()
    at = steps.astype(np.intp) - _STEPS
    log_inverse = Doubled(table.high[at], table.low[at])
    near = _log1p(two_product(mantissa, steps / _STEPS) - 1.0)
    whole = Doubled(*(np.full_like(steps, part) for part in (table.high[-1], table.low[-1])))
    logarithm = (whole * exponent.astype(np.float64) - log_inverse) + near
    with np.errstate(divide="ignore", invalid="ignore"):
        return Doubled(np.where(plain, logarithm.high, np.log(values)), np.where(plain, logarithm.low, 0.0))


def _log1p(small: Doubled) -> Doubled:
    """log(1 + r) for |r| ≤ 2⁻⁹, by its series."""
    tail = np.zeros_like(small.high)
    for n in range(_TERMS, _DOUBLED_TERMS, -1):
        tail = 1.0 / n - small.high * tail
    series = doubled(tail)
    for n in range(_DOUBLED_TERMS, 0, -1):
        series = -(series * small) + 1.0 / n
        series = Doubled(series.high, series.low + float(Fraction(1, n) - Fraction(1.0 / n)))
    return series * small


@cache
def _logarithms() -> Doubled:
    """log(1), log(1 + 1/256), …, log(2)."""
    from decimal import Context

    context = Context(prec=40)
    exact = [context.ln(context.divide(_STEPS + step, _STEPS)) for step in range(_STEPS + 1)]
    high = [float(number) for number in exact]
    low = [float(Fraction(number) - Fraction(near)) for number, near in zip(exact, high, strict=True)]
    return Doubled(np.array(high), np.array(low))


def _renormalized(high: Array, low: Array) -> Doubled:
    """The sum, with as much of it as fits in the high part (Dekker; |low| is not above |high|)."""
    total = high + low
    return Doubled(total, _error(low - (total - high)))


def _error(error: Array) -> Array:
    """The error where it is a number: 0 where the result, or a half of a factor, is infinite."""
    finite: Array = np.where(np.isfinite(error), error, 0.0)
    return finite


def _halves(values: Array | float) -> tuple[Array | float, Array | float]:
    shifted = values * _HALVES
    high = shifted - (shifted - values)
    return high, values - high
