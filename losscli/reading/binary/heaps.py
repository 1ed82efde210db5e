"""The heaps in which an HDF5 file keeps words of any length: looked at before the library walks through them."""

from __future__ import annotations

from losscli.reading.binary.byte_range import PIECE, Extent, read_bytes
from losscli.schema.faults import DataFault

_MARK = b"GCOL\x01"
_HEADER = 16  # bytes, of a heap and of each object in it
_CURE = "write it anew with h5py"


def check_heaps(extent: Extent, lengths: tuple[int, int], name: str) -> None:
    """Refuses a file with a heap in which an object of no length follows itself: the library never comes to its end.

    `lengths` are those of the numbers in the file.
    """
    if lengths != (8, 8):
        raise DataFault(f"{name}: an HDF5 file of numbers of {lengths} bytes", _CURE)
    for offset in range(0, extent.size, PIECE):
        piece = read_bytes(extent, offset, PIECE + len(_MARK) - 1)
        found = piece.find(_MARK)
        while found >= 0:
            _check_heap(extent, offset + found, name)
            found = piece.find(_MARK, found + 1)


def _check_heap(extent: Extent, start: int, name: str) -> None:
    size = int.from_bytes(read_bytes(extent, start + 8, 8), "little")
    content = read_bytes(extent, start, min(size, extent.size - start))
    at = _HEADER
    while at + _HEADER <= len(content):
        index = int.from_bytes(content[at : at + 2], "little")
        length = int.from_bytes(content[at + 8 : at + 16], "little")
        step = -(-length // 8) * 8 + _HEADER if index else length  # free room counts its own header
        if not step:
            raise DataFault(f"{name}: the HDF5 file is damaged (a heap at byte {start} has no end)", _CURE)
        at += step
