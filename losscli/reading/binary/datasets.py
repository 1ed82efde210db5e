"""One dataset of an HDF5 file as an array: where its bytes lie, or unpacked to a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from losscli.reading.binary.byte_range import Extent, spooled
from losscli.reading.binary.file_store import DType, FileStore
from losscli.reading.text.lists import array_of
from losscli.schema.data import Data, by_index
from losscli.schema.faults import DataFault

_FILTERS = {1, 2, 3, 4, 5, 6, 32000}  # HDF5's own, and h5py's LZF; any other is code that is loaded from elsewhere
_LARGEST_CHUNK = 64 << 20  # bytes that are unpacked at a time, whatever is asked of them
_HIGHEST_RATIO = 1100  # deflate reaches 1032
_UNWRITTEN = 16 << 20  # bytes that a file may leave to be filled in
_PIECE = 4 << 20
_LARGEST_PIECE = 32 << 20
_MOST_WORDS = 16 << 20
_CURE = "write it anew with h5py"


def dataset_array(dataset: Any, extent: Extent, name: str, keep_text: bool) -> Data:
    """The array of a dataset, given by its identifier in h5py's low-level API. Refuses what would open other files."""
    import h5py

    if not isinstance(dataset, h5py.h5d.DatasetID):
        raise DataFault(f"{name}: a type, and no dataset", "select a dataset")
    plan = dataset.get_create_plist()
    if plan.get_layout() == h5py.h5d.VIRTUAL:  # before its shape is asked for, which may open its sources
        raise DataFault(f"{name}: a virtual dataset, whose elements are in other files", "name the file that has them")
    if plan.get_external_count():
        raise DataFault(f"{name}: a dataset whose elements are in another file", "copy it with h5repack")
    for index in range(plan.get_nfilters()):
        if plan.get_filter(index)[0] not in _FILTERS:
            fact = f"{name}: compressed with filter {plan.get_filter(index)[0]}, a plugin, which is not loaded"
            raise DataFault(fact, "save it with compression='gzip'")
    shape, kind = dataset.shape, dataset.get_type()
    if shape is None:
        raise DataFault(f"{name}: a dataset without elements", _CURE)
    if isinstance(kind, h5py.h5t.TypeStringID):
        return array_of(_words(dataset, shape, extent, name), name, keep_text)
    dtype, bfloat16 = _dtype(dataset, kind, name)
    size = prod(shape) * dtype.itemsize
    start, exact = dataset.get_offset(), _is_plain(kind, dtype, bfloat16)
    if start is not None and exact and not plan.get_nfilters():
        if dataset.get_storage_size() != size or start + size > extent.size:
            raise DataFault(f"{name}: {dataset.get_storage_size()} bytes of data for shape {shape}", _CURE)
        store = FileStore(extent, start, shape, dtype, bfloat16)
    else:
        _check_packing(dataset, plan, size, extent, name)
        native = dtype.newbyteorder("=")
        pieces = _pieces(dataset, shape, np.dtype("V2") if bfloat16 else native)
        store = FileStore(spooled(lambda _: next(pieces, b""), name), 0, shape, native, bfloat16)
    return Data(name, "bfloat16" if bfloat16 else dtype.name, store, by_index(name, shape))


def _dtype(dataset: Any, kind: Any, name: str) -> tuple[DType, bool]:
    """The dtype of the elements, if losses can be computed on them, and whether they are bfloat16."""
    dtype = np.dtype(dataset.dtype)
    if dtype.kind == "V" and dtype.names is None and dtype.itemsize == 2 and _says_bfloat16(dataset):
        return np.dtype("<u2"), True
    if dtype.kind in "biuf" and dtype.itemsize <= 8 and dtype.names is None and dtype.subdtype is None:
        return dtype, False
    if dtype.kind == "c":
        raise DataFault(f"{name}: complex numbers", "save their real part")
    if dtype.names:
        raise DataFault(f"{name}: records of {', '.join(dtype.names[:12])}", "save each field as a dataset")
    raise DataFault(f"{name}: elements of type {kind.dtype}, which losscli does not read", "save them as float64")


