"""Output: results go to standard output or a file, messages to standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, Self, TextIO

from losscli.schema.faults import DataFault

if TYPE_CHECKING:
    from losscli.report.report import Report, Screen
    from losscli.schema.settings import Settings

_PLAIN = str.maketrans({"─": "-", "━": "-", "…": "~", "⋮": ":", "→": "->", "∂": "d", "·": "*", "−": "-"})


def show(report: Report, form: str, settings: Settings) -> None:
    """Writes a report in one of the formats, to standard output or to a file."""
    from losscli.report.write import written

    emit(written(report, form, _screen(settings), settings.digits), settings.output)


def _screen(settings: Settings) -> Screen:
    """The width and colour of the output: a terminal, a pipe (COLUMNS may limit its width), or a file."""
    from losscli.report.report import Screen

    terminal = settings.output is None and sys.stdout.isatty()
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    colour = settings.color == "always" or (settings.color == "auto" and terminal and not plain)
    return Screen(None if settings.output is not None else _columns(terminal), colour)


def _columns(terminal: bool) -> int | None:
    """The width of the terminal, or for a pipe COLUMNS; None if it is not set."""
    if terminal:
        import shutil

        return max(20, shutil.get_terminal_size().columns)
    columns = os.environ.get("COLUMNS", "")
    return max(20, int(columns[:6])) if columns.isascii() and columns.strip("0").isdigit() else None


class ClosedOutput(io.TextIOBase):
    """Replaces a standard output that is closed."""

    encoding = "utf-8"

    def write(self, _: object) -> NoReturn:
        raise DataFault("standard output is closed", "redirect it, or give --output FILE")

    @property
    def buffer(self) -> Self:
        return self


def emit(pieces: str | Iterable[str], output: str | None = None) -> None:
    """Writes a result, whole or piece by piece, to standard output or to a file."""
    texts = (pieces,) if isinstance(pieces, str) else pieces
    if output is None:
        encoding = sys.stdout.encoding or "ascii"
        for text in texts:
            _write_whole(sys.stdout, _encoded(text, encoding))
        return
    from losscli.report.atomic_write import write_file

    write_file(output, lambda file: file.writelines(text.encode("utf-8", "backslashreplace") for text in texts))


def _encoded(text: str, encoding: str) -> bytes:
    """The text in a stream's encoding, with ASCII in place of characters that it lacks."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace")


def _write_whole(stream: TextIO, content: bytes) -> None:
    """Writes all bytes, or raises. An unbuffered text stream would drop the rest of a partial write."""
    stream.flush()
    rest = memoryview(content)
    while rest:
        rest = rest[stream.buffer.write(rest) :]
    stream.flush()


def complain(fact: str, cure: str = "") -> None:
    """Writes one message to standard error, sanitised: the fact on one line, the cure on the next."""
    from losscli.schema.text import printable

    lines = [*_folded(printable(fact)), *(f"  {line}" for line in (_folded(printable(cure), 2) if cure else ()))]
    write_text(sys.stderr, "".join(f"{line}\n" for line in lines))


def _folded(text: str, indent: int = 0) -> list[str]:
    """The text in lines that a terminal has room for, folded between words; one line where nobody is watching."""
    if sys.stderr is None or not sys.stderr.isatty():
        return [text]
    from textwrap import wrap

    width = _columns(terminal=True) or 80
    lines = wrap(text, width - indent, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines or [text]


def say(warnings: Iterable[str], notes: Iterable[str], *, quiet: bool) -> None:
    """Writes warnings and notes to standard error, unless `quiet`."""
    if not quiet:
        for warning in warnings:
            complain(f"warning: {warning}")
        for note in notes:
            complain(f"note: {note}")


def write_text(stream: TextIO | None, text: str) -> None:
    """Writes what a stream's encoding takes of a text; a stream that fails is given up."""
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError:  # there is nowhere left to say so
        silence(stream)


def silence(stream: TextIO) -> None:
    """Redirects a stream to /dev/null, so that Python does not try to write its buffer again at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
