"""Claims that are nearly numbers, with a unit, a sign or a comma too many: what to write in their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from losscli.schema.settings import spelled

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_LONGEST = 80
_DIGITS_COUNT = "its digits say how near it must come"


def _percent(number: str, *_: str) -> str:
    return f"write the share: {Decimal(number).scaleb(-2):f}"


def _give_or_take(number: str, allowed: str) -> str:
    return f"write {number}, and {spelled('atol', float(allowed))}"


def _comma(whole: str, fraction: str) -> str:
    joined = f", or {whole}{fraction} if the comma separates thousands"
    return f"write {whole}.{fraction}{joined if len(fraction) == 3 and whole.strip('+-0') else ''}"


def _grouped(text: str, *_: str) -> str:
    return f"write {re.sub('[,  _]', '', text)}"


def _minus(number: str) -> str:
    return f"write a plain minus sign: -{number}"


# The first pattern that fits the whole text gives the cure
_FORMS: tuple[tuple[str, Callable[..., str]], ...] = (
    (rf"{_NUMBER}\s*(?:%|percent)", _percent),
    (rf"{_NUMBER}\s*(?:±|\+/-|\+-)\s*{_NUMBER}", _give_or_take),
    (rf"(?:≈|~|≃|≅|ca\.?|approx\.?|about|=)\s*{_NUMBER}", lambda number: f"write {number}: {_DIGITS_COUNT}"),
    (rf"(?:<=?|≤)\s*{_NUMBER}", lambda number: f"claim a bound: {spelled('at_most', float(number))}"),
    (rf"(?:>=?|≥)\s*{_NUMBER}", lambda number: f"claim a bound: {spelled('at_least', float(number))}"),
    (r"([+-]?\d+),(\d+)", _comma),
    (r"([+-]?\d{1,3}(?:[,  _]\d{3})+(?:\.\d*)?)", _grouped),
    (r"[−–—](\d+\.?\d*|\.\d+)", _minus),
    (rf"{_NUMBER}\s*\(\d+\)", lambda number: f"write {number}: {_DIGITS_COUNT}"),
    (rf"{_NUMBER}\s*[A-Za-z][A-Za-z ]*\.?", lambda number: f"write the number alone: {number}"),
    (rf"[A-Za-z][A-Za-z ]*\s{_NUMBER}", lambda number: f"write the number alone: {number}"),
)


def almost(text: str) -> tuple[str, str] | None:
    """That a text is not a number, and what to write for it; None where it does not look like one either."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    for pattern, cure in _FORMS:
        if (match := re.fullmatch(pattern, text)) is not None:
            return f"{text!r} is not a number", cure(*match.groups())
    return None
