"""A number out of a log: what the last match of a pattern holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path

from losscli.reading.access import admit
from losscli.reading.container import STDIN
from losscli.reading.content import system_faults
from losscli.reading.opening import input_of
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.records import record

_LONGEST_LINE = 1 << 20
_LONGEST_SHOWN = 80


def split_pattern(word: str) -> tuple[str, str] | None:
    """The file and the pattern of `LOGFILE::/REGEX/`, None for any other word."""
    address, _, pattern = word.partition("::")
    if not address.strip() or len(pattern) < 2 or not (pattern.startswith("/") and pattern.endswith("/")):
        return None
    return address, pattern[1:-1]


@record
class Match:
    """The first group of the last match, the place where it stands, and how many matches there are."""

    text: str
    place: str
    count: int


def last_match(address: str, pattern: str, options: ReadOptions) -> Match:
    """The last match of a pattern in a log, line by line."""
    try:
        wanted = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        raise UsageFault(f"{shown(pattern)} is no regular expression: {error}") from None
    if wanted.groups < 1:
        raise UsageFault(f"{shown(pattern)} has no group", r"put the number in parentheses: /loss=(\S+)/")
    if address == "-":
        lines = TextIOWrapper(input_of(options), "utf-8", "replace")
        try:
            with system_faults(STDIN):
                return _searched(lines, wanted, STDIN, pattern)
        finally:
            lines.detach()  # which would close standard input
    path = (options.base or Path()) / address
    admit(path, address)
    with system_faults(address), path.open(encoding="utf-8", errors="replace") as log:
        return _searched(log, wanted, address, pattern)


def shown(pattern: str) -> str:
    """A pattern in a message, cut if it is long."""
    return f"/{pattern}/" if len(pattern) <= _LONGEST_SHOWN else f"/{pattern[:_LONGEST_SHOWN]}…"


def _searched(lines: Iterable[str], wanted: re.Pattern[str], name: str, pattern: str) -> Match:
    text, place, count = "", "", 0
    for number, line in enumerate(lines, start=1):
        for match in wanted.finditer(line[:_LONGEST_LINE]):
            text, place, count = match[1] or "", f"{name} line {number}", count + 1
    if not count:
        raise DataFault(f"{name}: nothing matches {shown(pattern)}", "look at a line of it, and at the pattern")
    return Match(text, place, count)
