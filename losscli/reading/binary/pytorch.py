"""What torch.save writes: a ZIP archive of a pickle, which is read without executing it, and of tensors' bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from losscli.reading.binary.archive import Archive, open_archive
from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.reading.binary.pickled import Built, Damaged, UnknownName, unpickled
from losscli.reading.binary.tensors import (
    NAMES,
    Storage,
    Tensor,
    Unread,
    numpy_array,
    stored,
    tensor_data,
)
from losscli.reading.columns import Arrays
from losscli.reading.container import Container, Single
from losscli.reading.content import Content
from losscli.reading.formats import archive_format, format_named, with_path
from losscli.reading.text.lists import array_of
from losscli.reading.text.structured import container_of
from losscli.schema.data import Data, held
from losscli.schema.faults import DataFault
from losscli.schema.records import record

_LARGEST = 64 << 20  # bytes of a pickle, which holds no tensor's elements
_LARGEST_CHECKED = 64 << 20
_MOST_ENTRIES = 2_000_000
_LONGEST_NAMES = 64 << 20  # characters of all names together
_DEEPEST = 100
_MOST_NUMBERS = 5_000_000
_CURE = "write it anew with torch.save"
_AGAIN = """python -c "import torch; torch.save({}, 'plain.pt')\""""
_LOADED = "torch.load(PATH, 'cpu', weights_only=False)"
_TRUSTED = "if you trust its author: "


class _Numbers(list[object]):
    """A list that is an array: of numbers, of words, or of such lists."""


@record
class _File:
    """An archive, and the bytes of each storage that was asked for: they are checked once."""

    archive: Archive
    prefix: str
    big_endian: bool
    storages: dict[str, Extent]

    def bytes_of(self, storage: Storage) -> Extent:
        if storage.key not in self.storages:
            path = f"{self.prefix}data/{storage.key}"
            name = f"{self.archive.extent.name} ({path})"
            if path not in self.archive.members:
                raise DataFault(f"{name}: not in the archive", _CURE)
            about = self.archive.members[path]
            # PyTorch compares no checksum, and writes 0 where it is told to count none. Counting one takes as long as
            # computing a loss: what is too large to be read twice in no time is compared in length alone.
            checked = about.CRC != 0 and about.file_size <= _LARGEST_CHECKED
            self.storages[storage.key] = self.archive.member(path, name, checked=checked)
        return self.storages[storage.key]

    def array(self, node: object, name: str, keep_text: bool = False) -> Data:
        """The array that a tensor, a number, a word or a list of them is."""
        if isinstance(node, Tensor):
            return tensor_data(node, name, self.big_endian, self.bytes_of)
        if isinstance(node, Built) and node.kind != "dtype":
            return held(numpy_array(node, name), name)
        if isinstance(node, Unread):
            raise DataFault(f"{name}: {node.fact}", node.cure)
        if isinstance(node, list) and _is_array(node) and any(isinstance(entry, Tensor) for entry in node):
            arrays = [self.array(entry, f"{name}[{at}]") for at, entry in enumerate(node)]
            numbers = np.array([array.array()[()] for array in arrays])
            dtypes = {array.dtype for array in arrays}
            data = held(numbers, name)
            return replace(data, dtype=dtypes.pop()) if len(dtypes) == 1 else data
        if isinstance(node, (str, float, int)) or (isinstance(node, list) and _is_array(node)):
            if _size(node) > _MOST_NUMBERS:
                raise DataFault(f"{name}: more than {_MOST_NUMBERS:,} numbers in lists", "save it as a tensor")
            return replace(array_of(node, name, keep_text), decimal=False)
        kinds = {dict: "a mapping without arrays", list: "a list of no array", type(None): "None"}
        raise DataFault(f"{name}: {kinds.get(type(node), 'bytes')} where a number must stand", "select an array")


def open_pytorch(content: Content) -> Container:
    """The tensors and numbers of a file, by the paths that lead to them."""
    extent = content.extent()
    if not read_bytes(extent, 0, 4).startswith(b"PK"):
        raise _old(extent)
    archive = open_archive(extent, "PyTorch", _CURE)
    pickles = [path for path in archive.members if path.endswith("/data.pkl") and path.count("/") == 1]
    if len(pickles) != 1:
        other = archive_format(archive.members)
        if other and other.member not in pickles and other.name != "PyTorch":
            raise other.refusal(extent.name)
        raise DataFault(f"{extent.name}: a ZIP archive without one data.pkl", _CURE)
    prefix = pickles[0].removesuffix("data.pkl")
    if f"{prefix}constants.pkl" in archive.members:
        line = with_path(_AGAIN.format("torch.jit.load(PATH, 'cpu').state_dict()"), extent.name)
        raise DataFault(f"{extent.name}: a TorchScript program, of which losscli executes nothing", f"{_TRUSTED}{line}")
    order = _bytes(archive, f"{prefix}byteorder", 16) if f"{prefix}byteorder" in archive.members else b"little"
    if order not in (b"little", b"big"):
        raise DataFault(f"{extent.name}: bytes in the order {order!r}", _CURE)
    root = _document(_unpickled(_bytes(archive, pickles[0], _LARGEST), extent.name), extent.name)
    file = _File(archive, prefix, order == b"big", {})
    if not isinstance(root, (dict, list)):
        return Single(file.array(root, extent.name, content.options.keep_text))
    names = _names_by(extent.name)
    container = container_of(root, extent.name, content.options.keep_text, file.array, names)
    return replace(container, texts=None) if isinstance(container, Arrays) else container


