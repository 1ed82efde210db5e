"""The categorical hinge loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.categorical_hinge import of_labels, of_rows

CLASSES = 5


def scored(seed: int) -> Array:
    random = np.random.default_rng(seed)
    return np.concatenate([random.normal(0, 2, (20, CLASSES)), spread(random, (20, CLASSES), -150, 150)])


def test_accuracy_on_labels() -> None:
    target = np.random.default_rng(50).integers(0, CLASSES, 40)
    assert_accurate("categorical_hinge", of_labels, {"input": scored(51), "target": target})


def test_accuracy_on_one_hot_rows() -> None:
    """Values; the slope in a target of 1 has a kink where another class ties with the true one's 0."""
    target = np.eye(CLASSES)[np.random.default_rng(52).integers(0, CLASSES, 40)]
    assert_accurate("categorical_hinge", of_rows, {"input": scored(53), "target": target}, gradients=False)


def test_accuracy_on_shares() -> None:
    target = np.random.default_rng(54).dirichlet(np.ones(CLASSES), 40)
    assert_accurate("categorical_hinge", of_rows, {"input": scored(55), "target": target}, gradients=False)
    ordinary = {"input": scored(55)[:20], "target": target[:20]}
    assert_accurate("categorical_hinge", of_rows, ordinary)


def test_the_true_class_takes_part_with_a_0() -> None:
    """Keras 3.15: both others are below 0, so the loss is 1 - 0.5 + 0. Crammer and Singer's would be 0."""
    assert losscli.compute("categorical_hinge", [[0.5, -3.0, -2.0]], [0]).value == 0.5


def test_slopes_at_ties_are_those_of_amax_and_maximum() -> None:
    """Recorded from Keras 3 on PyTorch: ties share evenly; half passes where the margin is just met."""
    rows = [[0.0, 2.0, 2.0], [2.0, 1.0, 0.0]]
    ours = losscli.compute("categorical_hinge", rows, [0, 0], reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"].tolist() == [[-1.0, 0.5, 0.5], [-0.5, 0.5, 0.0]]


def test_labels_and_one_hot_rows_agree() -> None:
    input, target = scored(56)[:20], np.random.default_rng(57).integers(0, CLASSES, 20)
    labels, rows = (
        losscli.compute("categorical_hinge", input, truth, reduction="none", gradients=True)
        for truth in (target, np.eye(CLASSES)[target])
    )
    assert labels.gradients is not None
    assert rows.gradients is not None
    assert labels.value.tolist() == rows.value.tolist()
    assert np.array_equal(labels.gradients["input"], rows.gradients["input"])


def test_keras_divides_a_weighted_mean_by_the_count() -> None:
    """By hand: losses 1 and 1 (no score at all), weights 1 and 3."""
    inputs = ([[0.0, 0.0], [0.0, 0.0]], [0, 1])
    keras = losscli.compute("categorical_hinge", *inputs, convention="keras", sample_weight=[1.0, 3.0])
    ours = losscli.compute("categorical_hinge", *inputs, sample_weight=[1.0, 3.0])
    assert (keras.value, ours.value) == (2.0, 1.0)


def test_labels_of_minus_1_are_an_error() -> None:
    with pytest.raises(losscli.LossError, match="target is -1, and must be from 0 to 1"):
        losscli.compute("categorical_hinge", [[0.0, 1.0]], [[-1.0, 1.0]])
