"""Faults: which exit code, what is said, and that everything wrong with a request is said at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are wrong in one place each."""
    write(
        tmp_path,
        labels_csv="id,label\n# careful\n10,0\n11,1\n12,7\n",
        probabilities_csv="input,target\n0.5,1\n\n1.25,0\n",
        nan_csv="input,target\n0.5,1\nnan,0\n",
        signs_csv="x,same\n1,1\n1,0\n1,-1\n",
        empty_csv="",
        header_csv="a,b\n",
        hole_csv="a,b\n1,\n",
        ragged_csv="a,b\n1,2\n3\n",
        words_csv="a,b\n1,2\n3,x\n",
        mixed_csv="1,b\n3,4\n",
        comma_csv='a,b\n"1,5",2\n',
        missing_csv="a,b\nNA,2\n",
        huge_csv="a,b\n1e400,2\n",
        underscore_csv="a,b\n1_000,2\n",
        latin_csv=b"a,b\n\xe9,2\n",
        twice_yaml="input: [1]\ninput: [2]\n",
        tag_yaml="input: !!python/object/apply:os.system [ls]\n",
        broken_json="[1, 2",
        pickle_npy=b"\x80\x04K\x01.",
        empty_npy=b"",
        whole_npy=np.zeros(3),
        two_csv="pred,yhat,target\n1,2,3\n",
        logits_npy=np.zeros((3, 2)),
        words_npy=np.array(["a", "b"]),
        complex_npy=np.array([1j]),
        object_csv="1;2\n3;4\n",
        model_pt=b"PK",
    )
    (tmp_path / "truncated.npy").write_bytes((tmp_path / "whole.npy").read_bytes()[:-4])
    (tmp_path / "folder").mkdir()
    return tmp_path


CONTENT = [  # whatever needs the content of a file: exit 3, with file, line or index, and value
    (["cross_entropy", "[[1,2],[3,4],[5,6]]", "labels.csv::label"], ["labels.csv line 5", "label", "7", "0 to 1"]),
    (["cross_entropy", "logits.npy", "[0,1,-1]"], ["[2]", "-1", "0 to 1", "--ignore-index"]),
    (["cross_entropy", "logits.npy", "[0,1,0.5]"], ["[2]", "0.5"]),
    (["cross_entropy", "logits.npy", "[0,1,2]"], ["[2]", "target is 2"]),
    (["bce", "probabilities.csv"], ["probabilities.csv line 4, column input", "1.25", "from 0 to 1"]),
    (["bce", "[0.5,-0.5]", "[1,1]"], ["[1]", "-0.5", "from 0 to 1"]),
    (["bce", "[0.5]", "[2]"], ["[0]", "target is 2", "from 0 to 1"]),
    (["kl_div", "[-1,-2]", "[0.5,1.5]"], ["[1]", "1.5", "from 0 to 1"]),
    (["log_loss", "[[0.5,1.5]]", "[0]"], ["1.5", "from 0 to 1"]),
    (["cosine_embedding", "[[1],[1],[1]]", "[[1],[1],[1]]", "signs.csv::same"], ["signs.csv line 3", "0", "-1 or 1"]),
    (["mse", "nan.csv"], ["nan.csv line 3, column input", "nan", "--nonfinite"]),
    (["mse", "logits.npy", "[1,2]"], ["(3, 2)", "(2,)", "logits.npy"]),
    (["mse", "[[1],[2]]", "[1,2]"], ["(2, 1)", "(2,)", "never broadcasts", "reshape"]),
    (["mse", "nowhere.csv", "1"], ["no such file: nowhere.csv"]),
    (["mse", "probabilites.csv"], ["no such file", "probabilities.csv"]),
    (["mse", "nowhere/x.csv", "1"], ["nowhere"]),
    (["mse", "none-*.npy", "1"], ["none-*.npy", "no file matches"]),
    (["mse", "folder", "1"], ["folder", "directory"]),
    (["mse", "", "1"], ["a SOURCE is empty"]),
    (["mse", "empty.csv", "1"], ["empty.csv", "empty"]),
    (["mse", "header.csv::a", "header.csv::b"], ["header.csv", "no rows"]),
    (["mse", "hole.csv::a", "hole.csv::b"], ["hole.csv line 2, column b", "empty cell"]),
    (["mse", "ragged.csv::a", "ragged.csv::b"], ["ragged.csv line 3", "1 cell"]),
    (["mse", "words.csv::a", "words.csv::b"], ["words.csv line 3, column b", "'x'"]),
    (["mse", "mixed.csv::0", "mixed.csv::1"], ["mixed.csv line 1", "--no-header"]),
    (["mse", "comma.csv::a", "comma.csv::b"], ["comma.csv line 2, column a", "'1,5'"]),
    (["mse", "missing.csv::a", "missing.csv::b"], ["missing.csv line 2, column a", "'NA'"]),
    (["mse", "huge.csv::a", "huge.csv::b"], ["huge.csv line 2, column a", "1e400", "too large"]),
    (["mse", "underscore.csv::a", "underscore.csv::b"], ["underscore.csv line 2", "1_000"]),
    (["mse", "latin.csv", "1"], ["latin.csv"]),
    (["mse", "words.csv::c", "1"], ["no column 'c'", "a, b"]),
    (["mse", "twice.yaml::input", "1"], ["twice.yaml line 2", "twice"]),
    (["mse", "tag.yaml::input", "1"], ["tag.yaml line 1", "tag"]),
    (["mse", "broken.json", "1"], ["broken.json"]),
    (["mse", "[1,2", "1"], ["[1,2"]),
    (["mse", "pickle.npy", "1"], ["pickle.npy", "pickle"]),
    (["mse", "empty.npy", "1"], ["empty.npy", "empty"]),
    (["mse", "truncated.npy", "1"], ["truncated.npy", "24"]),
    (["mse", "two.csv"], ["pred and yhat both mean input"]),
    (["mse", "words.npy", "[1,2]"], ["words.npy"]),
    (["mse", "complex.npy", "[1]"], ["complex.npy", "complex"]),
    (["mse", "model.pt", "1"], ["model.pt", "PyTorch"]),
    (["mse", "logits.npy::x", "1"], ["logits.npy", "'x'"]),
    (["cross_entropy", "logits.npy", "words.csv::b"], ["words.csv"]),
    (["cross_entropy", "logits.npy", "[0,1]"], ["(3,)", "(2,)"]),
    (["cross_entropy", "3", "0"], ["a row of classes"]),
    (["cosine_similarity", "[[1,2]]", "[[3,4]]", "--dim", "2"], ["dim is 2", "(1, 2)"]),
    (["cross_entropy", "logits.npy", "[0,1,1]", "--class-axis", "-3"], ["--class-axis is -3", "(3, 2)"]),
    (["triplet_margin", "[[1,2]]", "[[1,2]]", "[[1,2,3]]"], ["negative", "(1, 3)", "(1, 2)"]),
]


