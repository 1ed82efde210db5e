"""Numbers and arrays as Python, NumPy, PyTorch, JAX and TensorFlow print them, to nested lists."""

from __future__ import annotations

import re

from losscli.reading.text.numbers import integer
from losscli.schema.faults import DataFault
from losscli.schema.number_text import DECIMAL, Written, is_integer, is_number

_TOKEN = re.compile(
    rf"""(?P<number>(?:{DECIMAL}|[+-]?+(?:inf(?:inity)?+|nan))(?![\w.]))
    |(?P<words>'[^'\\]*+'|"[^"\\]*+")
    |(?P<gap>\.\.\.)
    |(?P<name>[A-Za-z_][\w.]*+)
    |(?P<mark>[\[\](),=])
    |(?P<object><[^<>]*+>)
    |(?P<blank>\s++)""",
    re.VERBOSE | re.IGNORECASE,
)
_CALLS = {"tensor", "array", "asarray", "parameter", "list", "tuple"}
_NUMBER_TYPE = re.compile(r"(?:float|u?int|bfloat|longdouble|double|half|bool)_?[0-9]*", re.IGNORECASE)
_WORDS: dict[str, object] = {"True": True, "False": False, "true": True, "false": False}
_LABEL = re.compile(r"\s*+[A-Za-z_][^\n\d:=]{0,60}[:=]\s*+")  # `loss: 0.5`, `val loss = 0.5`
_DEEPEST = 64
_CLOSING = {"[": "]", "(": ")"}


class _Unreadable(Exception):
    """The text is nothing that is printed so."""


def printed(text: str) -> object:
    """The number, or the nested lists, that a text spells; None if it spells none.

    Blanks may stand for commas, and what a print says besides the numbers (`dtype`, `device`, `grad_fn`) is passed
    over. A DataFault if elements are left out of it.
    """
    begins = text.lstrip()
    if not begins or (begins[0] not in "[(" and "(" not in begins[:40]):
        return None
    try:
        return _Reader(text).whole()
    except _Unreadable:
        return None


def number_text(text: str) -> str | None:
    """The digits of a single number, as `0.5`, `tensor(0.5)`, `np.float64(0.5)` or `loss: 0.5` holds it; else None."""
    text = text.strip()
    if (label := _LABEL.match(text)) is not None:
        text = text[label.end() :].strip()
    if is_number(text):
        return text
    value = printed(text)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (list, str, bool)) or value is None:
        return None
    return value.text if isinstance(value, Written) else str(value)


class _Reader:
    """Reads tokens from left to right, each once."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._apart: set[int] = set()  # the tokens that a blank precedes
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _Unreadable
            kind = str(match.lastgroup)
            if kind == "blank":
                self._apart.add(len(self._tokens))
            else:
                self._tokens.append((kind, match[0]))
            at = match.end()
        self._at = 0
        self._gaps = False

    def whole(self) -> object:
        value = self._value(0)
        if self._at < len(self._tokens):
            raise _Unreadable
        if self._gaps:
            raise DataFault(
                "a print that leaves elements out (...)",
                "save the array with np.save, or print it after np.set_printoptions(threshold=sys.maxsize)",
            )
        return value

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _value(self, depth: int) -> object:
        kind, text = self._take()
        if kind == "number":
            return integer(text) if is_integer(text) else Written(text)
        if kind == "words":
            return text[1:-1]
        if kind == "mark" and text in _CLOSING and depth < _DEEPEST:
            entries = self._entries(_CLOSING[text], depth)
            in_brackets = text == "(" and len(entries) == 1 and self._tokens[self._at - 2][1] != ","
            return entries[0] if in_brackets else entries
        if kind == "name" and text in _WORDS:
            return _WORDS[text]
        if kind == "name" and self._peek() == ("mark", "(") and depth < _DEEPEST:
            return self._called(text, depth)
        raise _Unreadable

    def _entries(self, closing: str, depth: int) -> list[object]:
        """The entries up to the closing bracket, with commas or blanks between them."""
        entries: list[object] = []
        after_comma = True  # or after the bracket
        while (token := self._peek()) != ("mark", closing):
            if token == ("mark", ",") and not after_comma:
                self._at, after_comma = self._at + 1, True
            elif not after_comma and self._at not in self._apart:
                raise _Unreadable
            elif token[0] == "gap":
                self._at, self._gaps, after_comma = self._at + 1, True, False
            else:
                entries.append(self._value(depth + 1))
                after_comma = False
        self._at += 1
        return entries

    def _called(self, name: str, depth: int) -> object:
        """What stands between the parentheses of `tensor(…)` or `np.float64(…)`: a value, then keywords."""
        last = name.rpartition(".")[2].lower()
        if last not in _CALLS and not _NUMBER_TYPE.fullmatch(last):
            raise _Unreadable
        self._at += 1
        value = self._value(depth + 1)
        while self._take() == ("mark", ","):
            if self._peek() != ("mark", ")"):
                self._keyword()
        if self._tokens[self._at - 1 :][:1] != [("mark", ")")]:
            raise _Unreadable
        return value

    def _keyword(self) -> None:
        """One `name=…`, whatever it says."""
        if self._take()[0] != "name" or self._take() != ("mark", "="):
            raise _Unreadable
        kind, text = self._peek()
        if kind in ("object", "words") or (kind == "name" and text not in _WORDS):
            self._at += 1
        else:
            self._value(0)
