"""Output files appear whole or not at all, and never in place of an input."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli as package
from tests.cli.helpers import fails, succeeds, write

WORDS = ("compute", "mse", "x.npy", "y.npy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, x_npy=[[1.0, 2.0], [3.0, 4.0]], y_npy=np.zeros((2, 2)), run_csv="input,target\n1,2\n3,5\n")
    write(tmp_path, w_csv="id,w\n1,1\n2,3\n", part_1_npy=[[1.0, 2.0]], part_2_npy=[[3.0, 4.0]])
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_output_is_what_standard_output_would_be(form: str, folder: Path) -> None:
    ended = succeeds(*WORDS, "-f", form, "-o", "out.txt", at=folder)
    assert ended.out == ""
    assert (folder / "out.txt").read_text(encoding="utf-8") == succeeds(*WORDS, "-f", form, at=folder).out
    listed = succeeds("list", "-f", form, "--output", "list.txt", at=folder)
    assert listed.out == ""
    assert (folder / "list.txt").read_text(encoding="utf-8") == succeeds("list", "-f", form).out


def test_a_file_in_the_way_is_replaced_and_keeps_its_mode(folder: Path) -> None:
    target = folder / "out.txt"
    target.write_text("old, and much longer than the new one" * 100)
    target.chmod(0o640)
    succeeds(*WORDS, "-b", "-o", "out.txt", at=folder)
    assert target.read_text() == "7.5\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_has_the_usual_mode(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        succeeds(*WORDS, "-b", "-o", "out.txt", at=folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "out.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (["mse", "x.npy", "y.npy"], "x.npy"),
        (["mse", "x.npy", "y.npy"], "./y.npy"),
        (["mse", "x.npy", "y.npy"], "hard.npy"),
        (["mse", "input=x.npy", "target=y.npy"], "y.npy"),
        (["mse", "run.csv"], "run.csv"),
        (["mse", "run.csv::input", "run.csv::target"], "run.csv"),
        (["mse", "part_*.npy", "y.npy"], "part_2.npy"),
        (["mse", "run.csv", "--sample-weight", "w.csv::w"], "w.csv"),
        (["mse", "run.csv", "--by", "w.csv::w"], "w.csv"),
        (["nll", "x.npy", "[0,1]", "--weight", "w.csv::w"], "w.csv"),
        (["bce", "[0.5,0.5]", "[0,1]", "--weight", "w.csv::w"], "w.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_an_input_is_not_overwritten(words: list[str], output: str, folder: Path) -> None:
    os.link(folder / "x.npy", folder / "hard.npy")
    before = contents(folder)
    assert "is an input" in fails(3, "compute", *words, "-o", output, "-f", "json", at=folder)
    if output.endswith(".npy"):
        assert "is an input" in fails(3, "compute", *words, "--save-per-sample", output, at=folder)
    assert contents(folder) == before


@pytest.mark.parametrize("option", [("-o", "csv"), ("--save-per-sample", "csv"), ("--save-gradients", "csv")])
def test_only_a_plain_file_is_replaced(option: tuple[str, str], folder: Path) -> None:
    words, suffix = (*WORDS, option[0]), option[1]
    (folder / f"folder.{suffix}").mkdir()
    (folder / f"link.{suffix}").symlink_to(folder / "run.csv")
    (folder / f"dangling.{suffix}").symlink_to(folder / "nowhere.csv")
    os.mkfifo(folder / f"pipe.{suffix}")
    before = contents(folder)
    for name in ("folder", "link", "dangling", "pipe"):
        assert f"{name}.{suffix}" in fails(3, *words, f"{name}.{suffix}", at=folder)
    assert "nowhere" in fails(3, *words, f"nowhere/x.{suffix}", at=folder)
    assert contents(folder) == before
    assert not (folder / "nowhere.csv").exists()


@pytest.mark.parametrize(
    ("call", "exists"),
    [
        ("fsync", True),
        ("replace", True),
        ("chmod", True),
        ("fsync", False),
        ("replace", False),
    ],
)  # a new file needs no chmod
def test_a_failure_leaves_all_as_it_was(call: str, exists: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if exists:
        (folder / "out.csv").write_text("old\n")
    before = contents(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for option in ("-o", "--save-per-sample", "--save-gradients"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            message = fails(3, *WORDS, option, "out.csv", at=folder)
        assert "out.csv: No space left on device" in message
        assert contents(folder) == before


def test_an_interrupt_leaves_no_temporary_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(folder)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    fails(130, *WORDS, "-o", "out.csv", at=folder)
    assert contents(folder) == before


def test_a_fault_writes_nothing(folder: Path) -> None:
    before = contents(folder)
    saves = ("-o", "out.txt", "--save-per-sample", "p.npy", "--save-gradients", "g.npz")
    fails(3, "compute", "mse", "x.npy", "[1,2]", *saves, at=folder)
    fails(3, "compute", "bce", "[0.5,2]", "[1,1]", *saves, at=folder)
    fails(2, "compute", "mse", "x.npy", "y.npy", "-r", "men", *saves, at=folder)
    assert contents(folder) == before


def read(path: Path) -> dict[str, Any]:
    """What a saved file holds, by name."""
    if path.suffix == ".npy":
        return {"": np.load(path)}
    if path.suffix == ".npz":
        return dict(np.load(path))
    with path.open() as file:
        header, *rows = csv.reader(file)
    return {name: np.array([float(row[at]) for row in rows]) for at, name in enumerate(header)}


def test_save_per_sample(folder: Path) -> None:
    ours = package.compute("mse", np.load(folder / "x.npy"), np.zeros((2, 2)), reduction="none")
    for suffix in ("npy", "npz", "csv"):
        ended = succeeds(*WORDS, "-b", "--save-per-sample", f"p.{suffix}", at=folder)
        assert (ended.out, ended.err) == ("7.5\n", "")
    assert np.array_equal(read(folder / "p.npy")[""], ours.value)
    assert {k: v.tolist() for k, v in read(folder / "p.npz").items()} == {"per_sample": ours.value.tolist()}
    found = read(folder / "p.csv")
    assert list(found) == ["index", "per_sample_0", "per_sample_1"]
    assert np.array_equal(np.stack([found["per_sample_0"], found["per_sample_1"]], axis=1), ours.value)
    assert (folder / "p.npy").read_bytes()[:6] == b"\x93NUMPY"
    assert read(folder / "p.npy")[""].dtype == np.float64


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_save_gradients(reduction: str, folder: Path) -> None:
    ours = package.compute("mse", np.load(folder / "x.npy"), np.zeros((2, 2)), reduction=reduction, gradients=True)
    assert ours.gradients is not None
    for suffix in ("npz", "csv"):
        succeeds(*WORDS, "-b", "-r", reduction, "--save-gradients", f"g.{suffix}", at=folder)
    found = read(folder / "g.npz")
    assert list(found) == ["input", "target"]
    for role, gradient in ours.gradients.items():
        assert np.array_equal(found[role], gradient)
    table = read(folder / "g.csv")
    assert list(table) == ["index", "input_0", "input_1", "target_0", "target_1"]
    assert np.array_equal(table["target_1"], ours.gradients["target"][:, 1])


def test_the_gradient_of_one_input_is_an_npy(folder: Path) -> None:
    succeeds("compute", "cross_entropy", "x.npy", "[0,1]", "-b", "--save-gradients", "g.npy", at=folder)
    ours = package.compute("cross_entropy", np.load(folder / "x.npy"), [0, 1], gradients=True)
    assert ours.gradients is not None
    assert np.array_equal(np.load(folder / "g.npy"), ours.gradients["input"])
    message = fails(2, "compute", "mse", "x.npy", "y.npy", "--save-gradients", "both.npy", at=folder)
    assert ".npz" in message
    assert not (folder / "both.npy").exists()


def test_saved_rows_have_their_keys_and_hold_as_a_claim(tmp_path: Path) -> None:
    write(tmp_path, p_csv="id,yhat\na,0.5\nb,2\n", t_csv="id,y\nb,3\na,1\n")
    words = ("mse", "p.csv::yhat", "t.csv::y", "--key", "id")
    succeeds("compute", *words, "-b", "--save-per-sample", "s.csv", "--save-gradients", "g.csv", at=tmp_path)
    assert (tmp_path / "s.csv").read_text() == "id,per_sample\na,0.25\nb,1.0\n"
    assert (tmp_path / "g.csv").read_text() == "id,input,target\na,-0.5,0.5\nb,-1.0,1.0\n"
    succeeds("compute", "mse", "[1,2]", "[2,4]", "-b", "--save-per-sample", "n.csv", at=tmp_path)
    succeeds("verify", "mse", "[1,2]", "[2,4]", "--claim-per-sample", "n.csv", at=tmp_path)
