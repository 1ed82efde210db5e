"""The short way for text that is nothing but plain numbers. It never explains: whatever is odd goes the careful way."""

from __future__ import annotations

import io

import numpy as np

from losscli.reading.text.numbers import EXACT_LIMIT
from losscli.schema.data import Elements

_LONGEST_LINE = 1 << 24


def quick_numbers(body: bytes, delimiter: str) -> Elements | None:
    """The rows and columns of the text, each number as float() has it; None where it is not certain that all is plain.

    Only digits, signs, points, exponents, delimiters and line ends may occur. That leaves loadtxt nothing to be lenient
    about but blank lines, and those the count of rows gives away.
    """
    if body.translate(None, b"0123456789+-.eE\r\n " + delimiter.encode()) or not body.strip():
        return None
    if body.count(b"\r") != body.count(b"\r\n") or body.find(b"\n", 0, _LONGEST_LINE) < 0:
        return None
    separator = None if delimiter == " " else delimiter
    try:
        numbers: Elements = np.loadtxt(io.BytesIO(body), delimiter=separator, comments=None, ndmin=2)
    except ValueError:
        return None
    if len(numbers) != body.count(b"\n") + (not body.endswith(b"\n")):
        return None
    return numbers if _surely_exact(numbers, body) else None


def _surely_exact(numbers: Elements, body: bytes) -> bool:
    """Whether nothing overflowed, no integer was rounded, and no 0 can be an underflow."""
    smallest, largest = float(np.abs(numbers).min()), float(np.abs(numbers).max())
    if largest == np.inf or (smallest == 0 and _may_underflow(body)):
        return False
    return largest < EXACT_LIMIT or bool(np.all(np.any(numbers % 1 != 0, axis=0)))


def _may_underflow(body: bytes) -> bool:
    """Whether an exponent has three digits, or a number very many zeros: without either, none is below 1e-300."""
    codes = np.frombuffer(body, np.uint8)
    minus = np.flatnonzero((codes[:-4] | 0x20) == ord("e")) + 1
    is_digit = (codes >= ord("0")) & (codes <= ord("9"))
    long = is_digit[minus + 1] & is_digit[minus + 2] & is_digit[minus + 3]
    return bool(np.any(long & (codes[minus] == ord("-")))) or b"0" * 200 in body
