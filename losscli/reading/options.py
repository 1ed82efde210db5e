"""What the command line says about reading, one value for all sources of a request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import BinaryIO

from losscli.reading.formats import STDIN_FORMATS
from losscli.schema.faults import UsageFault
from losscli.schema.kinds import delimiter_of
from losscli.schema.records import record
from losscli.schema.settings import SETTINGS, Settings, check, spelled

Watch = Callable[[int, str], AbstractContextManager[Callable[[int], None] | None]]


@record
class ReadOptions:
    """How to read: each field is the setting of its name, but for the last five.

    Relative paths start at `base`, or at the working directory. `keep_text` keeps what was written for each number.
    `input_stream` stands in for standard input. `command` is what precedes the sources where they were written, as in
    `losscli compute mse`, for cures. `watch` shows how far a long file was read: of its size and name it makes a
    function that adds bytes.
    """

    key: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    missing: str = "error"
    decimal: str = "."
    thousands: str | None = None
    encoding: str | None = None
    stdin: str | None = None
    bfloat16: bool = False
    base: Path | None = None
    keep_text: bool = False
    input_stream: BinaryIO | None = None
    command: str = ""
    watch: Watch | None = None


READING = tuple(field.name for field in fields(ReadOptions) if field.name in SETTINGS)


def read_options(settings: Settings, base: Path | None = None, command: str = "") -> ReadOptions:
    """How the settings say to read."""
    return ReadOptions(**{name: getattr(settings, name) for name in READING}, base=base, command=command)


def check_options(options: ReadOptions) -> None:
    """A UsageFault for an option outside its domain, whether or not a source needs it."""
    for name in ("delimiter", "decimal", "thousands", "missing"):
        check(name, getattr(options, name))
    marks = {"decimal": options.decimal}
    marks |= {name: delimiter_of(word) for name in ("thousands", "delimiter") if (word := getattr(options, name))}
    for name, other in combinations(marks, 2):
        if marks[name] == marks[other]:
            raise UsageFault(f"{spelled(name)} and {spelled(other)} are both {marks[name]!r}", "a mark has one meaning")
    try:
        "x".encode(options.encoding or "utf-8")
    except (LookupError, ValueError):
        raise UsageFault(f"{spelled('encoding')} {options.encoding!r} is no encoding", "such as latin-1") from None
    if options.stdin not in (None, *STDIN_FORMATS):
        raise UsageFault(f"{spelled('stdin')} {options.stdin!r} is no format", f"one of {', '.join(STDIN_FORMATS)}")
