"""The multi-label margin loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.multilabel_margin import multilabel_margin

CLASSES = 5


def label_rows(random: np.random.Generator, rows: int) -> Array:
    """Some classes in any order, then -1, and after it anything."""
    labels = random.permuted(np.tile(np.arange(CLASSES), (rows, 1)), axis=1)
    labels[np.arange(rows), random.integers(0, CLASSES, rows)] = -1
    return labels


def test_accuracy() -> None:
    random = np.random.default_rng(45)
    input = np.concatenate([random.normal(size=(20, CLASSES)), spread(random, (20, CLASSES), -150, 150)])
    assert_accurate("multilabel_margin", multilabel_margin, {"input": input, "target": label_rows(random, 40)})


def test_accuracy_of_many_classes() -> None:
    random = np.random.default_rng(46)
    target = random.permuted(np.tile(np.arange(60), (3, 1)), axis=1)
    target[:, 30] = -1
    inputs = {"input": random.normal(0, 5, (3, 60)), "target": target}
    assert_accurate("multilabel_margin", multilabel_margin, inputs, gradients=False)


def test_pytorchs_documented_example() -> None:
    """Its documentation: 0.25 · ((1 - (0.1 - 0.2)) + (1 - (0.1 - 0.4)) + (1 - (0.8 - 0.2)) + (1 - (0.8 - 0.4)))."""
    ours = losscli.compute("multilabel_margin", [[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]])
    assert ours.value == pytest.approx(0.85, rel=1e-15)


def test_a_row_without_labels_costs_nothing() -> None:
    ours = losscli.compute("multilabel_margin", [[5.0, -5.0]], [[-1, 0]], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_a_class_named_twice_counts_twice_and_is_told() -> None:
    """As in PyTorch, which goes through the places of the row. By hand: twice 1 - 0 + 0 over 2."""
    ours = losscli.compute("multilabel_margin", [[0.0, 0.0]], [[1, 1]], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (1.0, [[1.0, -1.0]])
    assert any("twice" in warning for warning in ours.warnings)


def test_a_lead_of_just_1_is_enough() -> None:
    ours = losscli.compute("multilabel_margin", [[1.0, 0.0]], [[0, -1]], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_a_single_sample() -> None:
    assert losscli.compute("multilabel_margin", [0.0, 0.0], [1, -1]).value == 0.5


@pytest.mark.parametrize("label", [2, -2])
def test_a_label_out_of_range_is_an_error(label: int) -> None:
    with pytest.raises(losscli.LossError, match="-1 ends them"):
        losscli.compute("multilabel_margin", [[0.0, 1.0]], [[label, -1]])


def test_labels_need_a_row() -> None:
    with pytest.raises(losscli.LossError, match="wants target of shape"):
        losscli.compute("multilabel_margin", [[0.0, 1.0], [1.0, 0.0]], [0, 1])
