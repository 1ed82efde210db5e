"""`losscli inspect`: the right word for every array under samples/, and no warning about any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from losscli.suites.parse import read_suite
from losscli.suites.run import run_case
from tests.cli.helpers import SAMPLES, fails, losscli, succeeds, write

# By file, its arrays in order; a file of vectors holds what cannot be told from raw scores
KINDS = {
    "bce/pictures.npz": "probabilities probabilities",
    "bce/probabilities.csv": "row-numbers probabilities probabilities probabilities probabilities",
    "bce/tags.csv": "row-numbers labels labels labels labels",
    "bce_with_logits/logits.npy": "logits",
    "contrastive/pairs.csv": "row-numbers labels",
    "cosine_embedding/first.npy": "logits",
    "cosine_embedding/pairs.csv": "row-numbers labels labels labels",
    "cross_entropy/class-weights.csv": "row-numbers numbers",
    "cross_entropy/labels.csv": "row-numbers labels",
    "cross_entropy/logits.npy": "logits",
    "cross_entropy/logits-0.npy": "logits",
    "cross_entropy/logits-1.npy": "logits",
    "cross_entropy/pixel-labels.npy": "labels",
    "cross_entropy/pixel-logits.npy": "logits",
    "ctc/log-probs.npy": "log-probabilities",
    "dice/ink.npz": "probabilities labels",
    "focal/screening.csv": "row-numbers probabilities labels",
    "gaussian_nll/progress.csv": "row-numbers numbers numbers numbers",
    "hinge/machine.csv": "row-numbers numbers labels labels",
    "huber/run.yaml": "numbers numbers",
    "kl_div/distillation.npz": "log-probabilities probabilities log-probabilities",
    "l1/bmi.csv": "row-numbers numbers numbers numbers",
    "linear_cross_entropy/labels.csv": "row-numbers labels",
    "log_cosh/standardised.csv": "row-numbers numbers numbers",
    "log_loss/digits.csv": "row-numbers probabilities",
    "log_loss/iris.csv": "row-numbers probabilities probabilities probabilities",
    "log_loss/species.csv": "row-numbers words",
    "mape/area.csv": "row-numbers numbers numbers",
    "margin_ranking/duels.csv": "row-numbers numbers numbers labels",
    "mse/gym.csv": "row-numbers numbers numbers numbers",
    "mse/run.csv": "row-numbers numbers numbers",
    "msle/proline.csv": "row-numbers numbers numbers",
    "multi_margin/wine.csv": "row-numbers logits labels",
    "multilabel_margin/tags.csv": "row-numbers labels labels labels labels",
    "nll/wine.csv": "row-numbers log-probabilities labels",
    "poisson_nll/ink.csv": "row-numbers numbers numbers numbers",
    "quantile/interval.csv": "row-numbers numbers numbers numbers",
    "sce/noisy-labels.csv": "row-numbers labels",
    "sigmoid_focal/detections.npz": "logits one-hot",
    "soft_margin/scores.npy": "logits",
    "soft_margin/sides.npy": "labels",
    "triplet_margin/triplets.npz": "logits logits logits",
}
FILES = [path for path in sorted(SAMPLES.glob("*/*")) if path.suffix in (".csv", ".npy", ".npz")]
SUITES = sorted(SAMPLES.glob("*/case.yaml"))


@pytest.mark.parametrize("name", KINDS)
def test_the_right_word(name: str) -> None:
    rows = succeeds("inspect", name, "-f", "json").json["rows"]
    assert [row["looks_like"].replace(" ", "-") for row in rows] == KINDS[name].split()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_can_be_looked_at(path: Path) -> None:
    rows = succeeds("inspect", str(path), "-f", "json").json["rows"]
    assert rows
    for row in rows:
        assert set(row) == {"source", "shape", "dtype", "low", "high", "non_finite", "looks_like", "evidence"}
        assert row["evidence"]


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.parent.name)
def test_no_sample_brings_a_suspicion(path: Path) -> None:
    for case in read_suite(path, path.parent.name):
        outcome = run_case(case)
        if outcome.verified is not None:
            assert not [text for text in outcome.verified.warnings if text.endswith("?") or "should hold" in text]


def test_a_table_on_a_narrow_terminal() -> None:
    ended = losscli("inspect", "cross_entropy/labels.csv", terminal=True, env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "10 different integers" in ended.out


def test_csv_and_markdown() -> None:
    lines = succeeds("inspect", "cross_entropy/labels.csv::label", "-f", "csv").out.splitlines()
    assert lines[0] == "source,shape,dtype,low,high,non-finite,looks like,evidence"
    assert lines[1].startswith("cross_entropy/labels.csv::label,200,float64,0.0,9.0,0,labels,")
    assert "| labels |" in succeeds("inspect", "cross_entropy/labels.csv::label", "-f", "markdown").out


def test_literals_and_standard_input() -> None:
    assert succeeds("inspect", "[[0.5,0.5],[0.25,0.75]]", "-f", "json").json["rows"][0]["looks_like"] == "probabilities"
    assert succeeds("inspect", "-", "-f", "json", stdin=b"0\n1\n1\n0\n").json["rows"][0]["looks_like"] == "labels"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, ok_csv="a\n1\n")
    said = fails(3, "inspect", "missing.npy", "ok.csv", "absent.csv", at=tmp_path)
    assert "missing.npy" in said
    assert "absent.csv" in said


def test_a_column_without_a_name_beside_numbers_for_names(tmp_path: Path) -> None:
    write(tmp_path, p_csv=",0,1\n3,.25,.75\n5,.5,.5\n", q_csv=",a\n3,.25\n5,.5\n")
    rows = succeeds("inspect", "p.csv", "--header", "-f", "json", at=tmp_path).json["rows"]
    assert [(row["source"], row["high"]) for row in rows] == [("p.csv::", 5), ("p.csv::0", 0.5), ("p.csv::1", 0.75)]
    rows = succeeds("inspect", "q.csv", "-f", "json", at=tmp_path).json["rows"]
    assert [(row["source"], row["high"]) for row in rows] == [("q.csv::0", 5), ("q.csv::a", 0.5)]
