"""The bytes of a file or a stream, for the opener of its format: as a text, or as bytes that can be read anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from losscli.reading.binary.byte_range import PIECE, Extent, spooled
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_LARGEST_TEXT = 2 << 30

Read = Callable[[int], bytes | None]


@record
class Content:
    """Bytes of which the head was read, and how to read them.

    `names` are those that a header of a table may hold. `file` are all the bytes of a file, which need no copy; `path`
    is where it lies, a folder's too, for formats of several files.
    """

    name: str
    head: bytes
    read: Read
    options: ReadOptions
    names: Sequence[str]
    file: Extent | None = None
    path: Path | None = None

    def text(self, limit: int | None = None) -> bytes:
        """All the bytes of a text; of an endless one, like /dev/zero, as many as show that it is none."""
        return self.head if b"\0" in self.head else self.all(limit)

    def all(self, limit: int | None = None) -> bytes:
        """All the bytes, up to a limit."""
        limit = limit or _LARGEST_TEXT
        pieces, size = [self.head], len(self.head)
        while piece := self.read(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise DataFault(f"{self.name}: more than {limit >> 20} MiB of text", "save it as .npy")
        return b"".join(pieces)

    def extent(self) -> Extent:
        """The bytes where any of them can be read again."""
        return self.file or spooled(lambda size: self.read(size) or b"", self.name, self.head)


def first_bytes(read: Read) -> bytes:
    """The first bytes of a stream, which a pipe may bring one by one."""
    head = b""
    while len(head) < PIECE and (piece := read(PIECE)):
        head += piece
    return head
