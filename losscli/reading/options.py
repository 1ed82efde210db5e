"""What the command line says about reading, one value for all sources of a request."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from losscli.reading.formats import STDIN_FORMATS
from losscli.schema.faults import UsageFault
from losscli.schema.records import record
from losscli.schema.settings import Settings

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "space": " ", "pipe": "|"}


@record
class ReadOptions:
    """How to read: each field is the setting of its name, but for the last four.

    Relative paths start at `base`, or at the working directory. `keep_text` keeps what was written for each number.
    `input_stream` stands in for standard input.
    `command` is what precedes the sources where they were written, as in `losscli compute mse`, for cures.
    """

    key: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    stdin: str | None = None
    bfloat16: bool = False
    base: Path | None = None
    keep_text: bool = False
    input_stream: BinaryIO | None = None
    command: str = ""


def read_options(settings: Settings, base: Path | None = None, command: str = "") -> ReadOptions:
    """How the settings say to read."""
    return ReadOptions(
        key=settings.key,
        header=settings.header,
        delimiter=settings.delimiter,
        stdin=settings.stdin,
        bfloat16=settings.bfloat16,
        base=base,
        command=command,
    )


def check_options(options: ReadOptions) -> None:
    """A UsageFault for an option outside its domain, whether or not a source needs it."""
    delimiter_of(options)
    if options.stdin not in (None, *STDIN_FORMATS):
        raise UsageFault(f"--stdin {options.stdin!r} is no format", f"one of {', '.join(STDIN_FORMATS)}")


def delimiter_of(options: ReadOptions) -> str:
    """The character that --delimiter means, empty if there is none; a space stands for any run of spaces and tabs."""
    word = options.delimiter
    if word is None:
        return ""
    mark = _DELIMITERS.get(word, word)
    if len(mark) != 1 or mark.isalnum() or mark in "+-.\"'#\r\n" or not mark.isascii():
        raise UsageFault(f"--delimiter {word!r} cannot separate numbers", "give one of , ; | tab space")
    return mark
