"""Where a command's words go: results to standard output or a file, everything else to standard error."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, Self, TextIO

from losscli.schema.faults import DataFault

if TYPE_CHECKING:
    from losscli.report.report import Report, Screen

_PLAIN = str.maketrans({"─": "-", "━": "-", "…": "~", "⋮": ":", "→": "->", "∂": "d", "·": "*", "−": "-"})
_PATIENCE = 0.5  # seconds before progress is worth showing


def show(report: Report, form: str, output: str | None, digits: int | None = None) -> None:
    """Writes a report in one of the formats, to standard output or to a file."""
    from losscli.report.write import written

    emit(written(report, form, screen(output), digits), output)


def screen(output: str | None = None) -> Screen:
    """What the result goes to: a terminal, with or without colour; a pipe, whose width COLUMNS may limit; a file."""
    from losscli.report.report import Screen

    terminal = output is None and sys.stdout.isatty()
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return Screen(None if output is not None else _columns(terminal), terminal and not plain)


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

    _write(sys.stderr, printable(fact) + "\n" + (f"  {printable(cure)}\n" if cure else ""))


def say(warnings: Iterable[str], notes: Iterable[str], *, quiet: bool) -> None:
    """Warnings and notes on standard error, unless nobody wants them."""
    if not quiet:
        for warning in warnings:
            complain(f"warning: {warning}")
        for note in notes:
            complain(f"note: {note}")


@contextmanager
def progress(
    total: int, wanted: bool | None, *, quiet: bool, what: str = "samples"
) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error for work that takes a while; None where nobody would see it."""
    watched = sys.stderr is not None and sys.stderr.isatty()
    if wanted is False or (wanted is None and (quiet or not watched)) or not total:
        yield None
        return
    bar = _Bar(total, what, patience=0.0 if wanted else _PATIENCE)
    try:
        yield bar.advance
    finally:
        bar.clear()


class _Bar:
    """A line that is drawn over and over. The caller's lock keeps two threads from drawing at once."""

    def __init__(self, total: int, what: str, patience: float) -> None:
        self._total, self._what, self._done = total, what, 0
        self._next = time.monotonic() + patience
        self._width = 0

    def advance(self, units: int) -> None:
        self._done += units
        now = time.monotonic()
        if now < self._next and not (self._width and self._done == self._total):
            return
        self._next = now + 0.1
        share = self._done / self._total
        line = f"{'#' * int(30 * share):<30} {share:4.0%}  {self._done} of {self._total} {self._what}"
        self._width = len(line)
        _write(sys.stderr, f"\r{line}")

    def clear(self) -> None:
        if self._width:
            _write(sys.stderr, f"\r{' ' * self._width}\r")


def _write(stream: TextIO | None, text: str) -> None:
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
