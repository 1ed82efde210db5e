"""The value alone, without importing what draws tables."""

from __future__ import annotations

from collections.abc import Iterable

from losscli.request.compute import Result
from losscli.schema.text import significant


def bare(result: Result, digits: int | None) -> str:
    """The value; with reduction none one line per sample, in C order."""
    if result.value is not None:
        return significant(result.value, digits) + "\n"
    values: Iterable[float] = [] if result.per_sample is None else result.per_sample.reshape(-1).tolist()
    return "".join(f"{significant(value, digits)}\n" for value in values)
