"""The kinds of settings: one table for the command line, suites and Python, so that a message is the same from each.

As `Domain` is for data and the options of losses, but without NumPy, and for texts, words and switches too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from losscli.schema.number_text import Written, number_of, whole_of
from losscli.schema.records import record

_LONGEST = 10**30
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "space": " ", "pipe": "|"}


@record
class Kind:
    """What may stand for a setting.

    `words` finish the sentence "must be …"; `fits` tests a value of YAML or Python, `schema` says the same in JSON
    Schema, and `of_text` makes the value of a command line's word, with a ValueError where it cannot. `bound` says in
    words which bound a value of the right type exceeds, empty if none.
    """

    words: str
    schema: Mapping[str, Any]
    fits: Callable[[Any], bool]
    of_text: Callable[[str], Any] = str
    bound: Callable[[Any], str] = lambda _: ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that may stand there, if these are few."""
        return tuple(self.schema.get("enum", ()))

    def fault(self, value: Any) -> str:
        """What the value must be and is not, empty if it fits: `1 or greater, got 0`."""
        words = self.bound(value) if self.fits(value) else self.words
        return f"{words}, got {shown(value)}" if words else ""


def shown(value: object) -> str:
    """A value in a message, short."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, Written):
        return value.text
    return "an integer of many digits" if isinstance(value, int) and abs(value) > _LONGEST else repr(value)


def is_number(value: object) -> bool:
    """Whether a value is a number of Python's or NumPy's, not a text that reads like one."""
    return hasattr(value, "__float__") and not isinstance(value, (bool, str))


def _is_array(value: object) -> bool:
    return isinstance(value, (str, list)) or is_number(value)


def _exceeds(value: Any) -> str:
    """The bound of an amount, such as a tolerance or a penalty's strength, that a number exceeds."""
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        number = inf
    return "finite" if number == inf else "" if number >= 0 else "0 or greater"


def choice(*words: str) -> Kind:
    """One of a few words."""
    named = f"{', '.join(words[:-1])} or {words[-1]}"
    return Kind(named, {"type": "string", "enum": list(words)}, lambda value: value in words)


def delimiter_of(word: str) -> str:
    """The character that a word for a delimiter means; a space stands for any run of spaces and tabs."""
    return _DELIMITERS.get(word, word)


def _separates_nothing(word: str) -> str:
    mark = delimiter_of(word)
    bad = len(mark) != 1 or mark.isalnum() or mark in "+-.\"'#\r\n" or not mark.isascii()
    return "a separator such as , ; | tab or space" if bad else ""


def _groups_nothing(word: str) -> str:
    return "" if delimiter_of(word) in (".", ",", "'", "_", " ") else "one of . , ' _ or space"


def whole(least: int | None = None, most: int | None = None) -> Kind:
    """A whole number between bounds."""

    def bound(value: Any) -> str:
        if (least is None or value >= least) and (most is None or value <= most):
            return ""
        return f"{least} or greater" + ("" if most is None else f", and at most {most}")

    limits = {"minimum": least, "maximum": most}
    return Kind(
        "an integer",
        {"type": "integer", **{name: limit for name, limit in limits.items() if limit is not None}},
        lambda value: hasattr(value, "__index__") and not isinstance(value, bool),
        whole_of,
        bound,
    )


def _rows(text: str) -> int:
    return sys.maxsize if text.strip().lower() == "all" else whole_of(text)


WORD = Kind("a word", {"type": "string", "minLength": 1}, lambda value: isinstance(value, str) and bool(value))
THOUSANDS = Kind(WORD.words, WORD.schema, WORD.fits, bound=_groups_nothing)
DELIMITER = Kind(WORD.words, WORD.schema, WORD.fits, bound=_separates_nothing)
FILE = Kind("the name of a file", WORD.schema, WORD.fits)
TEXT = Kind("a text", {"type": "string"}, lambda value: isinstance(value, str))
SWITCH = Kind("true or false", {"type": "boolean"}, lambda value: isinstance(value, bool))
NUMBER = Kind("a number", {"type": "number"}, lambda value: is_number(value) and value == value, number_of)
AMOUNT = Kind("a number", {"type": "number", "minimum": 0}, is_number, lambda text: float(number_of(text)), _exceeds)
ARRAY = Kind("a number, a list or a SOURCE", {"type": ["number", "string", "array"]}, _is_array)
CLAIM = Kind("a claim", ARRAY.schema, lambda _: True)
WORDS = Kind(
    "a list of words",
    {"type": ["string", "array"], "items": {"type": "string"}},
    lambda value: (
        isinstance(value, str)
        or (isinstance(value, (list, tuple)) and bool(value) and all(isinstance(word, str) for word in value))
    ),
    lambda text: tuple(name.strip() for name in text.split(",")) if text else (),
)
PARAMETERS = Kind(
    "a SOURCE, or a mapping of names to arrays",
    {"type": ["string", "object"], "minLength": 1, "minProperties": 1},
    lambda value: isinstance(value, (str, dict)) and bool(value),
)
COUNT = whole(1)
ROWS = Kind("a number or all", {}, COUNT.fits, _rows, COUNT.bound)
