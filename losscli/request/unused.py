"""Options that are written for a request and have no use in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from losscli.reading.formats import FORMATS, promised_format
from losscli.reading.options import READING, ReadOptions
from losscli.schema.faults import UsageFault
from losscli.schema.number_text import is_number
from losscli.schema.settings import without_use

_WRITTEN_OUT = re.compile(r"[\[({]|(?:tensor|array|np\.\w+)\(")
_PATH = re.compile(r"(?:[\w.]++=)?+(.*?)(?:::|$)", re.DOTALL)  # of a source, without its role and its selector


def of_reading(
    reading: ReadOptions, sources: Sequence[str], defaulted: Collection[str]
) -> tuple[ReadOptions, list[UsageFault]]:
    """The options of reading that some source needs, and faults of the others, but for those that defaults gave."""
    plain = ReadOptions()
    paths = {match[1] for source in sources if (match := _PATH.match(source))}
    written = [name for name in READING if getattr(reading, name) != getattr(plain, name)]
    idle = [name for name in written if not _has_use(name, paths)]
    faults = [without_use(name, getattr(reading, name), _lack(name)) for name in idle if name not in defaulted]
    return replace(reading, **{name: getattr(plain, name) for name in idle}), faults


def _has_use(option: str, paths: Collection[str]) -> bool:
    """Whether some source needs the option; one whose format is not known yet may."""
    if option == "missing":
        return True
    if option == "stdin":
        return "-" in paths
    files = [path for path in paths if not is_number(path)]
    if option == "key" and len(files) < 2 and not any("*" in path or "?" in path for path in files):
        return False  # no two sources, which may have rows to join; reading refuses what then has none
    return any(_heeds(path, option) for path in files)


def _lack(option: str) -> str:
    """Why an option has no use, in words."""
    if option == "stdin":
        return "nothing is read from standard input"
    if option == "key":
        return "there are no two files with columns to join"
    names = [row.name for row in FORMATS if option in row.options]
    return f"no source is {', '.join(names[:-1])} or {names[-1]}"


def _heeds(path: str, option: str) -> bool:
    if _WRITTEN_OUT.match(path):
        return False
    row, _ = promised_format(path)
    return row is None or not row.opener or option in row.options