def _says_bfloat16(dataset: Any) -> bool:
    """Whether the attribute is there by which Keras says what two raw bytes are."""
    import h5py

    said = h5py.AttributeManager(h5py.Dataset(dataset)).get("dtype", "")
    return said in ("bfloat16", b"bfloat16")


def _is_plain(kind: Any, dtype: DType, bfloat16: bool) -> bool:
    """Whether the bytes of the file are elements of the dtype as they are."""
    import h5py

    base = kind.get_super() if isinstance(kind, h5py.h5t.TypeEnumID) else kind
    plain = np.dtype(np.int8) if dtype.kind == "b" else dtype
    alike = [h5py.h5t.py_create(plain), *([h5py.h5t.py_create(np.dtype(np.uint8))] if dtype.kind == "b" else [])]
    return bfloat16 or any(base.equal(other) for other in alike)


def _check_packing(dataset: Any, plan: Any, size: int, extent: Extent, name: str) -> None:
    """Refuses a dataset that would be far larger unpacked than it can be, or than fits into memory at a time."""
    import h5py

    stored = min(dataset.get_storage_size(), extent.size)
    if size > _HIGHEST_RATIO * stored + _UNWRITTEN:
        raise DataFault(f"{name}: {stored} bytes that claim to hold {size}", _CURE)
    if plan.get_layout() == h5py.h5d.CHUNKED:
        chunk = prod(plan.get_chunk()) * dataset.get_type().get_size()
        if chunk > _LARGEST_CHUNK:
            fact = f"{name}: chunks of {chunk} bytes, more than {_LARGEST_CHUNK}"
            raise DataFault(fact, "save it with smaller chunks")


def _pieces(dataset: Any, shape: tuple[int, ...], dtype: DType) -> Iterator[bytes]:
    """The elements in C order as bytes, some steps along one axis at a time: whole chunks unless they are long."""
    import h5py

    source, size = h5py.Dataset(dataset), dtype.itemsize
    if not shape:
        yield source[()].tobytes() if dtype.kind == "V" else np.asarray(source[()], dtype).tobytes()
        return
    axis = next(axis for axis in range(len(shape)) if prod(shape[axis + 1 :]) * size <= _PIECE)
    below = max(1, prod(shape[axis + 1 :])) * size
    deep = source.chunks[axis] if source.chunks else 1
    steps = max(1, _PIECE // below // deep * deep, deep if deep * below <= _LARGEST_PIECE else 1)
    for index in np.ndindex(*shape[:axis]):
        for start in range(0, shape[axis], steps):
            block = np.ascontiguousarray(source[(*index, slice(start, start + steps))])
            yield block.astype(dtype, copy=False).tobytes()


def _words(dataset: Any, shape: tuple[int, ...], extent: Extent, name: str) -> object:
    """Words, as nested lists. Each may be as long as the file, and many may be the same bytes of it."""
    import h5py

    source = h5py.Dataset(dataset)
    if not shape:
        return _decoded(source[()], name)
    count, width = prod(shape), dataset.get_type().get_size()
    longest = extent.size if dataset.get_type().is_variable_str() else width
    if count > _MOST_WORDS or (longest == width and count * width > _HIGHEST_RATIO * extent.size):
        raise DataFault(f"{name}: {count} words", "save fewer")
    words: list[object] = []
    total, step = 0, max(1, _LARGEST_PIECE // max(1, longest))
    for index in np.ndindex(*shape[:-1]):
        for start in range(0, shape[-1], step):
            piece = source[(*index, slice(start, start + step))]
            words += [_decoded(word, name) for word in piece]
            total += sum(map(len, piece))
            if total > _LARGEST_PIECE + 4 * extent.size:
                raise DataFault(f"{name}: words that repeat more than {total} bytes", "save numbers")
    return np.array(words, object).reshape(shape).tolist()


def _decoded(word: Any, name: str) -> str:
    try:
        return word.decode("utf-8") if isinstance(word, bytes) else str(word)
    except UnicodeDecodeError:
        raise DataFault(f"{name}: a word that is not UTF-8", "save words as UTF-8") from None
