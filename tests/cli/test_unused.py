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


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("explain huber --delta -3", "--delta"),
        ("explain huber --set delta=-1", "--set"),
        ("explain huber --header", "--header"),
        ("explain huber --convention nope", "--convention"),
        ("explain huber --sample 3", "--sample"),
        ("explain huber --digits 3", "--digits"),
        ("explain mse 1 2 -r sum", "--reduction"),
        ("explain mse 1 2 --sample-weight 2", "--sample-weight"),
        ("inspect a.npy --stdin csv", "--stdin"),
        ("inspect [1,2] --delimiter ;", "--delimiter"),
        ("inspect [1,2] --no-header", "--no-header"),
        ("compute mse 1 2 -f csv --by [1]", "--by"),
        ("compute mse 1 2 -f csv --no-per-sample", "--no-per-sample"),
        ("compute mse 1 2 -f json --digits 3", "--digits"),
        ("compute mse 1 2 -o x.csv --digits 3", "--digits"),
        ("compute mse 1 2 --no-per-sample --rows 3", "--rows"),
        ("compute mse 1 2 --no-per-sample --worst 3", "--worst"),
        ("compute mse 1 2 --worst 1 --rows 3", "--rows"),
        ("compute mse 1 2 -b --per-sample", "--per-sample"),
        ("compute mse 1 2 -b --gradients", "--gradients"),
        ("compute mse 1 2 --size-average -r sum", "--reduction"),
        ("compute mse 1 2 --convention all --rows 3", "--rows"),
        ("verify mse 1 2 --claim 1 -b --digits 3", "--digits"),
        ("verify mse 1 2 --claim 1 -f json --digits 3", "--digits"),
        ("gradcheck mse 1 2 -f json --digits 3", "--digits"),
        ("suite s.yaml --junit-family gitlab", "--junit-family"),
        ("suite --schema s.yaml", "s.yaml"),
        ("suite --schema --filter x", "--filter"),
    ],
)
def test_no_use_in_a_command_line(here: Path, words: str, option: str) -> None:
    assert f"{option} has no use here" in fails(2, *words.split(), at=here)


@pytest.mark.parametrize(
    "words",
    [
        "compute mse 1 2 -f json --no-per-sample --rows 3",
        "compute mse 1 2 -b --digits 3",
        "compute mse 1 2 -f csv --gradients",
        "explain huber -q --no-progress --jobs 2 -f json",
        "suite --schema -o s.json",
    ],
)
def test_of_use_in_a_command_line(here: Path, words: str) -> None:
    succeeds(*words.split(), at=here)


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_what_the_environment_chooses_makes_nothing_useless(here: Path, form: str) -> None:
    words = ("compute", "mse", "[1,2]", "[1,3]", "--digits", "3", "--by", "[0,1]", "--no-per-sample")
    assert run(*words, at=here, env={"LOSSCLI_FORMAT": form}).code == 0


def test_no_path_is_no_folder(here: Path) -> None:
    assert "no such file: ''" in fails(3, "suite", "", at=here)
    with pytest.raises(losscli.LossError, match="no such file: ''"):
        losscli.run_suite("")


@pytest.mark.parametrize("name", ["y.npy", "y.npz", "y.html", "y.png"])
def test_a_report_has_a_format(here: Path, name: str) -> None:
    write(here, **{name.replace(".", "_"): "kept"})
    for words in (("compute", "mse", "1", "2"), ("inspect", "a.npy"), ("list",)):
        said = fails(2, *words, "-o", name, at=here)
        assert "-o y.txt" in said
        assert (f"--save-per-sample {name}" in said) == (words[0] == "compute" and name in ("y.npy", "y.npz"))
    assert (here / name).read_text() == "kept"
    succeeds("compute", "mse", "1", "2", "-o", "z.html", "-f", "markdown", at=here)