def _old(extent: Extent) -> DataFault:
    """Why a file that is no ZIP archive is not read."""
    name, old = extent.name, format_named("PyTorch").magic[2]
    head = read_bytes(extent, 0, 512)
    if head.startswith(old) or head[257:262] == b"ustar":
        return DataFault(
            f"{name}: the format that PyTorch wrote before 1.6", f"{_TRUSTED}{with_path(_AGAIN.format(_LOADED), name)}"
        )
    line = """python -c "import pickle, torch; torch.save(pickle.load(open(PATH, 'rb')), 'plain.pt')\""""
    fact = f"{name}: a pickle, which could execute anything, and no file of torch.save"
    return DataFault(fact, f"{_TRUSTED}{with_path(line, name)}")


def _bytes(archive: Archive, path: str, most: int) -> bytes:
    name = f"{archive.extent.name} ({path})"
    if archive.members[path].file_size > most:
        raise DataFault(f"{name}: {archive.members[path].file_size} bytes, more than {most}", "save arrays as tensors")
    part = archive.member(path, name, checked=archive.members[path].CRC != 0)
    return read_bytes(part, 0, part.size)


def _unpickled(content: bytes, name: str) -> object:
    try:
        return unpickled(content, NAMES, stored)
    except UnknownName as unknown:
        where = ".state_dict()" if unknown.outermost else "['KEY']"
        fact = f"{name}: holds {str(unknown)[:200]}, and losscli executes nothing to read it"
        line = with_path(_AGAIN.format(_LOADED + where), name)
        raise DataFault(fact, f"{_TRUSTED}{line}") from None
    except Damaged as damage:
        raise DataFault(f"{name}: the pickle in it is damaged ({damage})", _CURE) from None


def _document(root: object, name: str) -> object:
    """What was unpickled, of mappings with words as keys, and of lists. A DataFault for what contains itself."""
    made: dict[int, object] = {}  # what occurs twice stays one object

    def made_of(node: object, depth: int) -> object:
        if isinstance(node, Built) and node.kind == "namespace":
            node = node.state
        if not isinstance(node, (dict, list, tuple)):
            return node
        if id(node) not in made:
            if depth > _DEEPEST:
                raise DataFault(f"{name}: nested more than {_DEEPEST} deep", "save fewer levels")
            made[id(node)] = _UNFINISHED
            if isinstance(node, dict):
                made[id(node)] = {str(key): made_of(value, depth + 1) for key, value in node.items()}
            else:
                entries = [_plain(made_of(entry, depth + 1)) for entry in node]
                made[id(node)] = _Numbers(entries) if _is_array(entries) else entries
        if made[id(node)] is _UNFINISHED:
            raise DataFault(f"{name}: a container that contains itself", "save plain data")
        return made[id(node)]

    return made_of(root, 0)


_UNFINISHED = object()


def _plain(node: object) -> object:
    """A number of NumPy's as one of Python's."""
    if isinstance(node, Built) and node.kind == "scalar":
        return numpy_array(node, "a number").item()
    return node


def _is_array(entries: list[object]) -> bool:
    """Whether a list is an array: of numbers, tensors without axes, words, or of such lists."""
    if not entries:
        return False
    if all(isinstance(entry, (int, float)) or (isinstance(entry, Tensor) and entry.shape == ()) for entry in entries):
        return True
    return all(isinstance(entry, str) for entry in entries) or all(isinstance(entry, _Numbers) for entry in entries)


def _size(node: object) -> int:
    """How many numbers evenly nested lists hold."""
    size = 1
    while isinstance(node, list):
        size, node = size * len(node), node[0] if node else None
    return size


def _names_by(name: str) -> Callable[[object], tuple[str, ...]]:
    """The names of the arrays in a container, or of its numbers if it has no arrays."""

    def names(root: object) -> tuple[str, ...]:
        if isinstance(root, list) and _is_array(root):
            return ()
        arrays: dict[str, None] = {}
        numbers: dict[str, None] = {}
        left, seen, length = [("", root)], 0, 0
        while left:
            path, node = left.pop()
            seen, length = seen + 1, length + len(path)
            if seen > _MOST_ENTRIES or length > _LONGEST_NAMES:
                raise DataFault(f"{name}: more than {_MOST_ENTRIES:,} entries", "save fewer")
            if isinstance(node, (dict, list)) and not isinstance(node, _Numbers):
                entries = list(node.items() if isinstance(node, dict) else enumerate(node))
                left += [(f"{path}.{key}" if path else str(key), entry) for key, entry in reversed(entries)]
            elif path and isinstance(node, (int, float)):
                numbers[path] = None
            elif path and isinstance(node, (Tensor, Unread, Built, _Numbers)):
                arrays[path] = None
        return tuple(arrays or numbers)

    return names
