"""Output files appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from losscli.schema.faults import DataFault


def write_file(path: str, write: Callable[[BinaryIO], object], inputs: Iterable[str] = ()) -> None:
    """Writes to a temporary file beside `path`, and puts it there once it is complete.

    Refuses to replace an input, and to write to anything but a plain file.
    """
    import tempfile

    target = Path(path)
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise DataFault(f"{path} is not a plain file", "name another output file")
    if target.exists() and any(os.path.samefile(target, each) for source in inputs for each in _files_of(source)):
        raise DataFault(f"{path} is an input of this command", "name another output file")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent or ".", prefix=f".{target.name}.")
    except OSError as error:
        raise DataFault(f"{path}: {error.strerror}", "name a file in a folder that can be written to") from None
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise DataFault(f"{path}: {error.strerror}", "the file was left as it was") from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _files_of(source: str) -> Iterator[str]:
    """The files that a SOURCE may name: itself, what stands before a `::`, and the shards of a pattern."""
    from glob import glob

    words = source.split("::")
    for count in range(1, len(words) + 1):
        address = "::".join(words[:count])
        yield from (path for path in {address, *glob(address, recursive=True)} if os.path.exists(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
