"""Packed text: .gz, .bz2, .xz and .zst, unpacked piece by piece as it is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from losscli.schema.faults import DataFault
from losscli.schema.records import record

_HARMLESS = 256 << 20  # bytes that any packed text may have
_HIGHEST_RATIO = 400  # of more bytes than that: texts of numbers pack 2 to 50 times

Read = Callable[[int], bytes | None]


@record
class Packing:
    """A way to pack bytes: its name, the suffix of files and how they begin.

    `unpacker` and `damage` are a class of file and an exception of Python's, as MODULE:NAME; `conversion` is the
    command for a Python without them.
    """

    name: str
    suffix: str
    magic: bytes
    unpacker: str
    damage: str = "builtins:EOFError"
    conversion: str = ""

    def unpacked(self, read: Read, name: str) -> Read:
        """Reads what was packed; a DataFault where that is damaged, or swells as no table does."""
        packed = _AsFile(read)
        try:
            stream: BinaryIO = _imported(self.unpacker)(packed)
            damage: type[Exception] = _imported(self.damage)
        except ImportError:
            cure = f"unpack it: {self.conversion}"
            raise DataFault(f"{name}: {self.name} is read by Python 3.14 and later", cure) from None
        done = 0

        def unpacked(size: int) -> bytes:
            nonlocal done
            try:
                piece = stream.read(size)
            except (OSError, EOFError, damage) as error:
                raise DataFault(f"{name}: the {self.name} data are damaged ({error})", "pack it anew") from None
            done += len(piece)
            if done > _HARMLESS and done > _HIGHEST_RATIO * packed.count:
                fact = f"{name}: {packed.count >> 10} KiB of {self.name} data unpack to over {done >> 20} MiB"
                raise DataFault(fact, "if that is right, unpack it and name the file")
            return piece

        return unpacked


PACKINGS = (
    Packing("gzip", "gz", b"\x1f\x8b", "losscli.reading.packing:gzip_file", "zlib:error"),
    Packing("bzip2", "bz2", b"BZh", "bz2:BZ2File"),
    Packing("xz", "xz", b"\xfd7zXZ\0", "lzma:LZMAFile", "lzma:LZMAError"),
    Packing(
        "Zstandard",
        "zst",
        b"\x28\xb5\x2f\xfd",
        "compression.zstd:ZstdFile",
        "compression.zstd:ZstdError",
        "zstd -dc FILE | losscli … -",
    ),
)
SUFFIXES = {packing.suffix: packing for packing in PACKINGS}


def packing_of(head: bytes) -> Packing | None:
    """How bytes that begin like this are packed; None if they are not."""
    return next((packing for packing in PACKINGS if head.startswith(packing.magic)), None)


def _imported(name: str) -> Any:
    module, _, word = name.partition(":")
    return getattr(import_module(module), word)


class _AsFile(io.RawIOBase):
    """Bytes that come one after another, as the kind of file that Python's unpackers read; `count` are those read."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._next = read
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        piece = self._next(1 << 16 if size is None or size < 0 else size) or b""
        self.count += len(piece)
        return piece


def gzip_file(packed: BinaryIO) -> Any:
    """What is in gzip'ed bytes; its class takes the file as another argument than the other classes do."""
    import gzip

    return gzip.GzipFile(fileobj=packed)
