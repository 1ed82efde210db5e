"""Elements that stay in a file: any run of them is read when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.reading.binary.byte_range import Extent
from losscli.schema.data import Elements
from losscli.schema.faults import DataFault
from losscli.schema.records import record

DType = np.dtype[Any]


@record
class FileStore:
    """Elements of a file in C order."""

    extent: Extent
    start: int
    shape: tuple[int, ...]
    dtype: DType
    bfloat16: bool

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, prod(self.shape))
        raw = np.empty(max(0, stop - start) * self.dtype.itemsize, np.uint8)
        if raw.size:
            with self.opened() as read:
                read(raw, start)
        return self.decoded(raw)

    @contextmanager
    def opened(self) -> Iterator[Callable[[NDArray[np.uint8], int], None]]:
        """A function that fills bytes with the elements from an index on; one opening serves many calls."""
        with self.extent.opened() as read_into:
            yield lambda raw, index: read_into(raw.data, self.start + index * self.dtype.itemsize)

    def decoded(self, raw: NDArray[np.uint8]) -> Elements:
        """The elements that bytes of the file mean."""
        if self.dtype.kind == "b" and raw.size and raw.max() > 1:
            raise DataFault(f"{self.extent.name}: a byte {raw.max()} where a bool must stand", "write it anew")
        run: Elements = raw.view(self.dtype)
        if self.bfloat16:
            return (run.astype(np.uint32) << 16).view(np.float32)  # a bfloat16 is the upper half of a float32
        return run if run.dtype.isnative else run.astype(run.dtype.newbyteorder("="))
