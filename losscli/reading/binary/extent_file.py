"""An extent as the kind of file that other libraries read."""

from __future__ import annotations

import io

from losscli.reading.binary.byte_range import Extent, read_bytes


class ExtentFile(io.RawIOBase):
    """Reads an extent at any place; what is read is checked as the extent checks it."""

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

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._extent.size if size is None or size < 0 else size
        piece = read_bytes(self._extent, self._position, wanted)
        self._position += len(piece)
        return piece
