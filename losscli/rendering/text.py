"""Numbers and names as text, the same in every format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import inf, isnan
from typing import Any

# Control characters, the ones that turn or hide text, and lone surrogates: a file may name itself after an escape code
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ROW_DIGITS = 6


def printable(text: str) -> str:
    """User text that is safe to show on a terminal: what does not print is spelled out."""

    def spelled(match: re.Match[str]) -> str:
        code = ord(match[0])
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

    return _UNPRINTABLE.sub(spelled, text)


def shortest(value: float) -> str:
    """The shortest text that reads back as the same float64."""
    return repr(float(value))


def significant(value: float, digits: int | None) -> str:
    """A number with so many significant digits; None for all that it has."""
    if digits is None:
        return shortest(value)
    return f"{float(value) + 0.0:.{digits}g}"  # + 0.0: no minus before a zero


def in_row(value: float, digits: int | None) -> str:
    """A number in a table of samples, where all digits would be noise."""
    return significant(value, digits or _ROW_DIGITS)


def plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def jsonable(value: Any) -> Any:
    """Arrays as nested lists, and NaN and the infinities as the strings JSON has no numbers for."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        if isnan(value):
            return "NaN"
        return value if -inf < value < inf else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: jsonable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(each) for each in value]
    return value


def to_json(document: Any) -> str:
    """One line of JSON, in ASCII: any terminal and any pipe takes it."""
    import json

    return json.dumps(jsonable(document), allow_nan=False, ensure_ascii=True)


def to_csv(rows: Iterable[Iterable[str]]) -> str:
    """Lines of CSV, quoted where needed."""
    import csv
    from io import StringIO

    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def to_markdown(rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table, its first row the header."""
    lines = ["| " + " | ".join(printable(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    rule = "|" + " --- |" * (lines[0].replace("\\|", "").count("|") - 1)
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"
