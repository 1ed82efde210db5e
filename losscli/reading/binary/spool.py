"""Elements that come bit by bit: in memory while they are few, else in a temporary file."""

from __future__ import annotations

from io import FileIO
from math import prod
from threading import Lock
from weakref import finalize

import numpy as np

from losscli.reading.binary.byte_range import SpooledExtent
from losscli.reading.binary.file_store import DType, FileStore
from losscli.schema.data import Elements, Held, Store
from losscli.schema.faults import DataFault

_IN_MEMORY = 8 << 20


class Spool:
    """Takes runs of elements of one type, and gives the store of them all."""

    def __init__(self, name: str, dtype: DType) -> None:
        self._name, self._dtype = name, dtype
        self._held: list[Elements] = []
        self._size = 0
        self._file: FileIO | None = None
        self._closing: finalize[[], Spool]

    def add(self, run: Elements) -> None:
        """Appends elements, which may be overwritten afterwards only if they were copied."""
        if run.dtype != self._dtype:
            run = run.astype(self._dtype)
        self._size += run.nbytes
        if self._file is None and self._size <= _IN_MEMORY:
            self._held.append(run)
            return
        try:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the store
                self._closing = finalize(self, self._file.close)
                for held in self._held:
                    self._write(self._file, held)
                self._held = []
            self._write(self._file, run)
        except OSError as error:
            fact = f"{self._name}: no room for a temporary file ({error.strerror or error})"
            raise DataFault(fact, "set TMPDIR to a folder with room") from None

    def _write(self, file: FileIO, run: Elements) -> None:
        rest = np.ascontiguousarray(run).reshape(-1).view(np.uint8).data
        while rest:
            rest = rest[file.write(rest) :]

    def store(self, shape: tuple[int, ...]) -> Store:
        """The store of all that was added, in C order."""
        if self._file is None:
            runs = [run.reshape(-1) for run in self._held]
            array = np.concatenate(runs) if runs else np.empty(0, self._dtype)
            return Held(array.reshape(shape))
        self._closing.detach()
        extent = SpooledExtent(self._name, prod(shape) * self._dtype.itemsize, self._file, Lock())
        finalize(extent, self._file.close)
        return FileStore(extent, 0, shape, self._dtype, bfloat16=False)
