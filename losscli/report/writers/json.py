"""JSON: one object, one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import inf, isnan
from typing import Any

from losscli.report.report import Report


def write_json(report: Report) -> Iterator[str]:
    """The report's document."""
    yield to_json(report.document()) + "\n"


def to_json(document: Any) -> str:
    """One line of JSON in ASCII, which is safe in any terminal, pipe and CI log."""
    return json.dumps(jsonable(document), allow_nan=False, ensure_ascii=True).replace("##[", r"##\u005b")


def jsonable(value: Any) -> Any:
    """Arrays as nested lists, and NaN and the infinities as the strings JSON has no numbers for."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        if isnan(value):
            return "NaN"
        return value if -inf < value < inf else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: jsonable(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(entry) for entry in value]
    return value
