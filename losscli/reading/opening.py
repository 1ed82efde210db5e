"""A path or a stream to an opened container: which format it has, and whether its content agrees."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from losscli.reading.access import admit, admit_input
from losscli.reading.binary.byte_range import file_extent
from losscli.reading.container import STDIN, Container
from losscli.reading.content import Content, Read, first_bytes
from losscli.reading.formats import (
    LONGEST_MAGIC,
    TEXT,
    Format,
    binary_format,
    folder_format,
    format_named,
    promised_format,
    text_format,
)
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault
from losscli.schema.settings import spelled

_GZIP = b"\x1f\x8b"


def open_path(path: Path, name: str, options: ReadOptions, roles: Sequence[str]) -> Container:
    """The container in a file, a named pipe or a device."""
    admit(path, name)
    with system_faults(name):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            if row := folder_format(os.listdir(path)):
                return row.open(Content(name, b"", lambda _: b"", options, roles, path=path))
            raise DataFault(f"{name}: a directory", f"name a file, or quote a pattern: '{name}/*.npy'")
        promised, zipped = promised_format(path.name)
        if promised and not promised.opener:
            raise promised.refusal(name)
        if promised and zipped and not promised.text:
            raise DataFault(f"{name}: only text is read from .gz", f"unpack it: gunzip {name}")
        with open(path, "rb", buffering=0) as file:
            if stat.S_ISREG(mode) and not zipped:
                head = file.read(LONGEST_MAGIC)
                if (row := _agreed(promised, head, name)) and not row.text:
                    extent = file_extent(os.path.abspath(path), name)
                    return row.open(Content(name, head, file.read, options, roles, extent, path))
                file.seek(0)
            return _open_stream(file.read, name, promised, zipped, options, roles)


def open_stdin(options: ReadOptions, roles: Sequence[str]) -> Container:
    """The container on standard input."""
    stream = input_of(options)
    with system_faults(STDIN):
        promised = format_named(options.stdin) if options.stdin else None
        return _open_stream(stream.read, STDIN, promised, False, options, roles)


def input_of(options: ReadOptions) -> BinaryIO:
    """Standard input, or what stands in for it: of a copy every reader gets all."""
    if options.input_stream is None and sys.stdin is None:
        raise DataFault(f"{STDIN}: closed", "pipe the data in, or name a file")
    stream = options.input_stream or sys.stdin.buffer
    admit_input(stream)
    if isinstance(stream, BytesIO):
        stream.seek(0)
    return stream


def _agreed(promised: Format | None, head: bytes, name: str) -> Format | None:
    """The format of what begins like this, None for text of no known one; a DataFault if another was promised."""
    if not head:
        raise DataFault(f"{name}: empty, it holds no data", "write an array there")
    seen = binary_format(head)
    if seen is not None and not seen.opener:
        raise seen.refusal(name, by_content=True)
    zipped = head.startswith(_GZIP)
    if promised and (zipped or seen is not (promised if promised.magic and not promised.text else None)):
        cure = "name the file after its format" if name != STDIN else f"correct {spelled('stdin')}"
        content = "gzip" if zipped else seen.name if seen else "text"
        raise DataFault(f"{name}: should be {promised.name}, but looks like {content}", cure)
    return promised or seen


def _open_stream(
    read: Read, name: str, promised: Format | None, zipped: bool, options: ReadOptions, roles: Sequence[str]
) -> Container:
    """The container in bytes that come one after another."""
    content = Content(name, first_bytes(read), read, options, roles)
    if content.head.startswith(_GZIP) and (zipped or not promised):
        read = _unzipped(content.all(), name)
        content = replace(content, head=first_bytes(read), read=read)
        if (row := _agreed(promised, content.head, name)) and not row.text:
            raise DataFault(f"{name}: only text is read from gzip", "unpack it")
    elif zipped:
        raise DataFault(f"{name}: not in gzip format, though its name says so", "name the file after its format")
    row = _agreed(promised, content.head, name) or TEXT
    return (text_format(content.head) if row is TEXT else row).open(content)


def _unzipped(content: bytes, name: str) -> Read:
    """Reads from gzip'ed bytes."""
    import zlib
    from gzip import GzipFile

    stream = GzipFile(fileobj=BytesIO(content))

    def read(size: int) -> bytes:
        try:
            return stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise DataFault(f"{name}: the gzip data are damaged ({error})", "pack it anew") from None

    return read


@contextmanager
def system_faults(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataFault(f"{name}: {error.strerror or error}") from None
    except MemoryError:
        raise DataFault(f"{name}: does not fit into memory", "save it as .npy, which is read in pieces") from None