@pytest.mark.parametrize(("words", "said"), CONTENT, ids=[" ".join(words) for words, _ in CONTENT])
def test_content_ends_in_3(words: list[str], said: list[str], folder: Path) -> None:
    message = fails(3, "compute", *words, at=folder)
    for part in said:
        assert part in message


WORDING = [  # the command line itself: exit 2, whatever the files hold
    (["compute"], ["LOSS"]),
    (["compute", "mse"], ["2 sources expected (input, target), got 0"]),
    (["compute", "mse", "1"], ["2 sources expected", "got 1"]),
    (["compute", "mse", "1", "2", "3"], ["2 sources expected", "got 3"]),
    (["compute", "triplet_margin", "[1]", "[1]"], ["anchor, positive, negative", "got 2"]),
    (["compute", "mse", "target=1", "2"], ["put ROLE=SOURCE last"]),
    (["compute", "mse", "input=1", "pred=2"], ["input is given twice"]),
    (["compute", "mse", "1", "2", "target=3"], ["target is given twice"]),
    (["compute", "mse", "1", "2", "-b", "-f", "json"], ["--bare", "--format"]),
    (["compute", "mse", "1", "2", "--rows", "0"], ["--rows", "0"]),
    (["compute", "mse", "1", "2", "--rows", "some"], ["--rows", "'some'"]),
    (["compute", "mse", "1", "2", "--worst", "-1"], ["--worst", "-1"]),
    (["compute", "mse", "1", "2", "--digits", "0"], ["--digits", "0"]),
    (["compute", "mse", "1", "2", "--digits", "x"], ["--digits", "'x'"]),
    (["compute", "mse", "1", "2", "--jobs", "0"], ["--jobs", "0"]),
    (["compute", "mse", "1", "2", "--reduction"], ["--reduction"]),
    (["compute", "mse", "1", "2", "--delimiter", "ab"], ["--delimiter", "'ab'"]),
    (["compute", "mse", "1", "2", "--save-per-sample", "x.txt"], ["--save-per-sample x.txt", ".npz"]),
    (["compute", "mse", "1", "2", "--save-gradients", "x"], ["--save-gradients x", ".npz"]),
    (["compute", "mse", "1", "2", "--save-gradients", "x.npy"], ["--save-gradients x.npy", ".npz"]),
    (["compute", "mse", "1", "2", "-z"], ["-z"]),
    (["list", "extra"], ["extra"]),
    (["list", "-f", "xml"], ["'xml'"]),
    (["nonsense"], ["nonsense"]),
    (["--nonsense"], ["--nonsense"]),
]


