"""Writing files: whole or not at all, and never in place of an input."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from losscli.reading.access import admit, new_run
from losscli.report.atomic_write import write_file
from losscli.report.save import check_suffix, save_arrays
from losscli.schema.faults import DataFault, UsageFault


def test_a_file_that_the_run_has_read_is_replaced_only_by_its_update(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("old")
    with new_run():
        admit(target, "x.csv")
        with pytest.raises(DataFault, match="is an input"):
            write_file(str(target), lambda file: file.write(b"new"))
        assert target.read_text() == "old"
        write_file(str(target), lambda file: file.write(b"new"), updates=True)
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_file_that_another_program_put_in_an_inputs_place_is_one(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("old")
    with new_run():
        admit(target, "x.csv")
        (tmp_path / "y.csv").write_text("newer")
        os.replace(tmp_path / "y.csv", target)
        with pytest.raises(DataFault, match="is an input"):
            write_file(str(target), lambda file: file.write(b"new"))


def test_without_a_run_nothing_is_remembered(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("old")
    admit(target, "x.csv")
    write_file(str(target), lambda file: file.write(b"new"))
    assert target.read_text() == "new"


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".csv"])
def test_a_full_disk_is_named(suffix: str, exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"x{suffix}"
    if exists:
        path.write_text("old")
    kept = "the file was left as it was" if exists else "no file was written"
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    opened = open
    monkeypatch.setattr("builtins.open", lambda *_: opened("/dev/full", "wb"))
    with pytest.raises(DataFault) as caught:
        save_arrays(str(path), {"a": np.zeros(1 << 16)})
    assert str(caught.value) == f"{path}: No space left on device\n{kept}"


def test_any_name_may_stand_in_an_npz(tmp_path: Path) -> None:
    """Some are arguments of np.savez, and some no text in UTF-8."""
    path = tmp_path / "x.npz"
    arrays = {name: np.arange(3.0) for name in ("file", "allow_pickle", "args", "\udcff", "")}
    save_arrays(str(path), arrays)
    with np.load(path) as found:
        assert {name: found[name].tolist() for name in found} == {
            name.replace("\udcff", r"\udcff"): [0.0, 1.0, 2.0] for name in arrays
        }
    with pytest.raises(DataFault, match="70000 characters"):
        save_arrays(str(path), {"x" * 70_000: np.zeros(1)})


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
    save_arrays(str(path), {"a": np.array([1.0, 0.1]), "b": np.arange(8.0).reshape(2, 2, 2)})
    assert path.read_text() == "index,a,b_0,b_1,b_2,b_3\n0,1.0,0.0,1.0,2.0,3.0\n1,0.1,4.0,5.0,6.0,7.0\n"
    save_arrays(str(path), {"a": np.array(2.5)})
    assert path.read_text() == "index,a\n0,2.5\n"
