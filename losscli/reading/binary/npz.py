"""The .npz format: a ZIP archive of .npy members."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from losscli.reading.binary.byte_range import PIECE, Extent, Part, read_bytes, spooled
from losscli.reading.binary.npy import npy_data
from losscli.reading.columns import Arrays
from losscli.reading.content import Content
from losscli.schema.data import Data
from losscli.schema.faults import DataFault

_HIGHEST_RATIO = 1100  # deflate reaches 1032
_LOCAL_HEADER = 30  # bytes of it before the member's name


def open_npz(content: Content) -> Arrays:
    """The arrays of an archive, once its directory was found to be sound."""
    extent = content.extent()
    with _zip_faults(extent.name), ZipFile(_AsFile(extent)) as archive:
        infos = archive.infolist()
    members: dict[str, ZipInfo] = {}
    for info in infos:
        if info.filename.startswith("/") or ".." in info.filename.split("/"):
            raise DataFault(f"{extent.name}: a member is named {info.filename!r}", "write it anew with np.savez")
        label = info.filename.removesuffix(".npy")
        if label in members:
            raise DataFault(f"{extent.name}: two members are named {label!r}", "write it anew with np.savez")
        if label != info.filename:
            members[label] = info
    if not members:
        raise DataFault(f"{extent.name}: a ZIP archive without .npy members", "write it with np.savez")

    def load(label: str) -> Data:
        return npy_data(_member(extent, members[label], f"{extent.name}::{label}"), content.options)

    return Arrays(extent.name, tuple(members), load, ending=".npy")


def _member(extent: Extent, info: ZipInfo, name: str) -> Extent:
    """The bytes of one member: where they lie if they are stored plainly, else decompressed."""
    if info.flag_bits & 1:
        raise DataFault(f"{name}: encrypted", "write it anew with np.savez")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise DataFault(f"{name}: compressed in a way that NumPy does not write", "write it anew with np.savez")
    if info.file_size > _HIGHEST_RATIO * max(1, info.compress_size):
        raise DataFault(
            f"{name}: {info.compress_size} bytes that claim to hold {info.file_size}", "write it anew with np.savez"
        )
    with _zip_faults(name):
        if info.compress_type == ZIP_STORED:
            return _stored(extent, info, name)
        with ZipFile(_AsFile(extent)) as archive, archive.open(info) as stream:
            return spooled(stream.read, name)


def _stored(extent: Extent, info: ZipInfo, name: str) -> Extent:
    local = read_bytes(extent, info.header_offset, _LOCAL_HEADER)
    if local[:4] != b"PK\x03\x04" or len(local) < _LOCAL_HEADER:
        raise BadZipFile("a member is not where the directory says")
    lengths = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
    start = info.header_offset + _LOCAL_HEADER + lengths
    if info.file_size != info.compress_size or start + info.file_size > extent.size:
        raise BadZipFile("a member is longer than the archive")
    part = Part(name, extent, start, info.file_size)
    checksum = 0
    for offset in range(0, part.size, PIECE):
        checksum = zlib.crc32(read_bytes(part, offset, PIECE), checksum)
    if checksum != info.CRC:
        raise BadZipFile("the checksum (CRC-32) does not match the data")
    return part


@contextmanager
def _zip_faults(name: str) -> Iterator[None]:
    try:
        yield
    # zipfile has no exception of its own for much that can be wrong with an archive.
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError) as error:
        raise DataFault(f"{name}: the archive is damaged ({error})", "write it anew with np.savez") from None


class _AsFile(io.RawIOBase):
    """An extent as the kind of file that zipfile reads."""

    def __init__(self, extent: Extent) -> None:
        super().__init__()
        self._extent = extent
        self._position = 0

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
