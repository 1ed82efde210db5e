"""What the tests of this room share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from losscli.reading.sources import ReadOptions, read_source
from losscli.schema.data import Data
from losscli.schema.faults import DataFault


def read(base: Path, source: str, **options: Any) -> Data:
    """One source of a folder."""
    return read_source(source, ReadOptions(base=base, **options))


def whole(data: Data) -> NDArray[Any]:
    """All elements, in their shape."""
    return data.store.flat(0, data.size).reshape(data.shape)


def refusal(base: Path, source: str, **options: Any) -> str:
    """What the fault says that one source of a folder ends in."""
    with pytest.raises(DataFault) as caught:
        whole(read(base, source, **options))
    return str(caught.value)


def in_runs(data: Data, length: int) -> NDArray[Any]:
    """All elements, in their shape, fetched in runs of a length."""
    runs = [data.store.flat(i, min(i + length, data.size)) for i in range(0, data.size, length)]
    return np.concatenate(runs).reshape(data.shape)


def same_bits(left: NDArray[Any], right: NDArray[Any]) -> bool:
    """Whether two float64 arrays agree in shape and in every bit, the signs of zeros and NaN payloads included."""
    if left.shape != right.shape or not left.dtype == right.dtype == np.float64:
        return False
    return bool(np.array_equal(np.ascontiguousarray(left).view(np.int64), np.ascontiguousarray(right).view(np.int64)))
