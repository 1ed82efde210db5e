"""An option that is written and has no use in its request is an error of usage."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import losscli
from tests.cli.helpers import fails, succeeds, write
from tests.cli.helpers import losscli as run


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write(
        tmp_path,
        a_csv="id,p\n1,0.5\n2,1.5\n",
        b_csv="id,t\n2,1\n1,0\n",
        run_csv="input,target\n1,2\n3,4\n",
        a_npy=np.array([0.5, 1.5]),
        words_csv="label\ncat\ndog\n",
        scores_npy=np.ones((2, 2)),
    )
    return tmp_path


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("a.npy", "a.npy", "--key", "id"), "--key"),
        (("a.csv::p", "a.csv::p", "--key", "id"), "--key"),
        (("run.csv", "--key", "id"), "--key"),
        (("a.npy", "[1,2]", "--header"), "--header"),
        (("a.npy", "[1,2]", "--no-header"), "leave --no-header out"),
        (("0.5", "1.5e3", "--delimiter", ";"), "--delimiter"),
        (("a.csv::p", "b.csv::t", "--stdin", "csv"), "--stdin"),
        (("a.csv::p", "b.csv::t", "--bfloat16"), "--bfloat16"),
        (("[1,2]", "[1,2]", "--classes", "a,b"), "--classes"),
        (("[1,2]", "[1,2]", "--class-axis", "0"), "no class axis"),
        (("[1,2]", "[1,2]", "--params", "a.npy"), "--params without --l1 or --l2"),
    ],
)
def test_no_use(here: Path, words: tuple[str, ...], option: str) -> None:
    for command in (("compute",), ("verify", "--claim", "0")):
        said = fails(2, command[0], "mse", *words, *command[1:], at=here)
        assert option in said


@pytest.mark.parametrize(
    "words",
    [
        ("mse", "a.csv::p", "b.csv::t", "--key", "id"),
        ("mse", "a.csv::p", "[1,2]", "--header"),
        ("mse", "target=b.csv::t", "input=a.npy", "--delimiter", ","),
        ("cross_entropy", "scores.npy", "words.csv::label", "--classes", "cat,dog"),
        ("mse", "a.npy", "a.npy", "--bfloat16"),
    ],
)
def test_of_use(here: Path, words: tuple[str, ...]) -> None:
    succeeds("compute", *words, at=here)


def test_claims_count(here: Path) -> None:
    """Written about a claim, an option is of use too."""
    write(here, c_csv="loss\n0.25\n2.25\n")
    words = ("mse", "a.npy", "[0,0]", "--claim-per-sample", "c.csv", "--header")
    succeeds("verify", *words, at=here)


def test_defaults_of_a_suite_need_no_use(here: Path) -> None:
    case = "{name: a, loss: mse, inputs: [[1], [2]], expect: {value: 1}"
    write(here, s_yaml=f"losscli: 1\ndefaults: {{key: id, classes: [a, b]}}\ncases:\n  - {case}}}\n")
    succeeds("suite", "s.yaml", at=here)
    write(here, s_yaml=f"losscli: 1\ncases:\n  - {case}, key: id}}\n")
    assert "key has no use" in run("suite", "s.yaml", at=here).out


def test_in_python() -> None:
    with pytest.raises(losscli.LossError, match="the labels of target are numbers"):
        losscli.compute("cross_entropy", [[1.0, 2.0]], [0], classes=["a", "b"])


@pytest.mark.parametrize("word", ["1" * 100_000 + "x", "a" * 100_000, "a." * 50_000, "x=" * 50_000, "1e" * 50_000])
def test_a_long_word_takes_no_time(word: str) -> None:
    start = time.perf_counter()
    assert run("compute", "mse", word, "1").code in (2, 3)
    assert run("verify", "mse", "1", "1", "--claim", word).code == 3
    assert time.perf_counter() - start < 10.0  # quadratic, it is minutes