@pytest.mark.parametrize(("words", "said"), WORDING, ids=[" ".join(words) for words, _ in WORDING])
def test_wording_ends_in_2(words: list[str], said: list[str], folder: Path) -> None:
    message = fails(2, *words, at=folder)
    for part in said:
        assert part in message


def test_no_command_shows_the_help() -> None:
    ended = losscli()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: losscli")


SEVERAL = [
    (["huber", "nowhere.csv", "1", "--delta", "-1"], ["nowhere.csv", "delta"]),
    (["huber", "nowhere.csv", "1", "-r", "men"], ["nowhere.csv", "'men'"]),
    (["huber", "nowhere.csv", "1", "--convention", "x"], ["nowhere.csv", "'x'"]),
    (["huber", "nowhere.csv", "elsewhere.csv", "--delta", "-1"], ["nowhere.csv", "elsewhere.csv", "delta"]),
    (["huber", "[1,2]", "[1,2,3]", "--delta=-1", "-r", "men"], ["(2,)", "(3,)", "delta", "'men'"]),
    (["cross_entropy", "logits.npy", "[0,1]", "--weight=nowhere.csv", "--label-smoothing=2"], ["nowhere", "smoothing"]),
    (["cross_entropy", "logits.npy", "[0,1]", "--weight", "[1,2,3]", "--label-smoothing=2"], ["2 classes", "(2,)"]),
    (["huber", "nowhere.csv", "1", "--jobs", "0"], ["--jobs"]),
    (["huber", "nowhere.csv", "1", "--rows", "x"], ["--rows"]),
    (["huber", "nowhere.csv", "1", "--save-gradients", "x.txt"], ["x.txt"]),
    (["huber", "nowhere.csv", "1", "--stdin", "x"], ["'x'"]),
    (["huber", "nowhere.csv", "1", "--dleta", "1"], ["--delta"]),
]


@pytest.mark.parametrize(("words", "said"), SEVERAL, ids=[" ".join(words) for words, _ in SEVERAL])
def test_faults_of_several_kinds_end_in_2(words: list[str], said: list[str], folder: Path) -> None:
    message = fails(2, "compute", *words, at=folder)
    for part in said:
        assert part in message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mse", "nowhere.csv", "elsewhere.npy"], ["nowhere.csv", "elsewhere.npy"]),
        (["bce", "[0.5,1.5]", "[2,1]"], ["input is 1.5", "target is 2"]),
        (
            ["mse", "[NaN,1]", "[1,NaN]", "--sample-weight", "[1,NaN]"],
            ["input is", "target is nan", "weight is nan"],
        ),
        (["triplet_margin", "[[1,2]]", "[[1]]", "[[1,2,3]]"], ["positive", "negative"]),
        (["nll", "[[-1,-2]]", "[0,1]", "--weight", "[1,2,3]"], ["target", "weight"]),
        (["mse", "words.csv::c", "hole.csv::d"], ["'c'", "'d'"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_all_faults_of_a_kind_are_told(words: list[str], said: list[str], folder: Path) -> None:
    message = fails(3, "compute", *words, at=folder)
    assert message.count("error: ") == len(said)
    for part in said:
        assert part in message


def test_a_fault_is_a_line_and_its_cure_an_indented_one() -> None:
    assert fails(2, "compute", "huber", "1", "2", "-r", "men", "--convention", "x") == (
        "error: huber has no convention 'x'\n"
        "  it has: torch, exact, keras, optax\n"
        "error: huber has no reduction 'men'\n"
        "  it has: none, mean, sum\n"
    )


def test_only_what_would_help_is_advised() -> None:
    assert "nonfinite" not in fails(3, "compute", "bce", "[1.5]", "[1]")
    assert "--nonfinite propagate" in fails(3, "compute", "bce", "[NaN]", "[1]")


def test_a_number_out_of_range_is_not_let_through() -> None:
    fails(3, "compute", "bce", "[1.5]", "[1]", "--nonfinite", "propagate")
    fails(3, "compute", "cross_entropy", "[[1,2]]", "[2]", "--nonfinite", "propagate")
