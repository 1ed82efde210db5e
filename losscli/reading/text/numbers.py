"""Which texts are numbers, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from losscli.schema.data import Elements
from losscli.schema.faults import DataFault
from losscli.schema.number_text import LONGEST, Written, is_integer, is_number, out_of_range
from losscli.schema.records import record
from losscli.schema.settings import spelled

EXACT_LIMIT = 2.0**53
"""From it on, not every integer is a float64."""

_DECIMAL_COMMA = re.compile(r"[+-]?+[0-9]*+,[0-9]++(?:[eE][+-]?+[0-9]++)?+")
_UNUSUAL = re.compile(r"[^0-9+\-.eE]")
_MISSING = {"na", "n/a", "#n/a", "<na>", "nat", "null", "none", "nil", "missing", "?", "-"}
_MOST_DIGITS = 400  # of an int: Python converts long ones in quadratic time


def integer(text: str) -> int | Written:
    """The number of an integer's text; -0, which integers lack, and what overflows float64 anyway are floats."""
    if len(text) > _MOST_DIGITS:
        return Written(text)
    return int(text) or (Written(text) if text.startswith("-") else 0)


def is_index(text: str) -> bool:
    """Whether a text counts from 0, in the digits 0 to 9 and not too many of them."""
    return text.isascii() and text.isdigit() and len(text) < 10


def has_decimal_comma(text: str) -> bool:
    return bool(_DECIMAL_COMMA.fullmatch(text))


@record
class Notation:
    """How numbers are written: the decimal mark, and what separates groups of three digits, if anything."""

    point: str = "."
    groups: str = ""

    def plain(self, text: str) -> str:
        """The text as Python writes the number; a ValueError says why it is none in this notation."""
        if self == PLAIN:
            return text
        whole, point, rest = text.partition(self.point)
        if self.groups and self.groups in whole:
            first, *others = whole.lstrip("+-").split(self.groups)
            if not 0 < len(first) <= 3 or any(len(digits) != 3 for digits in others):
                raise ValueError(f"{text!r} has no groups of three digits between {self.groups!r}")
            whole = whole.replace(self.groups, "")
        if self.point != "." and "." in whole + rest and is_number(f"{whole}{rest}"):
            raise ValueError(f"{text!r} has a decimal point, and {spelled('decimal', self.point)} was given")
        return f"{whole}.{rest}" if point else whole

    def seen(self, text: str) -> str:
        """The text as Python writes the number, or unchanged if it is none."""
        try:
            plain = self.plain(text)
        except ValueError:
            return text
        return plain if is_number(plain) else text


PLAIN, _ENGLISH, _GERMAN = Notation(), Notation(".", ","), Notation(",", ".")


def is_missing(text: str) -> bool:
    """Whether a cell among numbers says that there is no number."""
    return not text or text.lower() in _MISSING


def _leave_out() -> str:
    return f"write a number there, or leave such rows out with {spelled('missing', 'skip')}"


def meant_as_number(text: str) -> bool:
    """Whether a cell is no word, but a number in another notation, or too long a one."""
    plain = (text.replace("_", ""), _ENGLISH.seen(text), _GERMAN.seen(text))
    return len(text) > LONGEST or any(map(is_number, plain))


def misread(text: str) -> tuple[str, str]:
    """Why a text is no number, and the cure."""
    shown = repr(text if len(text) <= 40 else text[:37] + "...")
    if not text:
        return "empty cell", _leave_out()
    if len(text) > LONGEST:
        return f"a number of {len(text)} characters", "a float64 needs 17 digits"
    if text.lower() in _MISSING:
        return f"{shown} stands for a missing value", _leave_out()
    if has_decimal_comma(text):
        return f"{shown} has a decimal comma", f"write a decimal point, or give {spelled('decimal', ',')}"
    for mark, named in ((";", ";"), ("\t", "tab")):
        if mark in text:
            return f"{shown} is not a number", f"if {mark!r} separates the columns, give {spelled('delimiter', named)}"
    if " " in text and all(map(is_number, text.split())):
        return f"{shown} is not a number", f"if spaces separate the columns, give {spelled('delimiter', 'space')}"
    if is_number(text.replace("_", "")):
        return f"{shown} is not a number", "leave the underscores out"
    if is_number(_ENGLISH.seen(text)):
        return f"{shown} is not a number", f"if commas separate groups of digits, give {spelled('thousands', ',')}"
    if is_number(_GERMAN.seen(text)):
        marks = f"{spelled('decimal', ',')} {spelled('thousands', '.')}"
        return f"{shown} is not a number", f"if points separate groups of digits, give {marks}"
    if text.lower().lstrip("+-").startswith(("0x", "0b", "0o")):
        return f"{shown} is not a decimal number", "write it in decimal digits"
    if not text.isascii() and is_number("".join("0" if c.isdigit() else c for c in text if not c.isspace())):
        return f"{shown} is not a number", "write the digits 0 to 9 and plain spaces"
    return f"{shown} is not a number", ""


def misread_cell(text: str) -> tuple[str, str]:
    """As `misread`, for a cell among numbers; a header may have names such as 50%."""
    if text.endswith("%") and is_number(text[:-1].rstrip()):
        return f"{text!r} has a % sign", "write the number without it"
    return misread(text)


class Misread(Exception):
    """The cell of this index is no number, or none that float64 can hold."""

    def __init__(self, index: int, fact: str, cure: str) -> None:
        super().__init__(fact)
        self.index = index
        self.fact = fact
        self.cure = cure

    def at(self, place: str) -> DataFault:
        return DataFault(f"{place}: {self.fact}", self.cure)


def to_numbers(cells: Sequence[str], *, whole: bool = True) -> Elements:
    """The float64 of each cell; Misread for the first that has none, and of `whole` numbers for what is not exact."""
    if _UNUSUAL.search("".join(cells)) or max(map(len, cells), default=0) > LONGEST:
        for fault in _misreads(cells):
            raise fault
    try:
        numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:  # the characters of numbers, in another order
        raise next(_misreads(cells)) from None
    suspects = np.flatnonzero(~((np.abs(numbers) > 0) & np.isfinite(numbers)))
    for index in suspects.tolist():
        if fact := out_of_range(cells[index], float(numbers[index])):
            raise Misread(index, fact, "scale the data")
    if whole and np.any(np.abs(numbers) >= EXACT_LIMIT) and all(map(is_integer, cells)):
        for index in np.flatnonzero(np.abs(numbers) >= EXACT_LIMIT).tolist():
            if int(cells[index]) != int(numbers[index]):
                raise Misread(index, f"the integer {cells[index]} is not exact in float64", "keep below 2**53")
    return numbers


def _misreads(cells: Sequence[str]) -> Iterator[Misread]:
    return (Misread(index, *misread_cell(cell)) for index, cell in enumerate(cells) if not is_number(cell))


def indexed(words: Sequence[str]) -> tuple[Elements, tuple[str, ...]]:
    """Words as indices into the distinct ones, which stand in the order of their first appearance."""
    distinct = {word: index for index, word in enumerate(dict.fromkeys(words))}
    return np.fromiter(map(distinct.__getitem__, words), np.int64, len(words)), tuple(distinct)
