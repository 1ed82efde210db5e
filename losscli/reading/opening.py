"""A path or a stream to an opened container: which format it has, and whether its content agrees."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from losscli.reading.access import admit, admit_input
from losscli.reading.byte_range import PIECE, Extent, file_extent, spooled
from losscli.reading.container import Container, Single
from losscli.reading.csv_table import read_table
from losscli.reading.exports import FOREIGN_BEGINNINGS, FOREIGN_SUFFIXES, conversion, refusal
from losscli.reading.npy import MAGIC, npy_data
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault

_BINARY = ("npy", "npz", "safetensors")
_BY_SUFFIX = {name: name for name in (*_BINARY, "csv", "tsv", "txt", "yaml", "json")} | {"yml": "yaml"}
_GZIP = b"\x1f\x8b"
_BEGINNINGS = (
    (MAGIC, "npy"),
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (_GZIP, "gzip"),
    *FOREIGN_BEGINNINGS,
)
_BEGINNING = 16  # bytes, enough for all of these
_OPENED = ("npy", "npz", "gzip", "")
_LARGEST_TEXT = 2 << 30

STDIN = "standard input"
_Read = Callable[[int], bytes | None]


def open_path(path: Path, name: str, options: ReadOptions, roles: Sequence[str]) -> Container:
    """The container in a file, a named pipe or a device."""
    admit(path, name)
    with _system_faults(name):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise DataFault(f"{name}: a directory", f"name a file, or quote a pattern: '{name}/*.npy'")
        form, zipped = _promised(path, name)
        with open(path, "rb", buffering=0) as file:
            if stat.S_ISREG(mode) and not zipped:
                agreed = _agreed(form, file.read(_BEGINNING), name)
                if agreed in _BINARY:
                    return _open_binary(file_extent(os.path.abspath(path), name), agreed, options)
                file.seek(0)
            return _open_stream(file.read, name, form, zipped, options, roles)


def open_stdin(options: ReadOptions, roles: Sequence[str]) -> Container:
    """The container that standard input brings."""
    stream = input_of(options)
    with _system_faults(STDIN):
        return _open_stream(stream.read, STDIN, options.stdin or "", False, options, roles)


def input_of(options: ReadOptions) -> BinaryIO:
    """Standard input, or what stands in for it: of a copy every reader gets all."""
    if options.input_stream is None and sys.stdin is None:
        raise DataFault(f"{STDIN}: closed", "pipe the data in, or name a file")
    stream = options.input_stream or sys.stdin.buffer
    admit_input(stream)
    if isinstance(stream, BytesIO):
        stream.seek(0)
    return stream


def _promised(path: Path, name: str) -> tuple[str, bool]:
    """The format that a file's name promises, empty if none, and whether it says .gz."""
    suffixes = path.name.lower().split(".")[1:]
    zipped = suffixes[-1:] == ["gz"]
    suffix = suffixes[-1 - zipped] if len(suffixes) > zipped else ""
    if suffix in FOREIGN_SUFFIXES:
        raise refusal(FOREIGN_SUFFIXES[suffix], name)
    form = _BY_SUFFIX.get(suffix, "")
    if zipped and form in _BINARY:
        raise DataFault(f"{name}: only text is read from .gz", f"unpack it: gunzip {name}")
    return form, zipped


def _agreed(form: str, head: bytes, name: str) -> str:
    """The format of what begins like this, empty for text of no known one; a DataFault if another was promised."""
    if not head:
        raise DataFault(f"{name}: empty, it holds no data", "write an array there")
    found = next((kind for start, kind in _BEGINNINGS if head.startswith(start)), "")
    if found not in _OPENED:
        raise DataFault(f"{name}: looks like {found}, which is not read", conversion(found, name))
    if form and found != (form if form in ("npy", "npz") else ""):
        cure = "name the file after its format" if name != STDIN else "correct --stdin"
        raise DataFault(f"{name}: should be {form}, but looks like {found or 'text'}", cure)
    return form or found


def _open_stream(
    read: _Read, name: str, form: str, zipped: bool, options: ReadOptions, roles: Sequence[str]
) -> Container:
    """The container in bytes that come one after another."""
    head = _head(read)
    if head.startswith(_GZIP) and (zipped or not form):
        read = _unzipped(_all(head, read, name, _LARGEST_TEXT), name)
        head = _head(read)
        if _agreed(form, head, name) in ("npy", "npz"):
            raise DataFault(f"{name}: only text is read from gzip", "unpack it")
    elif zipped:
        raise DataFault(f"{name}: not in gzip format, though its name says so", "name the file after its format")
    form = _agreed(form, head, name)
    if form in _BINARY:
        return _open_binary(spooled(lambda size: read(size) or b"", name, head), form, options)
    if not form and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        form = "json"
    return _open_text(head, read, name, form, options, roles)


def _open_binary(extent: Extent, form: str, options: ReadOptions) -> Container:
    if form == "npy":
        return Single(npy_data(extent, options))
    if form == "safetensors":
        from losscli.reading.safetensors import open_safetensors

        return open_safetensors(extent)
    from losscli.reading.npz import open_npz

    return open_npz(extent, options)


def _open_text(head: bytes, read: _Read, name: str, form: str, options: ReadOptions, roles: Sequence[str]) -> Container:
    if form not in ("json", "yaml"):
        return read_table(_rest(head, read, name, _LARGEST_TEXT), name, form, options, roles)
    from losscli.reading.structured import LARGEST, Document, load_json, load_yaml

    load = load_json if form == "json" else load_yaml
    return Document(name, load(_rest(head, read, name, LARGEST), name), options.keep_text)


def _head(read: _Read) -> bytes:
    """The first bytes, which a pipe may bring one by one."""
    head = b""
    while len(head) < PIECE and (piece := read(PIECE)):
        head += piece
    return head


def _rest(head: bytes, read: _Read, name: str, limit: int) -> bytes:
    """All the bytes of a text; of an endless one, like /dev/zero, as many as show that it is none."""
    return head if b"\0" in head else _all(head, read, name, limit)


def _all(head: bytes, read: _Read, name: str, limit: int) -> bytes:
    """All the bytes of a stream that begins with the head."""
    pieces, size = [head], len(head)
    while piece := read(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise DataFault(f"{name}: more than {limit >> 20} MiB of text", "save it as .npy")
    return b"".join(pieces)


def _unzipped(content: bytes, name: str) -> _Read:
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
def _system_faults(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataFault(f"{name}: {error.strerror or error}") from None
    except MemoryError:
        raise DataFault(f"{name}: does not fit into memory", "save it as .npy, which is read in pieces") from None
