"""Documents of the machines' formats: JSON, CSV and Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isnan
from typing import Any

from losscli.schema.text import printable


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
    """One line of JSON, in ASCII: any terminal and any pipe takes it, and no log takes it for a command."""
    import json

    return json.dumps(jsonable(document), allow_nan=False, ensure_ascii=True).replace("##[", r"##\u005b")


def to_csv(rows: Iterable[Iterable[str]]) -> str:
    """Lines of CSV, quoted where needed, their cells safe to show."""
    import csv
    from io import StringIO

    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(printable, row) for row in rows)
    return out.getvalue()


def to_markdown(rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table, its first row the header."""
    lines = ["| " + " | ".join(printable(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    rule = "|" + " --- |" * (lines[0].replace("\\|", "").count("|") - 1)
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"
