from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.reading.helpers import in_runs, read, refusal, whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Shards of rows 0 to 29, of uneven lengths, one of them empty."""
    array = np.arange(90.0).reshape(30, 3)
    for number, (start, stop) in {1: (0, 4), 2: (4, 4), 9: (4, 5), 10: (5, 20), 100: (20, 30)}.items():
        np.save(tmp_path / f"logits-{number}.npy", array[start:stop])
    return tmp_path


def test_natural_order_and_any_runs(folder: Path) -> None:
    data = read(folder, "logits-*.npy")
    assert (data.shape, data.dtype, data.source) == ((30, 3), "float64", "logits-*.npy")
    for length in (1, 4, 13, 90):
        assert in_runs(data, length).reshape(-1).tolist() == list(range(90))
    assert data.store.flat(5, 5).size == 0
    assert data.store.flat(85, 1000).tolist() == [85, 86, 87, 88, 89]


def test_places_are_those_of_the_shard(folder: Path) -> None:
    data = read(folder, "logits-*.npy")
    assert data.place(0) == "logits-1.npy[0, 0]"
    assert data.place(12) == "logits-9.npy[0, 0]"
    assert data.place(89) == "logits-100.npy[9, 2]"


def test_folders_are_searched(tmp_path: Path) -> None:
    for rank in ("rank2", "rank10"):
        (tmp_path / rank).mkdir()
        np.save(tmp_path / rank / "x.npy", np.full(2, float(rank[4:])))
    assert whole(read(tmp_path, "rank*/x.npy")).tolist() == [2, 2, 10, 10]
    assert whole(read(tmp_path, "**/x.npy")).tolist() == [2, 2, 10, 10]


def test_selectors(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("p,q\n1,2\n")
    (tmp_path / "a2.csv").write_text("q,p\n3,4\n5,6\n")
    data = read(tmp_path, "a*.csv::p", keep_text=True)
    assert whole(data).tolist() == [1, 4, 6]
    assert data.place(2) == "a2.csv line 3, column p"
    assert data.text is not None
    assert data.text(2) == "6"
    for i in (1, 2):
        np.savez(tmp_path / f"b{i}.npz", x=np.array([i]), y=np.array([0]))
    assert whole(read(tmp_path, "b?.npz::x")).tolist() == [1, 2]


def test_words_are_counted_over_all_shards(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("label\ncat\ndog\n")
    (tmp_path / "a2.csv").write_text("label\nowl\ndog\ncat\n")
    data = read(tmp_path, "a*.csv")
    assert data.words == ("cat", "dog", "owl")
    assert whole(data).tolist() == [0, 1, 2, 1, 0]


def test_a_path_with_the_marks_of_a_pattern(tmp_path: Path) -> None:
    np.save(tmp_path / "x[1].npy", np.array([7.0]))
    assert whole(read(tmp_path, "x[1].npy")).tolist() == [7]


def test_refuses_what_does_not_fit(tmp_path: Path) -> None:
    np.save(tmp_path / "a1.npy", np.zeros((2, 3)))
    np.save(tmp_path / "a2.npy", np.zeros((2, 4)))
    assert "a1.npy and a2.npy differ in shape after the first axis: (3,) and (4,)" in refusal(tmp_path, "a*.npy")
    np.save(tmp_path / "a2.npy", np.zeros((2, 3), np.float32))
    assert "a1.npy and a2.npy differ in dtype: float64 and float32" in refusal(tmp_path, "a*.npy")
    np.save(tmp_path / "a2.npy", np.zeros(()))
    assert "a2.npy: a single number, which cannot be joined" in refusal(tmp_path, "a*.npy")
    (tmp_path / "b1.csv").write_text("p,q\n1,2\n")
    (tmp_path / "b2.csv").write_text("q,p\n1,2\n")
    assert "b1.csv and b2.csv differ in column names" in refusal(tmp_path, "b*.csv")
    assert "c*.npy: no file matches this pattern" in refusal(tmp_path, "c*.npy")
    (tmp_path / "d1.npy").mkdir()
    assert "d1.npy: a directory" in refusal(tmp_path, "d*.npy")


def test_a_thousand_shards_need_few_descriptors(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    for i in range(300):
        np.save(tmp_path / f"x{i}.npy", np.array([float(i)]))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        assert whole(read(tmp_path, "x*.npy")).tolist() == list(range(300))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
