"""The .safetensors format: the length of a JSON header in 8 bytes, the header, and the arrays one after another."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from losscli.reading.binary.byte_range import Extent, Part, read_bytes
from losscli.reading.binary.file_store import FileStore
from losscli.reading.columns import Arrays
from losscli.reading.content import Content
from losscli.schema.data import Data, by_index
from losscli.schema.faults import DataFault

_LENGTH = 8
_LONGEST_HEADER = 100_000_000  # the format's own bound
_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_CURE = "write it anew with safetensors.numpy.save_file"


def open_safetensors(content: Content) -> Arrays:
    """The arrays of a file, once its header was found to be sound."""
    import json

    extent = content.extent()
    length = int.from_bytes(read_bytes(extent, 0, _LENGTH), "little")
    if extent.size < _LENGTH or length > min(_LONGEST_HEADER, extent.size - _LENGTH):
        raise DataFault(f"{extent.name}: no .safetensors file, or one that was cut off", _CURE)
    try:
        header = json.loads(read_bytes(extent, _LENGTH, length), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise DataFault(f"{extent.name}: the .safetensors header is damaged ({error})", _CURE) from None
    if not isinstance(header, dict):
        raise DataFault(f"{extent.name}: the .safetensors header is no mapping", _CURE)
    described = {name: about for name, about in header.items() if name != "__metadata__"}
    if not described:
        raise DataFault(f"{extent.name}: no arrays in it", _CURE)
    start = _LENGTH + length
    return Arrays(extent.name, tuple(described), lambda label: _array(extent, start, label, described[label]))


def _array(extent: Extent, start: int, label: str, about: Any) -> Data:
    """One array, as the header describes it."""
    name = f"{extent.name}::{label}"
    kind, shape, (begin, end) = _checked(about, name)
    if kind not in _TYPES:
        raise DataFault(f"{name}: elements of type {kind}, which losscli does not read", "save it as float32")
    dtype = np.dtype(_TYPES[kind])
    if start + end > extent.size:
        fact = f"{name}: the file ends {start + end - extent.size} bytes too early"
        raise DataFault(fact, "it was cut off: copy or write it anew")
    if end - begin != prod(shape) * dtype.itemsize:
        raise DataFault(f"{name}: {end - begin} bytes of data for shape {shape} of {kind}", _CURE)
    bfloat16 = kind == "BF16"
    part = Part(name, extent, start + begin, end - begin)
    store = FileStore(part, 0, shape, dtype, bfloat16)
    return Data(name, "bfloat16" if bfloat16 else dtype.name, store, by_index(name, shape))


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise ValueError("a name occurs twice")
    return mapping


def _checked(about: Any, name: str) -> tuple[str, tuple[int, ...], tuple[int, int]]:
    """Type, shape and place of one array; a DataFault for a header that does not say them."""
    try:
        shape, (begin, end) = tuple(about["shape"]), about["data_offsets"]
        numbers = (*shape, begin, end)
        if not all(type(number) is int and number >= 0 for number in numbers) or begin > end or len(shape) > 64:
            raise ValueError
        return str(about["dtype"]), shape, (begin, end)
    except (TypeError, KeyError, ValueError):
        raise DataFault(f"{name}: the .safetensors header does not say its type, shape and place", _CURE) from None
