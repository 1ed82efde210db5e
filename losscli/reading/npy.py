"""The .npy format: a header that is believed only after it was checked, and stores that read any run of elements."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from losscli.reading.extent import Extent, read_bytes
from losscli.reading.options import ReadOptions
from losscli.schema.data import Data, Elements, Held, Store, by_index
from losscli.schema.faults import DataFault

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_MOST_AXES = 64
_WHOLE = 32 << 20  # a Fortran-ordered file up to this size is read whole: many small reads would cost more
_SPAN = 1 << 20

DType = np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What an .npy file says of itself, checked against its length."""

    shape: tuple[int, ...]
    dtype: DType
    fortran: bool
    start: int


def npy_data(extent: Extent, options: ReadOptions) -> Data:
    """The array of an .npy file, whose elements stay in the file until somebody asks for them."""
    header = read_header(extent)
    dtype = _readable(header.dtype, extent.name, options.bfloat16)
    expected, actual = prod(header.shape) * dtype.itemsize, extent.size - header.start
    if expected != actual:
        raise DataFault(
            f"{extent.name}: {actual} bytes of data, while shape {header.shape} of {dtype.name} needs {expected}",
            "the file was cut off or has bytes appended; write it anew",
        )
    brain = header.dtype.kind == "V"
    store = _store(extent, header, dtype, brain)
    return Data(extent.name, "bfloat16" if brain else dtype.name, store, by_index(extent.name, header.shape))


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
        raise DataFault(f"{name}: raw two-byte elements (|V2)", "if they are bfloat16, say --bfloat16")
    if dtype.kind in "biuf" and dtype.itemsize <= 8:
        return dtype
    if dtype.hasobject:
        raise DataFault(f"{name}: Python objects, which are never unpickled", "save it as np.asarray(x, dtype=float)")
    cure = "save its real part" if dtype.kind == "c" else "save it as np.asarray(x, dtype=float)"
    raise DataFault(f"{name}: elements of type {dtype}, which are no numbers losscli reads", cure)


def _store(extent: Extent, header: Header, dtype: DType, brain: bool) -> Store:
    small = FileStore(extent, header.start, tuple(n for n in header.shape if n != 1), dtype, brain)
    if not header.fortran or len(small.shape) < 2 or 0 in header.shape:
        return FileStore(extent, header.start, header.shape, dtype, brain)
    if prod(header.shape) * dtype.itemsize <= _WHOLE:
        return Held(small.flat(0, prod(header.shape)).reshape(header.shape, order="F"))
    return FortranStore(small, header.shape)


@dataclass(frozen=True, slots=True)
class FileStore:
    """Elements that lie in a file in C order."""

    extent: Extent
    start: int
    shape: tuple[int, ...]
    dtype: DType
    brain: bool

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, prod(self.shape))
        raw = np.empty(max(0, stop - start) * self.dtype.itemsize, np.uint8)
        if raw.size:
            self.extent.read_into(raw.data, self.start + start * self.dtype.itemsize)
        if self.dtype.kind == "b" and raw.size and raw.max() > 1:
            raise DataFault(f"{self.extent.name}: a byte {raw.max()} where a bool must stand", "write it anew")
        run: Elements = raw.view(self.dtype)
        if self.brain:
            return (run.astype(np.uint32) << 16).view(np.float32)  # a bfloat16 is the upper half of a float32
        return run if run.dtype.isnative else run.astype(run.dtype.newbyteorder("="))


@dataclass(frozen=True, slots=True)
class FortranStore:
    """Elements that lie in a file with the first axis fastest, handed out in C order.

    `columns` are the elements as they lie, its shape the array's without the axes of length 1.
    """

    columns: FileStore
    shape: tuple[int, ...]

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, prod(self.shape))
        below = prod(self.columns.shape[1:])  # elements under one step of the first axis
        pieces = []
        while start < stop:
            row, within = divmod(start, below)
            rows = (stop - start) // below if not within else 0
            step = min(stop - start, below - within) if not rows else rows * below
            pieces.append(self._block(row, max(1, rows), within, within + step // max(1, rows)))
            start += step
        return np.concatenate(pieces) if len(pieces) != 1 else pieces[0]

    def _block(self, row: int, rows: int, first: int, last: int) -> Elements:
        """Elements first to last, in C order, under each of the rows."""
        height = self.columns.shape[0]
        if len(self.columns.shape) == 2 and height <= 8 * max(rows, 64):
            return self._spans(row, rows, first, last)
        under = np.unravel_index(np.arange(first, last), self.columns.shape[1:])
        offsets = row + height * np.ravel_multi_index(under, self.columns.shape[1:], order="F")
        runs = [self.columns.flat(offset, offset + rows) for offset in offsets.tolist()]
        return np.ascontiguousarray(np.stack(runs, axis=1)).reshape(-1)

    def _spans(self, row: int, rows: int, first: int, last: int) -> Elements:
        """The same where columns are short: whole columns are read, and the rows cut out."""
        height = self.columns.shape[0]
        width = max(1, _SPAN // (height * self.columns.dtype.itemsize))
        runs = []
        for column in range(first, last, width):
            end = min(column + width, last)
            runs.append(self.columns.flat(column * height, end * height).reshape(-1, height)[:, row : row + rows])
        return np.ascontiguousarray(np.concatenate(runs).T).reshape(-1)
