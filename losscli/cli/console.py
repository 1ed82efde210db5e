"""Where a command's words go: results to standard output or a file, everything else to standard error."""

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
    """What the result goes to: a terminal, with or without colour; a pipe, whose width COLUMNS may limit; a file."""
    from losscli.report.report import Screen

    terminal = settings.output is None and sys.stdout.isatty()
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    colour = settings.color == "always" or (settings.color == "auto" and terminal and not plain)
    return Screen(None if settings.output is not None else _columns(terminal), colour)


def _columns(terminal: bool) -> int | None:
    """The width of the terminal; of a pipe that of COLUMNS, None without it."""
    if terminal:
        import shutil

        return max(20, shutil.get_terminal_size().columns)
    columns = os.environ.get("COLUMNS", "")
    return max(20, int(columns[:6])) if columns.isascii() and columns.strip("0").isdigit() else None


class ClosedOutput(io.TextIOBase):
    """Stands in for a standard output that is closed."""

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
    """The text in a stream's encoding; signs that it lacks are replaced by plainer ones."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace")


def _write_whole(stream: TextIO, content: bytes) -> None:
    """Writes all of it, or raises: unbuffered (PYTHONUNBUFFERED) a text stream drops what one write did not take."""
    stream.flush()
    rest = memoryview(content)
    while rest:
        rest = rest[stream.buffer.write(rest) :]
    stream.flush()


def complain(fact: str, cure: str = "") -> None:
    """One message on standard error, a line for the fact and one for the cure, made safe for a terminal."""
    from losscli.schema.text import printable

    write_text(sys.stderr, printable(fact) + "\n" + (f"  {printable(cure)}\n" if cure else ""))


def say(warnings: Iterable[str], notes: Iterable[str], *, quiet: bool) -> None:
    """Warnings and notes on standard error, unless nobody wants them."""
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
    """Sends the rest nowhere: what is still buffered must not be tried again when Python leaves."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
