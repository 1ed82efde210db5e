"""ZIP archives whose members are arrays: .npz files, and what PyTorch and Keras save."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from losscli.reading.binary.byte_range import PIECE, AsFile, Extent, Part, read_bytes, spooled
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_HIGHEST_RATIO = 1100  # deflate reaches 1032
_LOCAL_HEADER = 30  # bytes of it before the member's name
_LARGEST_DIRECTORY = 64 << 20
_END = 22  # bytes of the record that ends an archive without a comment


@record
class Archive:
    """An archive whose directory was found to be sound, as `writer` writes it; `cure` says how that is done anew."""

    extent: Extent
    members: dict[str, ZipInfo]
    writer: str
    cure: str

    def member(self, path: str, name: str, *, checked: bool = True) -> Extent:
        """The bytes of one member: where they lie if they are stored plainly, else decompressed.

        Unless they are `checked`, bytes that are stored plainly are not compared with their checksum.
        """
        info = self.members[path]
        if info.flag_bits & 1:
            raise DataFault(f"{name}: encrypted", self.cure)
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise DataFault(f"{name}: compressed in a way that {self.writer} does not write", self.cure)
        if info.file_size > _HIGHEST_RATIO * max(1, info.compress_size):
            raise DataFault(f"{name}: {info.compress_size} bytes that claim to hold {info.file_size}", self.cure)
        with _zip_faults(name, self.cure):
            if info.compress_type == ZIP_STORED:
                return _stored(self.extent, info, name, checked)
            with ZipFile(AsFile(self.extent)) as archive, archive.open(info) as stream:
                return spooled(stream.read, name)


def open_archive(extent: Extent, writer: str, cure: str) -> Archive:
    """The archive, unless its directory names a member twice or one outside of it."""
    with _zip_faults(extent.name, cure):
        _check_directory(extent)
        with ZipFile(AsFile(extent)) as archive:
            infos = archive.infolist()
    members: dict[str, ZipInfo] = {}
    for info in infos:
        if info.filename.startswith("/") or ".." in info.filename.split("/"):
            raise DataFault(f"{extent.name}: a member is named {info.filename!r}", cure)
        if info.filename in members:
            raise DataFault(f"{extent.name}: two members are named {info.filename!r}", cure)
        members[info.filename] = info
    return Archive(extent, members, writer, cure)


def _check_directory(extent: Extent) -> None:
    """Refuses a directory of millions of members, of which each costs a thousand bytes of memory."""
    end = read_bytes(extent, max(0, extent.size - _END), _END)
    if end[:4] == b"PK\x05\x06" and _LARGEST_DIRECTORY < int.from_bytes(end[12:16], "little") < 2**32 - 1:
        raise BadZipFile(f"its directory has more than {_LARGEST_DIRECTORY >> 20} MiB")


def _stored(extent: Extent, info: ZipInfo, name: str, checked: bool) -> Extent:
    local = read_bytes(extent, info.header_offset, _LOCAL_HEADER)
    if local[:4] != b"PK\x03\x04" or len(local) < _LOCAL_HEADER:
        raise BadZipFile("a member is not where the directory says")
    lengths = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
    start = info.header_offset + _LOCAL_HEADER + lengths
    if info.file_size != info.compress_size or start + info.file_size > extent.size:
        raise BadZipFile("a member is longer than the archive")
    part = Part(name, extent, start, info.file_size)
    checksum = 0
    for offset in range(0, part.size if checked else 0, PIECE):
        checksum = zlib.crc32(read_bytes(part, offset, PIECE), checksum)
    if checked and checksum != info.CRC:
        raise BadZipFile("the checksum (CRC-32) does not match the data")
    return part


@contextmanager
def _zip_faults(name: str, cure: str) -> Iterator[None]:
    try:
        yield
    # zipfile has no exception of its own for much that can be wrong with an archive.
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError) as error:
        raise DataFault(f"{name}: the archive is damaged ({error})", cure) from None
