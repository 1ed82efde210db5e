"""The bytes of a file or a stream, for the opener of its format: as a text, or as bytes that can be read anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import field
from pathlib import Path

from losscli.reading.binary.byte_range import PIECE, Extent, spooled
from losscli.reading.binary.spool import Scratch
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault
from losscli.schema.records import record

TOO_LARGE = "save its arrays as .npy, or its records as JSON lines (.jsonl), a line each"
"""The cure of a document that does not fit into memory."""

Read = Callable[[int], bytes | None]


@record
class Content:
    """Bytes of which the head was read, and how to read them.

    `names` are those that a header of a table may hold. `file` are all the bytes of a file, which need no copy; `path`
    is where it lies, a folder's too, for formats of several files. `again` reads from the first byte on, as often as it
    is asked to; None of what comes but once. `scratch` is where the sources of a request put what does not stay where
    it is.
    """

    name: str
    head: bytes
    read: Read
    options: ReadOptions
    names: Sequence[str]
    file: Extent | None = None
    path: Path | None = None
    again: Callable[[], AbstractContextManager[Read]] | None = None
    scratch: Scratch = field(default_factory=Scratch)

    def text(self, limit: int) -> bytes:
        """All the bytes of a document, up to a limit; of an endless one, like /dev/zero, those that show it is none."""
        if b"\0" in self.head:
            return self.head
        pieces, size = [self.head], len(self.head)
        while piece := self.read(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise DataFault(f"{self.name}: more than {limit >> 20} MiB of YAML or JSON", TOO_LARGE)
        return b"".join(pieces)

    @property
    def whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) < PIECE

    def extent(self) -> Extent:
        """The bytes where any of them can be read again."""
        return self.file or spooled(lambda size: self.read(size) or b"", self.name, self.head)


def first_bytes(read: Read) -> bytes:
    """The first bytes of a stream, which a pipe may bring one by one."""
    head = b""
    while len(head) < PIECE and (piece := read(PIECE)):
        head += piece
    return head


@contextmanager
def system_faults(name: str) -> Iterator[None]:
    """What the operating system says of a file, as a DataFault."""
    try:
        yield
    except OSError as error:
        raise DataFault(f"{name}: {error.strerror or error}") from None
    except MemoryError:
        raise DataFault(f"{name}: does not fit into memory", "save it as .npy, which is read in pieces") from None
