"""Files whose rows, columns or labels were paired by their places, where keys and names pair them here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.checks.claims import Tolerances, written
from losscli.losses.catalogue import find
from losscli.reading.options import ReadOptions
from losscli.request.request import from_sources
from losscli.schema.settings import Settings
from losscli.verify.judge import judge

Rows = list[list[Any]]


def file(folder: Path, name: str, header: str, rows: Rows) -> None:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def named(folder: Path, loss: str, claim: float, **settings: Any) -> list[str]:
    reading = ReadOptions(base=folder)
    request = from_sources(find(loss), ["p.csv", "t.csv"], {}, Settings(**settings), reading)
    verified = judge(request, [written(f"{claim:.12g}", "value")], Tolerances())
    assert verified.verdict == "refuted"
    return [name for each in verified.explanations for name in (each.mistake, *each.alternatives)]


def nll(scores: Any, columns: Any) -> float:
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(scores)), columns].mean())


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(7)


def test_rows_paired_by_place(tmp_path: Path, draw: np.random.Generator) -> None:
    p, t = draw.normal(size=(2, 20)).round(3)
    order = draw.permutation(20)
    file(tmp_path, "p.csv", "id,pred", [[100 + i, p[i]] for i in range(20)])
    file(tmp_path, "t.csv", "id,target", [[100 + i, t[i]] for i in order])
    assert "rows_paired_by_place" in named(tmp_path, "mse", float(((p - t[order]) ** 2).mean()))


def test_columns_paired_by_place(tmp_path: Path, draw: np.random.Generator) -> None:
    p, t = draw.normal(size=(2, 20, 3)).round(3)
    file(tmp_path, "p.csv", "a,b,c", p.tolist())
    file(tmp_path, "t.csv", "c,a,b", t[:, [2, 0, 1]].tolist())
    assert "columns_paired_by_place" in named(tmp_path, "mse", float(((p - t[:, [2, 0, 1]]) ** 2).mean()))


def test_labels_taken_for_places(tmp_path: Path, draw: np.random.Generator) -> None:
    scores, labels = draw.normal(size=(40, 3)).round(3), draw.integers(0, 3, 40)
    file(tmp_path, "p.csv", "p_2,p_0,p_1", scores.tolist())
    file(tmp_path, "t.csv", "label", [[label] for label in labels])
    claim = nll(scores, labels)
    assert "labels_taken_for_places" in named(tmp_path, "cross_entropy", claim, classes=("2", "0", "1"))


WORDS = ["cat", "ant", "dog", "bee", "eel"]


def test_classes_sorted_by_name(tmp_path: Path, draw: np.random.Generator) -> None:
    """LabelEncoder numbers the classes in the order of the alphabet."""
    scores, labels = draw.normal(size=(40, 5)).round(3), draw.integers(0, 5, 40)
    file(tmp_path, "p.csv", ",".join(WORDS), scores.tolist())
    file(tmp_path, "t.csv", "label", [[WORDS[label]] for label in labels])
    ranks = [sorted(WORDS).index(WORDS[label]) for label in labels]
    assert "classes_sorted_by_name" in named(tmp_path, "cross_entropy", nll(scores, ranks))


def test_classes_as_they_appear(tmp_path: Path, draw: np.random.Generator) -> None:
    """pandas.factorize numbers the classes in the order of the column."""
    scores = draw.normal(size=(40, 5)).round(3)
    labels = np.array([3, 1, 4, 0, 2, *draw.integers(0, 5, 35)])
    file(tmp_path, "p.csv", ",".join(WORDS), scores.tolist())
    file(tmp_path, "t.csv", "label", [[WORDS[label]] for label in labels])
    seen = list(dict.fromkeys(labels.tolist()))
    claim = nll(scores, [seen.index(label) for label in labels.tolist()])
    assert "classes_as_they_appear" in named(tmp_path, "cross_entropy", claim)


@pytest.mark.parametrize("ignored", [False, True])
def test_columns_in_another_order_by_the_losses_of_samples(draw: np.random.Generator, ignored: bool) -> None:
    """Of a loss that has no table of all labels, and of one where some samples are ignored: an order of any classes."""
    scores, labels, order = draw.normal(size=(60, 8)), draw.integers(0, 8, 60), np.array([3, 0, 7, 2, 1, 6, 4, 5])
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    kept = np.arange(60) % 4 != 0 if ignored else np.ones(60, dtype=bool)
    if ignored:
        claim = -np.log(p[np.arange(60), order[labels]]) * kept
        target = np.where(kept, labels, -100)
        verified = losscli.verify("cross_entropy", scores, target, claim_per_sample=claim)
    else:
        claim = ((p - np.eye(8)[order[labels]]) ** 2).sum(axis=1)
        verified = losscli.verify("brier", p, labels, claim_per_sample=claim)
    assert [each.mistake for each in verified.explanations] == ["classes_in_other_order"]
    assert "0→3, 1→0, 2→7" in verified.explanations[0].text
