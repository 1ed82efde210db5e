"""Output files appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from losscli.reading.access import was_read
from losscli.schema.faults import DataFault


def write_file(path: str, write: Callable[[BinaryIO], object], *, updates: bool = False) -> None:
    """Writes to a temporary file beside `path`, and puts it there once it is complete.

    Refuses to write to anything but a plain file, and to replace a file that the run has read, unless it `updates` it.
    """
    target = Path(path)
    if "\0" in path:
        raise DataFault(f"{path}: no path has a NUL character", "name another output file")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise DataFault(f"{path} is not a plain file", "name another output file")
    if not updates and was_read(target):
        raise DataFault(f"{path} is an input of this command", "name another output file")
    replaced = target.exists()
    temporary = target.parent / f".losscli.{os.urandom(8).hex()}"  # named before it is there: a signal may come between
    try:
        try:
            file = open(temporary, "xb")  # noqa: SIM115  closed below
        except OSError as error:
            cure = "name a file in a folder that can be written to"
            raise DataFault(f"{path}: {error.strerror or error}", cure) from None
        with file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if replaced:
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except OSError as error:
        kept = "the file was left as it was" if replaced else "no file was written"
        raise DataFault(f"{path}: {error.strerror or error}", kept) from None
    finally:
        temporary.unlink(missing_ok=True)
