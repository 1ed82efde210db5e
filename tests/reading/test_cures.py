"""What an error advises works when it is followed to the letter, and a note tells the truth."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

FILES = {
    "classes_csv": "a,b,c,label\n0.1,0.2,0.7,0\n0.5,0.2,0.3,2\n",
    "last_csv": "id,a,b,c,kind\n5,0.1,0.2,0.7,0\n6,0.5,0.2,0.3,2\n",
    "split_csv": "a,label,b,c\n0.1,0,0.2,0.7\n0.5,2,0.2,0.3\n",
    "numbered_csv": "prob_0,prob_1,logit_0,logit_1,label\n0.1,0.9,3,4,0\n0.5,0.5,1,2,1\n",
    "pairs_csv": "u0,u1,v0,v1,sign\n1,2,3,4,1\n2,3,4,5,-1\n",
    "twice_csv": "input,input,target\n1,2,3\n2,3,4\n",
    "two_csv": "pred,yhat,target\n1,2,3\n2,3,4\n",
    "words_csv": "name,score,target\nann,1,2\nbob,2,3\n",
    "back_csv": "id,score,name\n1,1,ann\n2,2,bob\n",
    "nameless_csv": ",score,\n7,1,2\n8,2,3\n",
    "classes_json": '{"a": [0.1, 0.5], "b": [0.2, 0.2], "c": [0.7, 0.3], "label": [0, 2]}',
    "rows_json": '[{"a": 0.1, "b": 0.9, "label": 0}, {"a": 0.5, "b": 0.5, "label": 1}]',
    "names_csv": "name,score,truth\nann,1,2\nbob,2,3\n",
    "log_json": '{"epochs": 9, "meta": {"n": 2}, "a": [1, 2], "b": [3, 4]}',
    "ids_csv": "id,p\n1,2\n2,3\n",
    "more_csv": "id,t\n1,2\n2,3\n3,4\n",
    "others_csv": "id,t\n7,2\n8,3\n",
    "s-1_json": '{"a": [1], "b": [3]}',
    "s-2_json": '{"a": [2], "b": [4]}',
    "my file_json": '{"a": [0.1, 0.5], "b": [0.2, 0.2]}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.savez(tmp_path / "wide.npz", p=np.full((2, 3), 0.25), other=np.ones(2), label=np.array([0, 1]))
    return write(tmp_path, **FILES)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("ce classes.csv", "classes.csv::a:c classes.csv::label"),
        ("ce classes.json", "classes.json::a:c classes.json::label"),
        ("ce rows.json", "rows.json::a:b rows.json::label"),
        ("ce last.csv", "last.csv::a:c last.csv::kind"),
        ("ce split.csv", "split.csv::a,b,c split.csv::label"),
        ("ce wide.npz", "wide.npz::p wide.npz::label"),
        ("ce numbered.csv", "input=numbered.csv::prob_0:prob_1"),
        ("cosine_embedding pairs.csv", "pairs.csv::u0:u1 pairs.csv::v0:v1 pairs.csv::sign"),
        ("cosine_similarity names.csv", "names.csv::score names.csv::truth"),
        ("cosine_similarity pairs.csv", "pairs.csv::u0:u1 pairs.csv::v0:v1"),
        ("gaussian_nll last.csv var=last.csv::b", "input=last.csv::a target=last.csv::c var=last.csv::b"),
        ("mse names.csv", "names.csv::score names.csv::truth"),
        ("mse log.json", "log.json::a log.json::b"),
        ("mse twice.csv", "input=twice.csv::0"),
        ("mse two.csv", "input=two.csv::pred"),
        ("mse - < two.csv", "input=-::pred"),
        ("ce - < classes.json", "-::a:c -::label"),
    ],
)
def test_advice_about_one_file(words: str, advice: str, folder: Path) -> None:
    command, _, stdin = words.partition(" < ")
    content = (folder / stdin).read_bytes() if stdin else b""
    said = losscli("compute", *command.split(), stdin=content, at=folder).err
    cure = said.splitlines()[1]
    assert cure.endswith(f" {advice}"), said
    _, is_command, followed = cure.partition("losscli ")
    again = shlex.split(followed) if is_command else ["compute", *command.split(), advice]
    succeeds(*again, stdin=content, at=folder)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("words.csv", "words.csv::score:target"),
        ("back.csv", "back.csv::score"),
        ("nameless.csv", "nameless.csv::2"),
        ("classes.json", "classes.json::a"),
        ("my file.json", "'my file.json::a'"),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_advice_about_a_selector(source: str, advice: str, piped: bool, folder: Path) -> None:
    content = (folder / source).read_bytes()
    source, advice = ("-", f"-::{advice.strip(chr(39)).partition('::')[2]}") if piped else (source, advice)
    said = fails(3, "compute", "mse", source, source, stdin=content, at=folder)
    assert f": {advice}" in said
    selected = shlex.split(advice)
    succeeds("compute", "mse", *selected, *selected, stdin=content, at=folder)


def test_advice_keeps_the_loss_as_it_is_written(folder: Path) -> None:
    """For its name may bring a convention."""
    name = "keras.losses.SparseCategoricalCrossentropy"
    said = fails(3, "compute", name, "classes.csv", at=folder)
    assert f"losscli compute {name} classes.csv::a:c classes.csv::label\n" in said


def test_advice_that_cannot_be_whole(folder: Path) -> None:
    """What no file holds is named as a role, and not as a column that is not there."""
    write(folder, a_json='{"p": [1, 2]}', b_json='{"meta": {"n": 3}}')
    assert "losscli compute mse a.json::p TARGET\n" in fails(2, "compute", "mse", "a.json", at=folder)
    assert "losscli compute mse INPUT TARGET\n" in fails(2, "compute", "mse", "b.json", at=folder)


def test_a_key_without_a_name(folder: Path) -> None:
    write(folder, a_csv=",p\n7,1\n8,2\n", b_csv=",p\n8,2\n7,3\n")
    for key in ("", " "):
        rows = succeeds("compute", "mse", "a.csv", "b.csv", "--key", key, "-f", "csv", at=folder).out.splitlines()
        assert [row.split(",")[:2] for row in rows] == [["index", "id"], ["0", "7"], ["1", "8"]]


def test_advice_about_shards(folder: Path) -> None:
    said = fails(3, "compute", "mse", "s-*.json::a", "s-*.json", at=folder)
    assert said == (
        "error: s-*.json: 2 arrays, and no selector says which is meant\n  select one: 's-*.json::a', 's-*.json::b'\n"
    )
    assert succeeds("compute", "mse", "s-*.json::a", "s-*.json::b", "-b", at=folder).number == 4


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("more.csv", ": ids.csv lacks 3\n  give each id a row in both files\n"),
        ("others.csv", "\n  choose columns: ids.csv::p others.csv::t\n"),
    ],
)
def test_advice_about_ids_that_differ(second: str, said: str, folder: Path) -> None:
    """--key is no cure for rows that are not there, nor are columns one for lengths that differ."""
    assert fails(3, "compute", "mse", "ids.csv", second, at=folder).endswith(f"its values differ{said}")


def test_advice_about_a_column_does_not_name_one_of_words(folder: Path) -> None:
    write(folder, answers_csv="student,answer\nAnn,1\nBob,x\n", percent_csv="student,answer\nAnn,1\nBob,48.78%\n")
    said = fails(3, "verify", "mse", "1", "2", "--claim", "answers.csv::answer", at=folder)
    assert "'x' is not a number\n" in said
    assert "student" not in said
    said = fails(3, "verify", "mse", "1", "2", "--claim", "percent.csv::answer", at=folder)
    assert "'48.78%' has a % sign\n  write the number without it" in said
    assert "student" not in said


@pytest.mark.parametrize("word", ["1;2", "1 2"])
def test_advice_about_a_word_is_not_that_about_a_cell(word: str, folder: Path) -> None:
    assert "delimiter" not in fails(3, "compute", "mse", word, "1", at=folder)


@pytest.mark.parametrize("words", ["two.csv --delimiter ;", "two.tsv"])
def test_advice_about_the_delimiter(words: str, folder: Path) -> None:
    write(folder, two_tsv=FILES["two_csv"].replace("yhat", "other"), two_csv=FILES["two_csv"].replace("yhat", "other"))
    said = fails(3, "compute", "mse", *words.split(), at=folder)
    assert said.endswith("if ',' separates the columns, give --delimiter ,\n")
    succeeds("compute", "mse", words.split()[0], *shlex.split(said)[-2:], at=folder)


@pytest.mark.parametrize("source", ["train.log", "train.txt", "train.log::loss"])
def test_a_log_that_is_claimed(source: str, folder: Path) -> None:
    write(folder, train_log="epoch 1 loss=0.5\n", train_txt="epoch 1 loss=0.5\n")
    said = fails(3, "verify", "mse", "1", "0", "--claim", source, at=folder)
    pattern = shlex.split(said.splitlines()[1])[-1]
    assert losscli("verify", "mse", "1", "0", "--claim", pattern, at=folder).code == 1
    assert "log" not in fails(3, "verify", "mse", "1", "0", "--claim", "names.csv", at=folder)


def test_a_folder_that_is_not_there_has_a_cure(folder: Path) -> None:
    assert "\n  a SOURCE is a path" in fails(3, "compute", "mse", "https://x/y.csv", "1", at=folder)


def test_a_null_has_a_cure(folder: Path) -> None:
    write(folder, n_json='{"p": [1, null]}')
    said = fails(3, "compute", "mse", "n.json", "[1, 2]", at=folder)
    assert said == "error: n.json::p[1]: null where a number must stand\n  write a number there, or leave its row out\n"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("compute mse two.csv input=two.csv::pred", "yhat"),
        ("compute mse twice.csv input=twice.csv::0", "input"),
        ("verify mse two.csv input=two.csv::pred --claim-per-sample two.csv::yhat", ""),
        ("compute mse run.json --by run.json::split.kind", "epochs"),
        ("compute mse run.npz --l2 1 --params run.npz::w.npy", "b"),
        ("compute mse run.npz --l2 1 --params run.npz", ""),
    ],
)
def test_what_another_source_selects_is_used(words: str, left: str, folder: Path) -> None:
    write(folder, run_json='{"input": [1, 2], "target": [3, 4], "epochs": 9, "split": {"kind": [0, 1]}}')
    ones = np.ones(2)
    np.savez(folder / "run.npz", input=ones, target=ones, w=ones, b=ones)
    notes = [line for line in losscli(*words.split(), at=folder).err.splitlines() if "not used" in line]
    assert notes == ([f"note: {words.split()[2]}: {left} not used"] if left else [])


@pytest.mark.parametrize(
    "words",
    [
        ("compute", "mse", "", "1"),
        ("compute", "mse", "1", "target="),
        ("compute", "mse", "1", "1", "--sample-weight", ""),
        ("verify", "mse", "1", "1", "--claim", ""),
        ("verify", "mse", "1", "1", "--claim", " "),
        ("verify", "mse", "1", "1", "--claim-per-sample", ""),
        ("verify", "mse", "1", "1", "--claim-gradient", "input="),
    ],
)
def test_an_empty_source_is_called_so(words: tuple[str, ...], folder: Path) -> None:
    write(folder, _e2="1")
    said = fails(3, *words, at=folder)
    assert said.startswith("error: a SOURCE is empty\n")
    assert said.count("error: ") == 1


@pytest.mark.parametrize("claim", ["::a", "::/x=(.)/"])
def test_a_selector_of_nothing(claim: str, folder: Path) -> None:
    assert "no file before the selector" in fails(3, "verify", "mse", "1", "1", "--claim", claim, at=folder)
