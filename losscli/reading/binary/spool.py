"""Elements that come bit by bit: in memory while all of a request are few, else in one temporary file."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from weakref import finalize

import numpy as np

from losscli.reading.binary.byte_range import Part, SpooledExtent
from losscli.reading.binary.file_store import DType, FileStore
from losscli.schema.data import Elements, Held, Store
from losscli.schema.faults import DataFault

_IN_MEMORY = 16 << 20
_ANY_SIZE = 1 << 62


@dataclass(slots=True)
class Scratch:
    """What the spools of a request share: the bytes they may hold in memory, and a file that grows at its end.

    One spool at a time writes to the file, so that its elements lie side by side.
    """

    left: int = _IN_MEMORY
    extent: SpooledExtent | None = None
    end: int = 0
    writer: Spool | None = None

    def file(self) -> SpooledExtent:
        """The temporary file, made when it is first needed."""
        if self.extent is None:
            from tempfile import TemporaryFile

            file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as a store reads it
            self.extent = SpooledExtent("a temporary file", _ANY_SIZE, file, Lock())
            finalize(self.extent, file.close)
        return self.extent


class Spool:
    """Takes runs of elements of one type, and gives the store of them all."""

    def __init__(self, name: str, dtype: DType, scratch: Scratch) -> None:
        self._name, self._dtype, self._scratch = name, dtype, scratch
        self._held: list[Elements] = []
        self._size = self._start = 0
        self._store: Store | None = None

    def add(self, run: Elements) -> None:
        """Appends elements, which nobody may overwrite afterwards."""
        run = np.ascontiguousarray(run, self._dtype).reshape(-1)
        self._size += run.nbytes
        if self._scratch.writer is self:
            self._write(run)
            return
        self._held.append(run)
        if self._size > self._scratch.left:
            if self._scratch.writer is not None:  # another column of the same pass: this one gets a file of its own
                self._scratch = Scratch(left=0)
            self._to_file()

    def store(self, shape: tuple[int, ...]) -> Store:
        """The store of all that was added, in C order; then nothing more can be added."""
        if self._store is None:
            self._store = self._stored(shape)
        return self._store

    def _stored(self, shape: tuple[int, ...]) -> Store:
        scratch = self._scratch
        if scratch.writer is self:
            scratch.writer = None
            part = Part(self._name, scratch.file(), self._start, self._size)
            return FileStore(part, 0, shape, self._dtype, bfloat16=False)
        scratch.left -= self._size
        array = np.concatenate(self._held) if self._held else np.empty(0, self._dtype)
        self._held = []
        return Held(array.reshape(shape))

    def _to_file(self) -> None:
        self._scratch.writer, self._start = self, self._scratch.end
        held, self._held = self._held, []
        for run in held:
            self._write(run)

    def _write(self, run: Elements) -> None:
        scratch = self._scratch
        try:
            extent = scratch.file()
            with extent.turn:
                extent.file.seek(scratch.end)
                rest = run.view(np.uint8).data
                while rest:
                    rest = rest[extent.file.write(rest) :]
        except OSError as error:
            fact = f"{self._name}: no room for a temporary file ({error.strerror or error})"
            raise DataFault(fact, "set TMPDIR to a folder with room") from None
        scratch.end += run.nbytes
