"""Numbers and names as text for people: the same in every report, signature and message."""

from __future__ import annotations

import re
from unicodedata import category

# What does not show, besides what Unicode says of its categories: fillers, and marks that only choose a glyph
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HIDDEN = ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp")
# GitHub's log takes a line for a command that begins with ::, or that has ##[ anywhere
_COMMAND = re.compile(r"(^\s*):(?=:)|##\[")


def printable(text: str) -> str:
    """User text that is safe to show: what does not print is spelled out, and no log takes it for a command."""
    plain = text.isascii() and text.isprintable()
    if plain and "::" not in text and "##[" not in text:
        return text
    if not text.isprintable() or _BLANK.search(text):
        text = "".join(_spelled(sign) if category(sign) in _HIDDEN or _BLANK.match(sign) else sign for sign in text)
    return _COMMAND.sub(lambda match: "##\\x5b" if match[1] is None else f"{match[1]}\\x3a", text)


def _spelled(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 1 << 8 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def shortest(value: float) -> str:
    """The shortest text that reads back as the same float64."""
    return repr(float(value))


def significant(value: float, digits: int | None) -> str:
    """A number with so many significant digits; None for all that it has."""
    if digits is None:
        return shortest(value)
    return f"{float(value) + 0.0:.{digits}g}"  # + 0.0: no minus before a zero


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
