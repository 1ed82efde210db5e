"""Progress of long work: a line on standard error, as wide as the terminal, that is drawn over and over."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from losscli.cli.console import write_text

_PATIENCE = 0.5  # seconds before progress is worth showing
_PAUSE = 0.1  # seconds between two drawings
_BAR = 30  # columns


@contextmanager
def progress(
    total: int, wanted: bool | None, *, quiet: bool, what: str = "samples"
) -> Iterator[Callable[[int], None] | None]:
    """Yields a function that adds finished work; None if progress is not shown."""
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
    """The line. The caller's lock keeps two threads from drawing at once."""

    def __init__(self, total: int, what: str, patience: float) -> None:
        self._total, self._what, self._done = total, what, 0
        self._start = time.monotonic()
        self._next = self._start + patience
        self._width = 0

    def advance(self, units: int) -> None:
        self._done += units
        now = time.monotonic()
        if now < self._next and not (self._width and self._done == self._total):
            return
        self._next = now + _PAUSE
        columns = shutil.get_terminal_size().columns - 1  # asked each time: windows change; the last makes a new line
        line = progress_line(self._done, self._total, self._what, now - self._start, columns)
        write_text(sys.stderr, f"\r{line.ljust(min(self._width, columns))}")
        self._width = len(line)

    def clear(self) -> None:
        if self._width:
            write_text(sys.stderr, f"\r{' ' * self._width}\r")


def progress_line(done: int, total: int, what: str, seconds: float, columns: int) -> str:
    """Bar, share, counts, rate and time left; where there is no room the last of them are left out."""
    share = done / total
    parts = [f"{share:4.0%}", f"{done:,} of {total:,} {what}"]
    if done and seconds > 0.0:
        rate = done / seconds
        parts += [f"{rate:,.0f}/s", f"{_time((total - done) / rate)} left"]
    bar = f"{'#' * int(_BAR * share):<{_BAR}}"
    while len(line := f"{bar} {'  '.join(parts)}".strip()) > columns and parts:
        if bar:
            bar = ""
        else:
            parts.pop()
    return line


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
