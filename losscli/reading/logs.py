"""A number out of a log: what the last match of a pattern holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from losscli.schema.faults import DataFault, UsageFault

_LONGEST_LINE = 1 << 20


def split_pattern(word: str) -> tuple[str, str] | None:
    """The file and the pattern of `LOGFILE::/REGEX/`, None for any other word."""
    address, separator, pattern = word.partition("::")
    if not separator or len(pattern) < 2 or not (pattern.startswith("/") and pattern.endswith("/")):
        return None
    return address, pattern[1:-1]


def last_match(address: str, pattern: str, base: Path | None) -> tuple[str, str]:
    """The first group of the last match in a log, line by line, and the place where it stands."""
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise UsageFault(f"/{pattern}/ is no regular expression: {error}") from None
    if wanted.groups < 1:
        raise UsageFault(f"/{pattern}/ has no group", r"put the number in parentheses: /loss=(\S+)/")
    if address == "-":
        return _searched(sys.stdin, wanted, "standard input", pattern)
    try:
        with ((base or Path()) / address).open(encoding="utf-8", errors="replace") as lines:
            return _searched(lines, wanted, address, pattern)
    except OSError as error:
        raise DataFault(f"{address}: {error.strerror or error}") from None


def _searched(lines: Iterable[str], wanted: re.Pattern[str], name: str, pattern: str) -> tuple[str, str]:
    found = None
    for number, line in enumerate(lines, start=1):
        for match in wanted.finditer(line[:_LONGEST_LINE]):
            found = match[1] or "", f"{name} line {number}"
    if found is None:
        raise DataFault(f"{name}: nothing matches /{pattern}/", "look at a line of it, and at the pattern")
    return found
