"""`FILE.py:FUNCTION` wherever a loss stands on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

FILE = """
import numpy as np

print("loaded")

def focal(prediction, target, gamma=2.0, alpha=0.75):
    '''The focal loss of the tutorials.'''
    bce = -target * np.log(prediction) - (1 - target) * np.log(1 - prediction)
    p_t = prediction * target + (1 - prediction) * (1 - target)
    return (alpha * target + (1 - alpha) * (1 - target)) * (1 - p_t) ** gamma * bce

def wrong(p, t):
    return ((p - t) ** 2).mean(), p - t

def absolute(p, t):
    return np.abs(p - t).mean()

def raises(p, t):
    return {}["loss"]

def prints(prediction, target):
    print("called")
    return (prediction - target) ** 2
"""
DATA = ("[0.9, 0.1, 0.5]", "[1, 0, 1]")


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return write(tmp_path, own_py=FILE)


def test_the_signature_says_what_it_is_and_where_its_gradient_comes_from(at: Path) -> None:
    found = succeeds("compute", "own.py:focal", *DATA, "--set", "gamma=3", "-f", "json", at=at).json
    start = "own.py:focal(gamma=3, alpha=0.75) | custom, gradient by complex step | mean of 3 | float64 | "
    assert found["signature"].startswith(start)
    assert found["loss"] == "own.py:focal"
    assert (found["convention"], found["options"]) == ("custom", {"gamma": 3, "alpha": 0.75})
    assert list(found["inputs"]) == ["prediction", "target"]
    absolute = succeeds("compute", "own.py:absolute", *DATA, "-f", "json", at=at).json
    assert " | custom, gradient by Richardson extrapolation | mean of 1 | " in absolute["signature"]


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_every_format(at: Path, form: str) -> None:
    """The rows of the built-in loss, but for names."""
    shown = ("-f", form) if form == "csv" else ("-f", form, "--digits", "5")
    mine = succeeds("compute", "own.py:focal", *DATA, *shown, at=at).out
    theirs = succeeds("compute", "focal", *DATA, *shown, at=at).out
    numbers = [[word for word in text.replace(",", " ").split() if word.startswith("0.")] for text in (mine, theirs)]
    assert numbers[0]
    if form == "csv":
        mine_as_floats, theirs_as_floats = ([float(each) for each in text] for text in numbers)
        np.testing.assert_allclose(mine_as_floats, theirs_as_floats, rtol=1e-12)
    else:
        assert numbers[0] == numbers[1]


def test_a_file_of_both_inputs(at: Path) -> None:
    write(at, run_csv="yhat,label\n0.9,1\n0.1,0\n")
    assert succeeds("compute", "own.py:prints", "run.csv", "-b", at=at).number == pytest.approx(0.01, rel=1e-15)


def test_what_it_prints_does_not_spoil_the_number(at: Path) -> None:
    ended = succeeds("compute", "own.py:prints", "[1, 2]", "[2, 3]", "--bare", at=at)
    assert ended.out == "1.0\n"
    assert ended.err == "loaded\ncalled\n"


def test_gradcheck_finds_a_wrong_gradient(at: Path) -> None:
    right = losscli("gradcheck", "own.py:focal", *DATA, at=at)
    assert (right.code, "fails" in right.out) == (0, False)
    wrong = losscli("gradcheck", "own.py:wrong", "[1, 2, 3]", "[0.5, 0, 1]", "-f", "json", at=at)
    assert wrong.code == 1
    verdicts = {row["role"]: row["verdict"] for row in wrong.json["rows"]}
    assert verdicts == {"p": "fails", "t": "holds"}
    worst = next(row for row in wrong.json["rows"] if row["role"] == "p")
    assert worst["expected"] == pytest.approx(2 * worst["gradient"] / 3, rel=1e-6)  # 2 (p - t) / 3, and it says p - t


def test_verify_explains(at: Path) -> None:
    ended = losscli("verify", "own.py:focal", *DATA, "--claim", "0.1310", at=at)
    assert ended.code == 1
    assert "sum_for_mean" in ended.out
    assert losscli("verify", "own.py:focal", *DATA, "--claim", "0.0437", at=at).code == 0


def test_explain_and_relations(at: Path) -> None:
    page = succeeds("explain", "own.py:focal", at=at).out
    assert "The focal loss of the tutorials." in page
    assert "gamma" in page
    assert succeeds("relations", "own.py:focal", *DATA, "-f", "json", at=at).json["rows"] == []


def test_all_conventions_are_its_own(at: Path) -> None:
    rows = succeeds("compute", "own.py:focal", *DATA, "--convention", "all", "-f", "json", at=at).json["rows"]
    assert [row["convention"] for row in rows] == ["custom"]
    other = losscli("compute", "own.py:focal", *DATA, "--convention", "keras", at=at)
    assert other.code == 2
    assert "has no convention 'keras'\n  it has: custom\n" in other.err


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        (3, ["nowhere.py:f"], "no such file: nowhere.py"),
        (3, ["owm.py:focal"], "did you mean 'own.py'?"),
        (3, ["own.py:fokal"], "no function 'fokal', did you mean 'focal'?"),
        (3, ["own.py:raises"], "own.py line 19: KeyError: 'loss'"),
        (2, ["own.py"], "own.py names no function in a Python file"),
        (2, ["own.py:focal", "--set", "gama=1"], "did you mean gamma?"),
        (2, ["own.py:focal", "--set", "gamma=x"], "gamma must be a number, got 'x'"),
        (2, ["own.py:focal", "--set", "gamma"], "--set gamma: no name and value"),
        (2, ["own.py:focal", "--set", "gamma=1", "--set", "gamma=2"], "gamma is set twice"),
        (2, ["own.py:focal", "--gamma", "1"], "No such option: --gamma"),
        (2, ["own.py:focal", "--alpha", "1"], "a parameter of own.py:focal is given as --set alpha=1; `losscli"),
        (2, ["own.py:focal", "--gam-ma=[1, 2]"], "is given as --set 'gam_ma=[1, 2]'; `losscli"),
        (2, ["own.py:focal", "--gamma"], "is given as --set gamma=VALUE; `losscli"),
        (2, ["own.py:focal", "--wrost", "1"], "No such option: --wrost (Possible options: --rows, --set, --worst)"),
    ],
)
def test_errors(at: Path, code: int, words: list[str], told: str) -> None:
    loss, *options = words
    ended = losscli("compute", loss, *DATA, *options, at=at)
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert "(Possible options: --help)" not in ended.err


def test_the_traceback_is_there_for_the_asking(at: Path) -> None:
    ended = losscli("compute", "own.py:raises", *DATA, at=at, env={"LOSSCLI_DEBUG": "1"})
    assert ended.code == 3
    assert 'return {}["loss"]' in ended.err


def test_set_takes_the_options_of_built_in_losses_too(at: Path) -> None:
    words = ("compute", "huber", "[0, 3]", "[0, 0]", "--bare")
    assert succeeds(*words, "--set", "delta=0.5", at=at).out == succeeds(*words, "--delta", "0.5", at=at).out
    assert "delta is set twice" in fails(2, *words, "--set", "delta=0.5", "--delta", "1", at=at)


@pytest.mark.parametrize("command", ["compute", "verify", "gradcheck", "relations", "explain"])
def test_the_help_says_that_the_file_is_executed(command: str) -> None:
    text = " ".join(succeeds(command, "--help").out.split())
    assert "FILE.py:FUNCTION (the file is executed as Python code)" in text
    assert "--set NAME=VALUE" in text


def test_explain_shows_the_entries_of_one_sample(at: Path) -> None:
    rows = succeeds("explain", "own.py:focal", *DATA, "--sample", "1", "-f", "json", at=at).json["rows"]
    values = {row["step"]: row["value"] for row in rows}
    assert (values["prediction"], values["target"]) == (0.1, 0.0)
    assert "losscli's value" not in values


OF_ALL = """
import numpy as np

