"""Decimal texts to float64, many at once, each rounded as float() rounds it.

float() takes some 300 ns for 17 digits. Here eight digits become a number in three multiplications of one 64-bit word
(the words of all texts side by side), and mantissa times power of ten is worked out in two floats, which decides the
rounding of all but one text in billions. Whatever is not decided, or not plain, is left to the caller.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import two_product

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]
Words = NDArray[np.uint64]

BEFORE = 32
"""Bytes that a buffer must have before the first text, of any value."""

_ZEROS = 0x3030303030303030  # "00000000"
_MOST_FRACTION, _MOST_WHOLE = 24, 16
_LARGEST = 10**19  # a mantissa below it is a uint64
_EXACT_POWER, _WIDEST_POWER = 22, 270
_SIGNS, _EXPONENTS = (ord("-"), ord("+")), (ord("e"), ord("E"))
_UNDECIDED = 2.0**-98  # relative; two floats err by less


def marks_of(buffer: Bytes) -> tuple[Indices, Bytes]:
    """Where bytes stand that are no digits, and these bytes."""
    marks = np.flatnonzero(buffer - np.uint8(48) > 9)  # what is below "0" wraps around
    return marks, buffer[marks]


def floats(
    buffer: Bytes, marks: Indices, codes: Bytes, first: Indices, last: Indices, point: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The float64 of each text, and which are known: plain decimals of up to 19 digits, with a sign or an exponent.

    A text lies between two marks, `marks[first]` and `marks[last]`, which end it; `point` is the decimal mark.
    """
    start, end, final = marks[first] + 1, marks[last], last
    while np.any(blank := buffer[start] == ord(" ")):
        start, first = start + blank, first + blank
    sign = buffer[start]
    negative = sign == ord("-")
    signed = negative | (sign == ord("+"))
    start, first = start + signed, first + signed
    power: Any = 0
    before = codes[last - 1]
    signs = (before == _SIGNS[0]) | (before == _SIGNS[1])
    written = (before == _EXPONENTS[0]) | (before == _EXPONENTS[1]) | (signs & (last - 1 > first))
    if written.any():
        some = np.flatnonzero(written)
        power, end, final = np.zeros_like(end), end.copy(), last.copy()
        power[some], end[some], final[some] = _exponents(buffer, marks, codes, first[some], last[some])
    has_point = (codes[final - 1] == point) & (final - 1 > first)
    split = np.where(has_point, marks[final - 1], end)
    whole, fraction = split - start, end - split - has_point
    # Marks that are neither sign, point nor exponent: then it is no number.
    known = (final - 1 - has_point == first) & (whole + fraction > 0) & (whole >= 0) & (whole <= _MOST_WHOLE)
    known &= (fraction <= _MOST_FRACTION) & (power != _NO_POWER)
    mantissa, fits = _mantissas(buffer, split, whole, end, fraction)
    values, decided = _scaled(mantissa, power - fraction)
    return np.where(negative, -values, values), known & fits & decided


_NO_POWER = 10**6


def _exponents(
    buffer: Bytes, marks: Indices, codes: Bytes, first: Indices, last: Indices
) -> tuple[Indices, Indices, Indices]:
    """The power of ten that each text names, where its digits end, and the mark there; _NO_POWER where it is none."""
    before = codes[last - 1]
    signed = np.isin(before, _SIGNS) & (last - 2 > first)
    letter = last - 1 - signed
    named = np.isin(codes[letter], _EXPONENTS) & (letter > first)
    named &= ~signed | (marks[letter] + 1 == marks[last - 1])
    digits = np.where(named, marks[last] - marks[last - 1] - 1, 0)
    power = _eight_digits(buffer, marks[last], np.minimum(digits, 4)).astype(np.intp)
    power = np.where(signed & (before == ord("-")), -power, power)
    power = np.where(named & ((digits < 1) | (digits > 3)), _NO_POWER, power)
    return power, np.where(named, marks[letter], marks[last]), np.where(named, letter, last)


