"""A path or a stream to an opened container: which format it has, and whether its content agrees."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from losscli.reading.access import admit, admit_input
from losscli.reading.binary.byte_range import check_unchanged, file_extent, identity_of, reader, spooled
from losscli.reading.binary.spool import Scratch
from losscli.reading.container import STDIN, Container
from losscli.reading.content import Content, Read, first_bytes, system_faults
from losscli.reading.formats import (
    LONGEST_MAGIC,
    TEXT,
    Format,
    binary_format,
    folder_format,
    promised_format,
    stdin_format,
    text_format,
)
from losscli.reading.options import ReadOptions, Watch
from losscli.reading.packing import Packing, packing_of
from losscli.reading.text.encoding import utf8
from losscli.schema.faults import DataFault
from losscli.schema.settings import spelled

Again = Callable[[], AbstractContextManager[Read]]


def open_path(path: Path, name: str, options: ReadOptions, roles: Sequence[str], scratch: Scratch) -> Container:
    """The container in a file, a folder, a named pipe or a device."""
    admit(path, name)
    content = Content(name, b"", lambda _: b"", options, roles, scratch=scratch, path=path)
    with system_faults(name):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            if row := folder_format(os.listdir(path), path.name):
                return row.open(content)
            raise DataFault(
                f"{name}: a directory", f"name a file, or quote a pattern: '{name.rstrip('/')}/{_inside(path)}'"
            )
        promised, packing = promised_format(path.name)
        if promised and not promised.opener:
            if not stat.S_ISREG(mode) or not _read_by_content(path):
                raise promised.refusal(name)
            promised = None
        if promised and packing and not promised.text:
            raise DataFault(f"{name}: only text is read from .{packing.suffix}", "unpack it")
        regular = stat.S_ISREG(mode)
        with open(path, "rb", buffering=0) as file:
            if regular and not packing:
                head = file.read(LONGEST_MAGIC)
                if (row := _agreed(promised, head, name)) and not row.text:
                    extent = file_extent(os.path.abspath(path), name)
                    return row.open(replace(content, head=head, read=file.read, file=extent))
                file.seek(0)
            identity = identity_of(os.fstat(file.fileno()))
            again = partial(_reopened, os.path.abspath(path), identity, name, options.watch) if regular else None
            return _open_stream(replace(content, read=file.read), promised, packing, again, keep=not regular)


def open_stdin(options: ReadOptions, roles: Sequence[str], scratch: Scratch) -> Container:
    """The container on standard input."""
    stream = input_of(options)
    with system_faults(STDIN):
        promised = stdin_format(options.stdin) if options.stdin else None
        content = Content(STDIN, b"", stream.read, options, roles, scratch=scratch)
        return _open_stream(content, promised, None, None, keep=False)


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
    seen = binary_format(head, promised)
    if seen is not None and not seen.opener:
        raise seen.refusal(name, by_content=True)
    packing = packing_of(head)
    if promised and (packing or seen is not (promised if promised.magic and not promised.text else None)):
        cure = "name the file after its format" if name != STDIN else f"correct {spelled('stdin')}"
        content = packing.name if packing else seen.name if seen else "text"
        raise DataFault(f"{name}: should be {promised.name}, but looks like {content}", cure)
    return promised or seen


def _inside(folder: Path) -> str:
    """A pattern of the files in a folder that are read, such as those of a log."""
    for file in sorted(os.listdir(folder)):
        row, _ = promised_format(file)
        if row is not None and row.opener:
            return f"*{Path(file).suffix}" if row.suffixes else row.names[0]
    return "*.npy"


def _read_by_content(path: Path) -> bool:
    """Whether a file whose suffix says little, such as .bin, begins like one of a format that is read."""
    with open(path, "rb") as file:
        seen = binary_format(file.read(LONGEST_MAGIC))
    return seen is not None and bool(seen.opener)


def _open_stream(
    content: Content, promised: Format | None, packing: Packing | None, again: Again | None, *, keep: bool
) -> Container:
    """The container in bytes that come one after another; `keep` puts those of a text where they can be read again."""
    name, read, options = content.name, content.read, content.options
    head = first_bytes(read)
    seen = packing_of(head)
    if packing and seen is not packing:
        raise DataFault(f"{name}: not in {packing.name} format, though its name says so", "name it after its format")
    if seen is not None and (packing or not promised):
        read = seen.unpacked(_joined(head, read), name)
        head = first_bytes(read)
        if (row := _agreed(promised, head, name)) and not row.text:
            raise DataFault(f"{name}: only text is read from {seen.name}", "unpack it")
    else:
        seen = None
        row = _agreed(promised, head, name)
    content = replace(content, head=head, read=read)
    if row is not None and not row.text:
        return row.open(content)
    if again is not None:
        content = replace(content, again=partial(_decoded_again, again, seen, options.encoding, name))
    if options.encoding is not None:
        read = utf8(_joined(head, read), options.encoding, name)
        content = replace(content, head=first_bytes(read), read=read)
    if keep and b"\0" not in content.head:
        extent = spooled(lambda size: content.read(size) or b"", name, content.head)
        content = replace(content, read=reader(extent, len(content.head)), again=lambda: nullcontext(reader(extent)))
    row = row or TEXT
    return (text_format(content.head) if row is TEXT else row).open(content)


def _joined(head: bytes, read: Read) -> Read:
    """Reads the head again, and then what follows."""
    start = BytesIO(head)
    return lambda size: start.read(size) or read(size)


@contextmanager
def _reopened(path: str, identity: tuple[int, int, int, int], name: str, watch: Watch | None) -> Iterator[Read]:
    """Reads a file from its first byte on; a DataFault if it is not as it was."""
    with system_faults(name), open(path, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        check_unchanged(status, identity, name)
        with watch(status.st_size, name) if watch else nullcontext() as advance:
            yield file.read if advance is None else _counted(file.read, advance)
        check_unchanged(os.fstat(file.fileno()), identity, name)


def _counted(read: Read, advance: Callable[[int], None]) -> Read:
    """Reads, and says how much was read."""

    def counted(size: int) -> bytes:
        piece = read(size) or b""
        advance(len(piece))
        return piece

    return counted


@contextmanager
def _decoded_again(again: Again, packing: Packing | None, encoding: str | None, name: str) -> Iterator[Read]:
    """Reads a text from its first byte on, unpacked and in UTF-8."""
    with again() as read:
        if packing is not None:
            read = packing.unpacked(read, name)
        yield read if encoding is None else utf8(read, encoding, name)