def mean(p, y):
    return ((p - y) ** 2).mean()

def cut(p, y):
    return p * np.asarray(y).astype(int)

def ratio(p, y):
    return p.sum() / y.sum()
"""


def test_explain_shows_one_sample_of_a_function_of_all(tmp_path: Path) -> None:
    """By hand: 0.3 against 1.25 alone."""
    at = write(tmp_path, own_py=OF_ALL)
    data = ("own.py:mean", "[0.9, 0.2, 0.3]", "[1.5, 2, 1.25]")
    rows = succeeds("explain", *data, "--sample", "2", "-f", "json", at=at).json["rows"]
    assert [row["step"] for row in rows] == ["p", "y", "your value", "∂loss/∂p", "∂loss/∂y"]
    assert [np.ravel(row["value"])[0] for row in rows] == pytest.approx([0.3, 1.25, 0.9025, -1.9, 1.9])
    assert "Sample 2, step by step" in succeeds("explain", *data, "--sample", "2", at=at).out
    assert "there are 3, counted from 0" in fails(3, "explain", *data, "--sample", "3", at=at)
    of_two = ("own.py:ratio", "[0.9, 0.2]", "[1.5]")
    assert "there is no sample 1" in fails(3, "explain", *of_two, "--sample", "1", at=at)


def test_gradcheck_leaves_out_whole_numbers_and_says_what_it_did_not_judge(tmp_path: Path) -> None:
    at = write(tmp_path, own_py=OF_ALL)
    for word, y, reason in (
        ("own.py:mean", "[1, 0, 1]", "nothing: whole numbers"),
        ("own.py:cut", "[1.5, 2, 1.25]", "nothing: cut to integers"),
    ):
        checked = ("gradcheck", word, "[0.9, 0.2, 0.3]", y)
        rows = succeeds(*checked, "-f", "json", at=at).json["rows"]
        assert [(row["role"], row["method"]) for row in rows if row["verdict"] != "holds"] == [("y", reason)]
        last = succeeds(*checked, at=at).out.strip().splitlines()[-1]
        assert "whether it is the right loss was not judged" in last
        assert last.endswith(f"--claim-per-sample {word}")
    first = succeeds("gradcheck", "own.py:mean", "[1, 0, 1]", "[0.5, 0.25, 1]", "-f", "json", at=at).json["rows"]
    assert {row["role"] for row in first if row["verdict"] == "holds"} == {"p", "y"}
