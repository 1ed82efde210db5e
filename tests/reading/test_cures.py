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
    "pairs_csv": "x0,x1,y0,y1,sign\n1,2,3,4,1\n2,3,4,5,-1\n",
    "twice_csv": "input,input,target\n1,2,3\n2,3,4\n",
    "two_csv": "pred,yhat,target\n1,2,3\n2,3,4\n",
    "words_csv": "name,score,target\nann,1,2\nbob,2,3\n",
    "nameless_csv": ",score,\n7,1,2\n8,2,3\n",
    "classes_json": '{"a": [0.1, 0.5], "b": [0.2, 0.2], "c": [0.7, 0.3], "label": [0, 2]}',
    "rows_json": '[{"a": 0.1, "b": 0.9, "label": 0}, {"a": 0.5, "b": 0.5, "label": 1}]',
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
        ("cosine_embedding pairs.csv", "pairs.csv::x0:x1 pairs.csv::y0:y1 pairs.csv::sign"),
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
    arrays = {name: np.ones(2) for name in ("input", "target", "w", "b")}
    np.savez(folder / "run.npz", **arrays)  # type: ignore[arg-type]
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
