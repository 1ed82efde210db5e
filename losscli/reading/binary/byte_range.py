"""Runs of bytes, on disk or in memory, that several threads can read at any place."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from weakref import finalize

from losscli.schema.faults import DataFault
from losscli.schema.records import record

if TYPE_CHECKING:
    from typing_extensions import Buffer

_IN_MEMORY = 64 << 20  # a stream up to this length is kept in memory, a longer one in a temporary file
PIECE = 1 << 20

ReadInto = Callable[[memoryview, int], None]
"""Fills a buffer with the bytes from an offset on."""


class Extent(Protocol):
    """A run of bytes of known length."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def opened(self) -> AbstractContextManager[ReadInto]:
        """A function that reads; a DataFault if the bytes are not there, or no longer the same."""
        ...


@record
class FileExtent:
    """A file. It is opened anew for each read, so that a thousand shards need no thousand descriptors."""

    name: str
    path: str
    size: int
    identity: tuple[int, int, int, int]

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        try:
            with open(self.path, "rb", buffering=0) as file:
                yield lambda buffer, offset: _fill(buffer, offset, file, self.name)
                status = os.fstat(file.fileno())
        except OSError as error:
            raise DataFault(f"{self.name}: {error.strerror or error}") from None
        check_unchanged(status, self.identity, self.name)


@record
class BytesExtent:
    """Bytes in memory."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        yield self._copy

    def _copy(self, buffer: memoryview, offset: int) -> None:
        buffer[:] = memoryview(self.content)[offset : offset + len(buffer)]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class SpooledExtent:
    """A temporary file that has no name any more. It goes when nobody can read it."""

    name: str
    size: int
    file: FileIO
    turn: Lock

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        # A lock and one position rather than pread, which Windows lacks: copying costs far less than computing.
        try:
            with self.turn:
                yield lambda buffer, offset: _fill(buffer, offset, self.file, self.name)
        except OSError as error:
            raise DataFault(f"{self.name}: {error.strerror or error}") from None


@record
class Part:
    """A stretch of another extent: a member of an archive."""

    name: str
    whole: Extent
    start: int
    size: int

    @contextmanager
    def opened(self) -> Iterator[ReadInto]:
        with self.whole.opened() as read_into:
            yield lambda buffer, offset: read_into(buffer, self.start + offset)


def file_extent(path: str, name: str) -> FileExtent:
    """The bytes of a file as it is now: a later change is a fault."""
    status = os.stat(path)
    return FileExtent(name, path, status.st_size, identity_of(status))


def check_unchanged(status: os.stat_result, identity: tuple[int, int, int, int], name: str) -> None:
    """A DataFault if a file is no longer the one, or not as it was."""
    if identity_of(status) != identity:
        raise DataFault(f"{name}: the file changed while it was read", "run again when nothing writes to it")


def spooled(read: Callable[[int], bytes], name: str, head: bytes = b"") -> Extent:
    """The head and what is left of a stream that can be read but once, put where any of it can be read again."""
    pieces = [head]
    size = len(head)
    while size <= _IN_MEMORY:
        piece = read(PIECE)
        if not piece:
            return BytesExtent(name, b"".join(pieces))
        pieces.append(piece)
        size += len(piece)
    return _spooled_to_disk(b"".join(pieces), read, name)


def _spooled_to_disk(head: bytes, read: Callable[[int], bytes], name: str) -> Extent:
    from tempfile import TemporaryFile

    with ExitStack() as undone:
        try:
            file = undone.enter_context(TemporaryFile(buffering=0))
            piece, size = memoryview(head), 0
            while piece:
                written = file.write(piece)  # perhaps not all of it: there is no buffer in between
                size += written
                piece = piece[written:] or memoryview(read(PIECE))
        except OSError as error:
            fact = f"{name}: no room for a temporary file ({error.strerror or error})"
            raise DataFault(fact, "name a file instead") from None
        extent = SpooledExtent(name, size, file, Lock())
        finalize(extent, undone.pop_all().close)
        return extent


def read_bytes(extent: Extent, offset: int, count: int) -> bytes:
    """At most this many bytes from the offset on, fewer at the end."""
    buffer = bytearray(max(0, min(count, extent.size - offset)))
    with extent.opened() as read_into:
        read_into(memoryview(buffer), offset)
    return bytes(buffer)


class AsFile(io.RawIOBase):
    """An extent as the kind of file that libraries read."""

    def __init__(self, extent: Extent) -> None:
        super().__init__()
        self._extent = extent
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = (0, self._position, self._extent.size)[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        room = memoryview(buffer).cast("B")
        count = max(0, min(len(room), self._extent.size - self._position))
        with self._extent.opened() as read_into:
            read_into(room[:count], self._position)
        self._position += count
        return count


def reader(extent: Extent, start: int = 0) -> Callable[[int], bytes]:
    """Reads an extent from a byte on, piece by piece."""

    def read(size: int) -> bytes:
        nonlocal start
        piece = read_bytes(extent, start, size)
        start += len(piece)
        return piece

    return read


def _fill(buffer: memoryview, offset: int, file: FileIO, name: str) -> None:
    """Reads until the buffer is full: one call may bring less than it was asked for."""
    file.seek(offset)
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done:])
        if not count:
            raise DataFault(f"{name}: the file ends {len(buffer) - done} bytes too early", "write it anew")
        done += count


def identity_of(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
