"""Every file that a run reads passes `admit`: a run remembers them, and the cases of a suite may not name any file.

What a run remembers is a context variable, since files are opened in many rooms: two runs in one process do not see
each other's files, and a thread that works for a run is started in a copy of its context. Outside of a run, as in the
Python API's `compute`, nothing is remembered, for nothing is written there.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.records import record
from losscli.schema.settings import spelled

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SYSTEM = ("/dev", "/proc", "/sys")


@record
class Limits:
    """What the cases of a suite may read: plain files under the roots, or anywhere if there are none."""

    roots: tuple[str, ...] | None
    code: bool = True


@record
class _Run:
    """The files that were read: their real paths, and device and inode, which hard links share."""

    files: set[str | tuple[int, int]]
    limits: Limits | None = None


_RUN: ContextVar[_Run | None] = ContextVar("losscli_run", default=None)


@contextmanager
def new_run() -> Iterator[None]:
    """Begins to remember files."""
    token = _RUN.set(_Run(set()))
    try:
        yield
    finally:
        _RUN.reset(token)


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """This run, with limits to what it reads."""
    run = _RUN.get()
    token = _RUN.set(_Run(set() if run is None else run.files, limits))
    try:
        yield
    finally:
        _RUN.reset(token)


def limits_of(*folders: Path, allow_outside: bool, code: bool = True) -> Limits:
    """The limits of a suite: these folders and the working directory, links followed."""
    return Limits(None if allow_outside else tuple(os.path.realpath(folder) for folder in (*folders, Path())), code)


def check_place(path: Path, name: str) -> None:
    """Refuses a path that the run may not name, whether or not there is a file."""
    if "\0" in str(path):
        raise DataFault(f"no such file: {name}", "no path has a NUL character")
    run = _RUN.get()
    if run is None or run.limits is None:
        return
    real, roots = os.path.realpath(path), run.limits.roots
    if any(_lies_in(spelling, folder) for spelling in (os.path.abspath(path), real) for folder in _SYSTEM):
        raise DataFault(f"{name}: a suite reads no files of the system", "save the data to a file")
    if roots is not None and (_SCHEME.match(name) or not any(_lies_in(real, root) for root in roots)):
        raise DataFault(
            f"{name}: outside the suite's folder and the working directory",
            f"copy the file there, or run the suite with {spelled('allow_outside', True)}",
        )


def admit(path: Path, name: str) -> None:
    """Remembers a file that is about to be read; refuses one that the run may not read."""
    check_place(path, name)
    run = _RUN.get()
    if run is not None and run.limits is not None and path.exists() and not (path.is_file() or path.is_dir()):
        raise DataFault(f"{name}: a device or a named pipe, and a suite reads plain files", "save the data to a file")
    remember(path)


def remember(path: Path) -> None:
    """Keeps a file from being replaced by an output of this run."""
    run = _RUN.get()
    if run is not None and path.exists():
        status = path.stat()
        run.files.update((os.path.realpath(path), (status.st_dev, status.st_ino)))


def admit_code(path: Path, name: str) -> None:
    """As `admit`, for a Python file that is about to be executed."""
    run = _RUN.get()
    if run is not None and run.limits is not None and not run.limits.code:
        option = spelled("no_code", True)
        raise UsageFault(f"{name}: no Python file is executed with {option}", f"leave {option} out if you trust it")
    admit(path, name)


def admit_input(stream: IO[Any]) -> None:
    """As `admit`, for standard input, which may be redirected from a file."""
    run = _RUN.get()
    if run is None:
        return
    if run.limits is not None:
        raise DataFault("a suite reads no standard input", "save it to a file, and name that")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file of the system's
        return
    if stat.S_ISREG(status.st_mode):
        run.files.add((status.st_dev, status.st_ino))


def was_read(path: Path) -> bool:
    """Whether the run has read the file at a path, under this name or another."""
    run = _RUN.get()
    if run is None:
        return False
    try:
        status = os.stat(path)
    except OSError:
        return False
    return os.path.realpath(path) in run.files or (status.st_dev, status.st_ino) in run.files


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
