"""The bench runs, at sizes where it proves nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.__main__ import PARTS, rows


@pytest.mark.parametrize("part", PARTS)
def test_bench_runs(part: str, tmp_path: Path) -> None:
    found = list(rows(part, tmp_path, quick=True, full=False))
    assert found
    assert all(row.ratio > 0 for row in found)
