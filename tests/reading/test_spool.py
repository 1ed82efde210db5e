"""What does not stay where it is: in memory while it is little, else in one file, with every bit."""

from __future__ import annotations

import numpy as np
import pytest

from losscli.reading.binary.file_store import FileStore
from losscli.reading.binary.spool import Scratch, Spool
from losscli.schema.data import Held, Store
from losscli.schema.faults import DataFault

FLOATS = np.dtype(np.float64)


def spooled(scratch: Scratch, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], run: int) -> Store:
    spool = Spool("x", FLOATS, scratch)
    for start in range(0, len(values), run):
        spool.add(values[start : start + run])
    return spool.store(values.shape)


def test_a_request_holds_little_in_memory() -> None:
    scratch = Scratch(left=3000)
    arrays = [np.random.default_rng(seed).normal(size=200) for seed in range(6)]
    stores = [spooled(scratch, array, run) for array, run in zip(arrays, (7, 200, 1, 64, 199, 50), strict=True)]
    assert [type(store) for store in stores] == [Held] + 5 * [FileStore]
    for store, array in zip(stores, arrays, strict=True):
        assert np.array_equal(store.flat(0, 200), array)
        assert np.array_equal(store.flat(33, 90), array[33:90])


def test_two_that_are_written_in_turn() -> None:
    scratch = Scratch(left=100)
    first, second = Spool("x", FLOATS, scratch), Spool("y", FLOATS, scratch)
    for row in range(100):
        first.add(np.full(3, float(row)))
        second.add(np.full(2, -float(row)))
    stores = second.store((100, 2)), first.store((100, 3))
    assert stores[0].flat(0, 200).tolist() == np.repeat(-np.arange(100.0), 2).tolist()
    assert stores[1].flat(0, 300).tolist() == np.repeat(np.arange(100.0), 3).tolist()


def test_nothing() -> None:
    assert spooled(Scratch(), np.empty(0), 1).flat(0, 10).tolist() == []


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(DataFault, match="x: no room for a temporary file"):
        spooled(Scratch(left=8), np.zeros(100), 10)
