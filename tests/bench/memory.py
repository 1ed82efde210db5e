"""Peak memory of whole processes, on files that are mostly holes: their size counts, their content does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.bench.measure import Row, peak_memory

LIMIT = 150 * 10**6


def rows(scratch: Path, *, gigabytes: float) -> Iterator[Row]:
    """A file, and one ten times as large."""
    peaks = []
    for size in (gigabytes / 10, gigabytes):
        samples = int(size * 10**9) // 4000
        path, labels = scratch / "large.npy", scratch / "large-labels.npy"
        _hollow(path, (samples, 1000))
        np.save(labels, np.zeros(samples, dtype=np.int8))
        peak = peak_memory("-m", "losscli", "compute", "cross_entropy", str(path), str(labels), "-b")
        peaks.append(peak)
        yield _row(f"peak memory, {size:g} GB .npy / 150 MB", peak, LIMIT, 1.0)
        path.unlink()
    yield _row(f"peak memory, {gigabytes:g} GB / {gigabytes / 10:g} GB", peaks[1], peaks[0], 1.05)


def _hollow(path: Path, shape: tuple[int, int]) -> None:
    """A .npy file of float32 zeros that takes no room on disk."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.truncate(file.tell() + shape[0] * shape[1] * 4)


def _row(what: str, ours: int, theirs: int, budget: float) -> Row:
    return Row(what, f"{ours / 1e6:.0f} MB", f"{theirs / 1e6:.0f} MB", ours / theirs, budget, at_least=False)
