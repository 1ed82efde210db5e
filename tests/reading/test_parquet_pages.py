"""What a Parquet file claims is checked before pyarrow believes it: its footer, its lists, its pages."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from losscli.reading.binary import parquet_pages
from losscli.reading.binary.byte_range import BytesExtent
from losscli.reading.binary.parquet_pages import Chunk, check_footer, check_lists, check_pages
from losscli.schema.faults import DataFault
from tests.reading.helpers import read, refusal, whole

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def test_lists_that_do_not_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "_LONGEST_LIST", 999)
    pq.write_table(pa.table({"a": [[1.0] * 999] * 3, "b": [[1.0] * 1000] * 3}), tmp_path / "x.parquet")
    assert whole(read(tmp_path, "x.parquet::a")).shape == (3, 999)
    assert "3 rows of lists that hold 3000 entries" in refusal(tmp_path, "x.parquet::b")


def test_lists_that_take_no_bytes() -> None:
    extent = BytesExtent("x", bytes(100))
    check_lists(extent, [Chunk("a", 1000, 1 << 25, 4, 10), Chunk("b", 1 << 30, 1 << 30, 4, 10)])
    with pytest.raises(DataFault, match="67108864 entries of lists in 10 bytes"):
        check_lists(extent, [Chunk("a", 1000, 1 << 26, 4, 10)])


def test_pages_of_more_entries_than_the_footer_says(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": np.zeros(100)}), tmp_path / "x.parquet", use_dictionary=False)
    extent = BytesExtent("x", (tmp_path / "x.parquet").read_bytes())
    (chunk,) = parquet_pages.chunks_of(extent, {"a"})
    check_pages(extent, [chunk])
    with pytest.raises(DataFault, match="pages of 100 entries, and the footer says 99"):
        check_pages(extent, [Chunk("a", 99, 99, chunk.start, chunk.size)])


def test_a_long_footer_is_checked_like_a_short_one(tmp_path: Path) -> None:
    names = [f"{'c' * 900}{at}" for at in range(700)]
    pq.write_table(pa.table({name: [1.0] for name in names}), tmp_path / "x.parquet")
    sound = (tmp_path / "x.parquet").read_bytes()
    length = int.from_bytes(sound[-8:-4], "little")
    assert length > 1 << 20
    assert whole(read(tmp_path, f"x.parquet::{names[7]}")).tolist() == [1]
    extent = BytesExtent("x", sound)
    chunks = parquet_pages.chunks_of(extent, set(names))
    assert [chunk.path for chunk in chunks] == names
    for place in range(len(sound) - 8 - length, len(sound) - 8, 9973):
        damaged = BytesExtent("x", sound[:place] + b"\xff" * 8 + sound[place + 8 :])
        with suppress(DataFault):  # a name may have changed
            check_pages(damaged, parquet_pages.chunks_of(damaged, set(names)))


def test_a_footer_too_long_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "_LONGEST_FOOTER", 1 << 20)
    with pytest.raises(DataFault, match="a footer of 2 MiB"):
        check_footer(BytesExtent("x", b"PAR1" + bytes(2 << 20) + (2 << 20).to_bytes(4, "little") + b"PAR1"))
