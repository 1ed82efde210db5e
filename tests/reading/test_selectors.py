"""Selectors: rows by index and by key, patterns of columns, paths across records."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from losscli.reading.sources import ReadOptions, read_inputs, read_number
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.helpers import read, refusal, whole

METRICS = "epoch,step,train_loss,val_loss\n0,10,0.5,\n0,20,,0.7\n1,30,0.4,\n1,40,,0.6\n"
TABLE = "question,prob_0,prob_1,prob_10,prob_2,y\nq 0,.1,.2,.3,0,0\nq 1,.1,.2,.3,.1,1\nq 2,.1,.2,.3,.25,2\n"
STATE = {
    "best_metric": 0.65,
    "log_history": [
        {"loss": 0.9, "epoch": 1.0, "step": 5},
        {"eval_loss": 0.8, "epoch": 1.0, "step": 5, "parts": [1, 2]},
        {"loss": 0.7, "epoch": 2.0, "step": 10},
        {"eval_loss": 0.65, "epoch": 2.0, "step": 10, "parts": [3, 4]},
        {"train_runtime": 3.5, "epoch": 2.0, "step": 10},
    ],
}
KERAS = {"loss": [1, 0.5, 0.25], "val_loss": [2, 1.5, 1.25], "epoch": [0, 1, 2]}
EVALS = {"train": {"logloss": [0.6, 0.4]}, "valid": {"logloss": [0.7, 0.5], "auc": [0.6, 0.8]}}  # XGBoost, LightGBM
DVC = {"train": {"loss": 0.25}, "eval": {"log_loss": 0.5}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "metrics.csv").write_text(METRICS)
    (tmp_path / "t.csv").write_text(TABLE)
    (tmp_path / "csvlogger.csv").write_text("epoch,loss,val_loss\n0,1,2\n1,0.5,1.5\n")
    for name, document in (("trainer_state", STATE), ("history", KERAS), ("evals", EVALS), ("metrics", DVC)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    np.savez(tmp_path / "a.npz", a=np.array([1.5, 2.5, 3.5]), w=np.arange(6.0).reshape(3, 2), p_1=[1, 2], p_0=[3, 4])
    (tmp_path / "wandb-summary.json").write_text('{"val/loss": 0.5, "eval.acc": 0.75, "_step": 9}')
    (tmp_path / "wandb-history.jsonl").write_text('{"_step": 0, "val/loss": 0.5}\n{"_step": 1, "train/loss": 2}\n')
    return tmp_path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("metrics.csv::val_loss.-1", 0.6),
        ("metrics.csv::val_loss.-2", 0.7),
        ("metrics.csv::val_loss.1", 0.7),
        ("metrics.csv::3.-1", 0.6),
        ("metrics.csv::val_loss[epoch=1]", 0.6),
        ("metrics.csv::val_loss[epoch=1.0]", 0.6),
        ("t.csv::y[question=q 1]", 1),
        ("t.csv::prob_*[question=q 2]", [0.1, 0.2, 0.25, 0.3]),
        ("t.csv::prob_0,y.-1", [0.1, 2]),
        ("t.csv::prob_*", [[0.1, 0.2, 0, 0.3], [0.1, 0.2, 0.1, 0.3], [0.1, 0.2, 0.25, 0.3]]),
        ("t.csv::y,prob_1*", [[0, 0.2, 0.3], [1, 0.2, 0.3], [2, 0.2, 0.3]]),
        ("csvlogger.csv::val_loss.-1", 1.5),
        ("csvlogger.csv::val_loss[epoch=0]", 2),
        ("a.npz::a.-1", 3.5),
        ("a.npz::w.1", [2, 3]),
        ("a.npz::p_*", [[3, 1], [4, 2]]),
        ("trainer_state.json::best_metric", 0.65),
        ("trainer_state.json::log_history.eval_loss.-1", 0.65),
        ("trainer_state.json::log_history.eval_loss.-2", 0.8),
        ("trainer_state.json::log_history.eval_loss.1", 0.8),
        ("trainer_state.json::log_history.eval_loss[epoch=1]", 0.8),
        ("trainer_state.json::log_history.1.eval_loss", 0.8),
        ("trainer_state.json::log_history.-2.eval_loss", 0.65),
        ("trainer_state.json::log_history[eval_loss=0.8].step", 5),
        ("trainer_state.json::log_history.parts[epoch=2]", [3, 4]),
        ("history.json::val_loss.-1", 1.25),
        ("history.json::val_loss[epoch=1]", 1.5),
        ("history.json::*loss", [[1, 2], [0.5, 1.5], [0.25, 1.25]]),
        ("evals.json::valid.logloss.-1", 0.5),
        ("evals.json::valid.*", [[0.7, 0.6], [0.5, 0.8]]),
        ("metrics.json::eval.log_loss", 0.5),
        ("wandb-summary.json::val/loss", 0.5),
        ("wandb-summary.json::eval.acc", 0.75),
        ("wandb-history.jsonl::val/loss.-1", 0.5),
        ("wandb-history.jsonl::val/loss[_step=0]", 0.5),
    ],
)
def test_selected(folder: Path, source: str, expected: object) -> None:
    assert whole(read(folder, source)).tolist() == expected


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("metrics.csv::val_loss.0", "metrics.csv line 2, column val_loss: empty cell"),
        ("metrics.csv::val_loss.-3", "metrics.csv::val_loss: no row -3\nit has 2 rows with a value"),
        ("metrics.csv::val_loss.4", "metrics.csv::val_loss: no row 4\nit has 4 rows"),
        ("metrics.csv::val_los.-1", "metrics.csv: no column 'val_los', did you mean 'val_loss'?"),
        ("metrics.csv::step[epoch=1]", "metrics.csv: 2 rows with epoch = '1': 2, 3\nselect one by its index: metrics."),
        ("metrics.csv::val_loss[epoch=7]", "metrics.csv: no row with epoch = '7', the nearest: 0 and 1"),
        ("metrics.csv::val_loss[epok=1]", "metrics.csv: no column 'epok', did you mean 'epoch'?"),
        ("t.csv::y[question=q1]", "t.csv: no row with question = 'q1', did you mean 'q "),
        ("t.csv::pro_*", "t.csv: no column matches 'pro_*', did you mean 'prob_"),
        ("a.npz::a.3", "a.npz::a: no row 3\nit has 3 rows"),
        ("a.npz::p_2", "a.npz: no array 'p_2', did you mean 'p_"),
        ("trainer_state.json::log_history.eval_loss", "trainer_state.json::log_history[0]: no key 'eval_loss'"),
        ("trainer_state.json::log_history.eval_loss.-3", "trainer_state.json::log_history.eval_loss: no entry '-3'"),
        ("trainer_state.json::log_history.eval_loss.0", "trainer_state.json::log_history[0]: no key 'eval_loss'"),
        ("trainer_state.json::log_history.step[epoch=2]", "trainer_state.json: 3 rows with epoch = '2': 2, 3, 4"),
        ("trainer_state.json::log_history.loss[epoch=4]", "trainer_state.json: no row with epoch = '4', the nearest"),
        ("trainer_state.json::log_history.lss", "trainer_state.json::log_history: no key 'lss'"),
        ("history.json::val_loss[step=1]", "history.json::val_loss: no list 'step' of 3 entries beside it"),
    ],
)
def test_refused(folder: Path, source: str, said: str) -> None:
    assert refusal(folder, source).startswith(said)


def test_one_number(folder: Path) -> None:
    (folder / "one.csv").write_text("epoch,test_loss\n0,\n1,\n2,0.25\n")
    options = ReadOptions(base=folder)
    assert whole(read_number("one.csv::test_loss", options)).tolist() == 0.25
    assert whole(read_number("trainer_state.json::log_history.train_runtime", options)).tolist() == 3.5
    for source in ("metrics.csv::val_loss", "trainer_state.json::log_history.eval_loss"):
        with pytest.raises(DataFault, match=r"2 of . rows have a value, and one number is asked for") as caught:
            read_number(source, options)
        assert caught.value.cure == f"the last of them is {source}.-1"


def test_claims(folder: Path) -> None:
    assert losscli("verify", "mse", "[1]", "[0.5]", "--claim", "wandb-history.jsonl::val/loss", at=folder).code == 1
    ended = losscli("verify", "mse", "[1]", "[0.5]", "--claim", "history.json::val_loss", at=folder)
    assert ended.code == 3
    assert ended.err.endswith("claim one number, such as the last: history.json::val_loss.-1\n")


def test_names_that_hold_these_marks_win(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,a.-1,a[b=1],p_*,p_1,b,a.0\n1,2,3,4,5,6,7\n8,9,10,11,12,13,14\n")
    assert whole(read(tmp_path, "x.csv::a.-1")).tolist() == [2, 9]
    assert whole(read(tmp_path, "x.csv::a[b=1]")).tolist() == [3, 10]
    assert whole(read(tmp_path, "x.csv::p_*")).tolist() == [4, 11]
    assert whole(read(tmp_path, "x.csv::a.0")).tolist() == [7, 14]
    assert whole(read(tmp_path, "x.csv::a.1")).tolist() == 8
    (tmp_path / "y.csv::p_1.-1").write_text("1\n2\n")
    assert whole(read(tmp_path, "y.csv::p_1.-1")).tolist() == [1, 2]
    assert "did you mean 'a.0'" in refusal(tmp_path, "x.csv::c.0") or "no column" in refusal(tmp_path, "x.csv::c.0")


def test_shards(tmp_path: Path) -> None:
    (tmp_path / "m-1.csv").write_text("epoch,loss\n0,3\n1,\n")
    (tmp_path / "m-2.csv").write_text("epoch,loss\n2,2\n3,\n")
    assert whole(read(tmp_path, "m-*.csv::loss.-1")).tolist() == 2
    assert whole(read(tmp_path, "m-*.csv::loss[epoch=2]")).tolist() == 2


def test_a_number_beside_files_that_are_joined(tmp_path: Path) -> None:
    """One row of a file has no rows to be brought into an order."""
    (tmp_path / "x.csv").write_text("id,p,t\n1,2,0.5\n2,4,0.25\n")
    (tmp_path / "y.csv").write_text("id,y\n2,3\n1,1\n")
    options = ReadOptions(base=tmp_path)
    found = read_inputs(["x.csv::p", "y.csv::y"], ["input", "target"], extras={"t": "x.csv::t.-1"}, options=options)
    assert [whole(data).tolist() for data in found.roles.values()] == [[2, 4], [1, 3]]
    assert whole(found.extras["t"]).tolist() == 0.25


def test_cures_are_quoted_for_a_shell(tmp_path: Path) -> None:
    (tmp_path / "a b.csv").write_text("epoch,v\n1,2\n1,3\n")
    assert refusal(tmp_path, "a b.csv::v[epoch=1]").endswith("select one by its index: 'a b.csv::v.0'")


def test_names_in_patterns_are_no_patterns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("p[0],p[1],q\n1,2,3\n4,5,6\n")
    assert whole(read(tmp_path, "x.csv::p[*]")).tolist() == [[1, 2], [4, 5]]
