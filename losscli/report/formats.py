"""Which format a result is shown in. Only the bare number is made here: it must not wait for what draws tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from losscli.schema.records import record
from losscli.schema.text import significant

if TYPE_CHECKING:
    from losscli.request.compute import Result


@record
class Screen:
    """What the output goes to."""

    terminal: bool
    width: int
    colour: bool


@record
class Showing:
    """What of a result to show."""

    rows: int | None  # None: all
    per_sample: bool
    gradients: bool
    digits: int | None


def as_format(result: Result, form: str, showing: Showing, screen: Screen) -> tuple[str, list[str]]:
    """A result in one of the formats, or bare; and what to say of rows that a machine's format leaves out."""
    if form == "bare":
        return as_bare(result, showing.digits), []
    from losscli.report import compute

    if form == "csv":
        return compute.as_csv(result, showing)
    if form == "json":
        return compute.as_json(result), []
    if form == "markdown":
        return compute.as_markdown(result, showing), []
    return compute.as_table(result, showing, screen), []


def as_bare(result: Result, digits: int | None) -> str:
    """Only the number; without a reduction one a line, in C order."""
    if result.value is not None:
        return significant(result.value, digits) + "\n"
    values: Iterable[float] = [] if result.per_sample is None else result.per_sample.reshape(-1).tolist()
    return "".join(f"{significant(value, digits)}\n" for value in values)
