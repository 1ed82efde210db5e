"""The .npy format: a header that is believed only after it was checked, and its elements, read as they are needed."""

from __future__ import annotations

import io
import warnings
from math import prod

import numpy as np

from losscli.reading.binary.byte_range import Extent, read_bytes
from losscli.reading.binary.file_store import DType, FileStore
from losscli.reading.container import Container, Single
from losscli.reading.content import Content
from losscli.reading.options import ReadOptions
from losscli.reading.text.lists import array_of
from losscli.schema.data import Data, Store, by_index
from losscli.schema.faults import DataFault
from losscli.schema.records import record
from losscli.schema.settings import spelled

_LONGEST_HEADER = 10_000
_MOST_AXES = 64


@record
class Header:
    """What an .npy file says of itself, checked against its length."""

    shape: tuple[int, ...]
    dtype: DType
    fortran: bool
    start: int


def open_npy(content: Content) -> Container:
    """The one array of an .npy file."""
    return Single(npy_data(content.extent(), content.options))


def npy_data(extent: Extent, options: ReadOptions) -> Data:
    """The array of an .npy file, whose elements stay in the file until somebody asks for them."""
    header = read_header(extent)
    words = header.dtype.kind == "U" and header.dtype.itemsize > 0
    dtype = header.dtype if words else _readable(header.dtype, extent.name, options.bfloat16)
    expected, actual = prod(header.shape) * dtype.itemsize, extent.size - header.start
    if expected != actual:
        raise DataFault(
            f"{extent.name}: {actual} bytes of data, while shape {header.shape} of {dtype.name} needs {expected}",
            "the file was cut off or has bytes appended; write it anew",
        )
    if words:
        cells = FileStore(extent, header.start, (prod(header.shape),), dtype, False).flat(0, prod(header.shape))
        nested = cells.reshape(header.shape, order="F" if header.fortran else "C").tolist()
        return array_of(nested, extent.name, options.keep_text)
    is_bfloat16 = header.dtype.kind == "V"
    store = _store(extent, header, dtype, is_bfloat16)
    return Data(extent.name, "bfloat16" if is_bfloat16 else dtype.name, store, by_index(extent.name, header.shape))


def read_header(extent: Extent) -> Header:
    """The header, or a DataFault for anything that is not exactly one."""
    head = io.BytesIO(read_bytes(extent, 0, _LONGEST_HEADER + 12))
    try:
        version = np.lib.format.read_magic(head)
        if version not in ((1, 0), (2, 0), (3, 0)):
            raise ValueError(f"version {version[0]}.{version[1]} of the format is unknown")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one is given for headers that Python 2 wrote
            shape, fortran, dtype = read(head, max_header_size=_LONGEST_HEADER)
    # The header is Python source text: tokenize.TokenError, SyntaxError, RecursionError and MemoryError have been seen.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataFault(f"{extent.name}: the .npy header is damaged ({reason})", "write it anew with np.save") from None
    if len(shape) > _MOST_AXES or any(isinstance(n, bool) or n < 0 for n in shape):
        raise DataFault(f"{extent.name}: the .npy header has an impossible shape {shape}", "write it anew with np.save")
    return Header(shape, dtype, fortran, head.tell())


def _readable(dtype: DType, name: str, bfloat16: bool) -> DType:
    """The dtype to read the bytes as, if losses can be computed on it."""
    if dtype.kind == "V" and dtype.fields is None and dtype.subdtype is None and dtype.itemsize == 2:
        if bfloat16:
            return np.dtype("<u2")
        raise DataFault(
            f"{name}: raw two-byte elements (|V2)", f"if they are bfloat16, give {spelled('bfloat16', True)}"
        )
    if dtype.kind in "biuf" and dtype.itemsize <= 8:
        return dtype
    if dtype.hasobject:
        raise DataFault(f"{name}: Python objects, which are never unpickled", "save it as np.asarray(x, dtype=float)")
    cure = "save its real part" if dtype.kind == "c" else "save it as np.asarray(x, dtype=float)"
    raise DataFault(f"{name}: elements of type {dtype}, which are no numbers losscli reads", cure)


def _store(extent: Extent, header: Header, dtype: DType, is_bfloat16: bool) -> Store:
    axes = tuple(n for n in header.shape if n != 1)
    if not header.fortran or len(axes) < 2 or 0 in axes:
        return FileStore(extent, header.start, header.shape, dtype, is_bfloat16)
    from losscli.reading.binary.strided import StridedStore

    strides = tuple(prod(header.shape[:axis]) for axis in range(len(header.shape)))
    return StridedStore(FileStore(extent, header.start, (prod(axes),), dtype, is_bfloat16), 0, header.shape, strides)