def _mantissas(
    buffer: Bytes, split: Indices, whole: Indices, end: Indices, fraction: Indices
) -> tuple[Words, NDArray[np.bool_]]:
    """All digits of each text as one number, and where it is below the largest."""
    whole, fraction = np.minimum(whole, _MOST_WHOLE), np.minimum(fraction, _MOST_FRACTION)
    total = _eight_digits(buffer, end, fraction)
    fits = np.ones(len(split), bool)
    longest = int(fraction.max(initial=0))
    if longest > 8:
        total += _eight_digits(buffer, end - 8, fraction - 8) * np.uint64(10**8)
    if longest > 16:
        highest = _eight_digits(buffer, end - 16, fraction - 16)
        total += highest * np.uint64(10**16)
        fits &= highest < 1000
    integers = _eight_digits(buffer, split, whole)
    if int(whole.max(initial=0)) > 8:
        integers += _eight_digits(buffer, split - 8, whole - 8) * np.uint64(10**8)
    if integers.any():
        shift = np.minimum(fraction, 19)
        fits &= (integers == 0) | ((fraction <= 19) & (integers <= _LARGEST_WHOLE[shift]))
        total += integers * _POWERS[shift]
    return total, fits


_POWERS = np.array([10**power for power in range(20)], np.uint64)
_LARGEST_WHOLE = np.array([10**19 // 10**power - 1 for power in range(20)], np.uint64)
# What to keep of a word for its last digits, of which there are 8 at most; for a count below 0, which is none, the
# index counts from the end.
_KEPT = np.array([(2**64 - 1) ^ (2 ** (64 - 8 * min(digits, 8)) - 1) for digits in range(25)] + [0] * 25, np.uint64)


def _eight_digits(buffer: Bytes, end: Indices, digits: Indices) -> Words:
    """The number of the last digits before each end, up to eight of them."""
    words = np.ndarray((len(buffer) - 7,), "<u8", buffer, 0, (1,))  # at every byte the eight bytes from there on
    word: Words = words[end - 8]
    word ^= np.uint64(_ZEROS)
    word &= _KEPT[digits]
    # Pairs of digits, then pairs of these, then of fours: one half is multiplied by its power, the other is added.
    for width, kept in ((1, 0x00FF00FF00FF00FF), (2, 0x0000FFFF0000FFFF), (4, 0x00000000FFFFFFFF)):
        word *= np.uint64(10**width * 2 ** (8 * width) + 1)
        word >>= np.uint64(8 * width)
        word &= np.uint64(kept)
    return word


def _scaled(mantissa: Words, power: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mantissa times ten to a power, rounded once, and where the rounding is certain."""
    values = mantissa.astype(np.float64)
    exact = (mantissa <= np.uint64(2**53)) & (np.abs(power) <= _EXACT_POWER)  # one operation of exact numbers
    tens = _EXACT_POWERS[np.minimum(np.abs(power), _EXACT_POWER)]
    scaled = values / tens
    if power.max(initial=0) > 0:
        scaled = np.where(power > 0, values * tens, scaled)
    decided = exact | (mantissa == 0)
    rest = np.flatnonzero(~decided & (np.abs(power) <= _WIDEST_POWER))
    if len(rest):
        scaled[rest], decided[rest] = _scaled_twofold(mantissa[rest], power[rest])
    return scaled, decided


_EXACT_POWERS = np.array([float(10**power) for power in range(_EXACT_POWER + 1)])


def _scaled_twofold(mantissa: Words, power: Indices) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    least, most = int(power.min()), int(power.max())
    powers = np.array([_power_of_ten(each) for each in range(least, most + 1)])
    upper, lower = (half[power - least] for half in np.ascontiguousarray(powers.T))
    high = mantissa.astype(np.float64)
    low = (mantissa - high.astype(np.uint64)).view(np.int64).astype(np.float64)
    product = two_product(high, upper)
    rest = product.low + (high * lower + low * upper)
    margin = np.abs(product.high) * _UNDECIDED
    rounded = product.high + (rest - margin)
    return rounded, rounded == product.high + (rest + margin)


@cache
def _power_of_ten(power: int) -> tuple[float, float]:
    """Ten to a power as the sum of two floats."""
    exact = Fraction(10) ** power
    high = float(exact)
    return high, float(exact - Fraction(high))
