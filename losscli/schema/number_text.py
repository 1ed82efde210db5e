"""Which texts are numbers: one pattern for sources, options and claims."""

from __future__ import annotations

import re
from math import isinf

DECIMAL = r"[+-]?+(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+"
"""A decimal number, as a pattern that never goes back: its time grows with the text and no faster."""

LONGEST = 2000  # characters; no float64 needs more: the smallest one has 1076, written out

_DECIMAL = re.compile(DECIMAL)
_SPECIAL = re.compile(r"[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 400  # of an int: Python converts long ones in quadratic time


class Written(float):
    """A float that remembers how it was written, for claims, whose digits count."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Written:
        self = super().__new__(cls, text)
        self.text = text
        return self


def is_number(text: str) -> bool:
    """Stricter than float(), which takes `1_000` and the digits of every script."""
    return len(text) <= LONGEST and bool(_DECIMAL.fullmatch(text) or _SPECIAL.fullmatch(text))


def is_integer(text: str) -> bool:
    return bool(_INTEGER.fullmatch(text))


def out_of_range(text: str, value: float) -> str:
    """How float64 failed a number that was written: the fact, empty if it did not."""
    if isinf(value) and not _SPECIAL.fullmatch(text):
        return f"{text} is too large for float64"
    if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        return f"{text} is too small for float64, which would make it 0"
    return ""


def number_of(text: str) -> Written:
    """The number that an option's text is; a ValueError for any other, and where float64 has no such number."""
    text = text.strip()
    if not is_number(text):
        raise ValueError
    number = Written(text)
    if fact := out_of_range(text, number):
        raise ValueError(fact)
    return number


def whole_of(text: str) -> int:
    """The integer that an option's text is; a ValueError for any other text."""
    text = text.strip()
    if not is_integer(text) or len(text) > _MOST_DIGITS:
        raise ValueError
    return int(text)
