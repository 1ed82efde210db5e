"""Writing files: whole or not at all, and which of the names of a command are inputs."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from losscli.rendering.files import write_file
from losscli.rendering.saved import check_suffix, save_arrays
from losscli.schema.faults import DataFault, UsageFault


@pytest.mark.parametrize(
    "source",
    ["x.csv", "x.csv::a", "x.csv::a::b", "./x.csv", "*.csv", "x.*::0:3", "../{folder}/x.csv::a", "**/x.csv"],
)
def test_every_way_to_name_an_input(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("old")
    with pytest.raises(DataFault, match="is an input"):
        write_file("x.csv", lambda file: file.write(b"new"), [source.format(folder=tmp_path.name)])
    assert Path("x.csv").read_text() == "old"


@pytest.mark.parametrize("source", ["y.csv", "-", "-::a", "[1,2,3]", "0.5", "x", "a\0b", "x.csv.gz::x.csv"])
def test_other_names_are_no_hindrance(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("old")
    write_file("x.csv", lambda file: file.write(b"new"), [source])
    assert Path("x.csv").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_writer_that_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half of it")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_file(str(target), fail)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    assert target.read_text() == "old"


@pytest.mark.parametrize(("path", "arrays"), [("x", 1), ("x.txt", 1), ("x.npy", 2), ("x.npy.gz", 1)])
def test_suffixes_that_do_not_fit(path: str, arrays: int) -> None:
    with pytest.raises(UsageFault, match=f"--save {path}"):
        check_suffix(path, "--save", arrays)


@pytest.mark.parametrize(("path", "arrays"), [("x.npy", 1), ("x.NPZ", 3), ("a.b/x.csv", 2)])
def test_suffixes_that_fit(path: str, arrays: int) -> None:
    check_suffix(path, "--save", arrays)


def test_arrays_of_any_rank_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    save_arrays(str(path), {"a": np.array([1.0, 0.1]), "b": np.arange(8.0).reshape(2, 2, 2)}, [])
    assert path.read_text() == "a,b_0,b_1,b_2,b_3\n1.0,0.0,1.0,2.0,3.0\n0.1,4.0,5.0,6.0,7.0\n"
    save_arrays(str(path), {"a": np.array(2.5)}, [])
    assert path.read_text() == "a\n2.5\n"
