"""The line of progress: as wide as the terminal, and no wider."""

from __future__ import annotations

import pytest

from losscli.cli.progress import progress_line


def test_all_that_there_is_to_say() -> None:
    """A quarter of a million samples in half a second is half a million a second; three quarters are left."""
    line = progress_line(250_000, 1_000_000, "samples", 0.5, 120)
    assert line == "#######                         25%  250,000 of 1,000,000 samples  500,000/s  2 s left"
    assert progress_line(1, 8, "cases", 3600.0, 120).endswith("7 h 0 min left")
    assert progress_line(1, 2, "cases", 61.0, 120).endswith("1 min 1 s left")
    assert progress_line(0, 2, "cases", 1.0, 120).endswith("0%  0 of 2 cases")


@pytest.mark.parametrize("columns", range(4, 120, 3))
def test_never_wider_than_the_terminal(columns: int) -> None:
    line = progress_line(123_456, 7_000_000, "samples", 12.0, columns)
    assert len(line) <= columns
    assert "2%" in line
