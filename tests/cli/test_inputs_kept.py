"""No output replaces a file that the run has read: every kind of input, under every name of it, by every output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, write

SUITE = """losscli: 1
defaults: {loss: mse}
cases:
  - {name: data, inputs: [x.npy, 'run.csv::target'], expect: {value: 2.5}}
  - {name: log, inputs: [[0, 0], [2, 0]], expect: {value: 'a.log::/(.)$/'}}
"""
LOSS = "import beside\n\n\ndef f(a, b):\n    return (a - b) ** 2\n"
MSE = ("mse", "x.npy", "[2,5]")
INPUTS = {  # what is read, and a command that reads it
    "x.npy": ("compute", *MSE),
    "run.csv": ("compute", "mse", "run.csv::input", "run.csv::target"),
    "w.csv": ("compute", *MSE, "--sample-weight", "w.csv::w"),
    "g.csv": ("compute", *MSE, "--by", "g.csv"),
    "weight.npy": ("compute", "cross_entropy", "[[1,2],[3,4]]", "[0,1]", "--weight", "weight.npy"),
    "model.npz": ("compute", *MSE, "--l2", "1", "--params", "model.npz"),
    "part-1.npy": ("compute", "mse", "part-*.npy", "[2,5]"),
    "m.py": ("compute", "m.py:f", "x.npy", "[2,5]"),
    "beside.py": ("compute", "m.py:f", "x.npy", "[2,5]"),
    "d.py": ("compute", "triplet_margin_with_distance", *["[[1,2]]"] * 3, "--distance-function", "d.py:d"),
    "a.log": ("verify", *MSE, "--claim", "a.log::/(.)$/"),
    "c.json": ("verify", *MSE, "--claim", "c.json"),
    "s.json": ("verify", *MSE, "--claim-per-sample", "s.json"),
    "grad.json": ("verify", *MSE, "--claim-gradient", "grad.json"),
    "grad.npy": ("gradcheck", *MSE, "--gradient", "grad.npy"),
    "looked.npy": ("inspect", "looked.npy"),
    "steps.npy": ("explain", "mse", "steps.npy", "[2,5]"),
    "same.npy": ("relations", "mse", "same.npy", "[2,5]"),
    "every.npy": ("compute", "mse", "every.npy", "[2,5]", "--convention", "all"),
    "suite.yaml": ("suite", "suite.yaml"),
}
READ_BY_CASES = ("x.npy", "run.csv", "a.log")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    two = [1.0, 3.0]
    write(tmp_path, x_npy=two, grad_npy=two, looked_npy=two, steps_npy=two, same_npy=two, every_npy=two, weight_npy=two)
    write(tmp_path, run_csv="input,target\n1,2\n3,5\n", w_csv="w\n1\n2\n", g_csv="1\n2\n", m_py=LOSS, beside_py="")
    write(tmp_path, a_log="loss 2\n", c_json="2.5", s_json="[1, 4]", grad_json="[-1, -2]", suite_yaml=SUITE)
    write(tmp_path, d_py="def d(a, b):\n    return ((a - b) ** 2).sum(axis=-1)\n")
    (tmp_path / "part-1.npy").write_bytes((tmp_path / "x.npy").read_bytes())
    np.savez(tmp_path / "model.npz", w=np.ones(2))
    return tmp_path


def outputs_of(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The options of a command that write files, each before the file's name."""
    found: list[tuple[str, ...]] = [("-f", "json", "-o")]
    if words[0] == "compute" and "all" not in words:
        found += [("--save-per-sample",), ("--save-gradients",)]
    return found + ([("--junit",)] if words[0] == "suite" else [])


def check(folder: Path, words: tuple[str, ...], target: str) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for option in outputs_of(words):
        if option[0].startswith("--save") and not target.endswith((".npy", ".npz", ".csv")):
            continue  # refused for its suffix before anything is read
        if option[0] == "--save-gradients" and target.endswith(".npy") and words[1] != "cross_entropy":
            continue  # holds but one array
        assert "is an input of this command" in fails(3, *words, *option, target, at=folder), (words, option, target)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_stays(name: str, folder: Path) -> None:
    """Under its own name, by a hard link, and through a linked folder; all outputs of all commands."""
    words = INPUTS[name]
    assert losscli(*words, at=folder).code in (0, 1)
    link = f"hard{Path(name).suffix}"
    os.link(folder / name, folder / link)
    (folder / "here").symlink_to(".")
    for target in (name, f"./{name}", link, f"here/{name}", str(folder / name)):
        check(folder, words, target)


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_behind_a_link_stays(name: str, folder: Path) -> None:
    """The source is a symbolic link, the output the file behind it."""
    behind = f"behind{Path(name).suffix}"
    (folder / name).rename(folder / behind)
    (folder / name).symlink_to(behind)
    check(folder, INPUTS[name], behind)


@pytest.mark.parametrize("name", READ_BY_CASES)
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_what_the_cases_of_a_suite_read_stays(name: str, jobs: str, folder: Path) -> None:
    check(folder, ("suite", "suite.yaml", "--jobs", jobs), name)


def test_standard_input_from_a_file_stays(folder: Path) -> None:
    words = [sys.executable, "-m", "losscli", "compute", "mse", "-::input", "-::target", "-o", "run.csv"]
    before = (folder / "run.csv").read_bytes()
    with (folder / "run.csv").open("rb") as stdin:
        done = subprocess.run(words, stdin=stdin, cwd=folder, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"is an input of this command" in done.stderr
    assert (folder / "run.csv").read_bytes() == before


def test_a_run_forgets_the_files_of_the_one_before(folder: Path) -> None:
    assert losscli("compute", *MSE, "-b", at=folder).code == 0
    assert losscli("compute", "mse", "1", "3", "-b", "-o", "x.npy", at=folder).code == 0
    assert (folder / "x.npy").read_text() == "4.0\n"
