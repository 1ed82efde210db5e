"""The Brier score."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.brier import of_labels, of_rows


def probabilities(random: np.random.Generator, classes: int) -> Array:
    return np.concatenate(
        [
            random.dirichlet(np.ones(classes), 12),
            10.0 ** random.uniform(-100, 0, (6, classes)),
            1.0 - 10.0 ** random.uniform(-16, -1, (6, classes)),
        ]
    )


def test_accuracy_on_labels() -> None:
    random = np.random.default_rng(67)
    inputs = {"input": probabilities(random, 4), "target": random.integers(0, 4, 24)}
    assert_accurate("brier", of_labels, inputs)


def test_accuracy_on_shares() -> None:
    random = np.random.default_rng(68)
    inputs = {"input": probabilities(random, 3), "target": random.dirichlet(np.ones(3), 24)}
    assert_accurate("brier", of_rows, inputs)


def test_accuracy_of_a_single_column() -> None:
    """2 (p - t)² over the two classes, halved."""
    random = np.random.default_rng(69)
    inputs = {"input": probabilities(random, 1), "target": np.rint(random.random((24, 1)))}
    assert_accurate("brier", of_rows, inputs)


@pytest.mark.parametrize(("half", "two", "three"), [("auto", 0.25, 0.5), ("true", 0.25, 0.25), ("false", 0.5, 0.5)])
def test_who_is_halved(half: str, two: float, three: float) -> None:
    """By hand: errors of 1/2 twice, with two classes and with three."""
    assert losscli.compute("brier", [[0.5, 0.5]], [0], scale_by_half=half).value == two
    assert losscli.compute("brier", [[0.5, 0.5, 0.0]], [0], scale_by_half=half).value == three


def test_two_classes_are_one_probability() -> None:
    chance = np.random.default_rng(70).random(9)
    truth = np.array([0, 1, 1, 0, 1, 0, 0, 1, 1])
    rows = losscli.compute("brier", np.stack([1.0 - chance, chance], axis=1), truth).value
    column = losscli.compute("brier", chance[:, None], truth[:, None].astype(float)).value
    assert rows == pytest.approx(column, rel=1e-14)
    assert column == losscli.compute("mse", chance, truth.astype(float)).value


def test_a_flat_list_of_probabilities_is_told_to_be_one_sample() -> None:
    ours = losscli.compute("brier", [0.1, 0.9, 0.8], [0.25, 1.0, 1.0])
    assert any("(N, 1)" in warning for warning in ours.warnings)


def test_scale_by_half_is_a_word() -> None:
    with pytest.raises(losscli.LossError, match="scale_by_half must be auto, true or false"):
        losscli.compute("brier", [[0.5, 0.5]], [0], scale_by_half="maybe")


def test_vectors_are_binary_under_sklearn() -> None:
    """sklearn.metrics.brier_score_loss is the mean of (p - y)² there; elsewhere it is an error that names mse."""
    chances, labels = [0.2, 0.7, 0.9, 0.4, 0.6], [0, 1, 1, 0, 1]
    by_hand = np.mean((np.array(chances) - labels) ** 2)
    for name, convention in (("sklearn.metrics.brier_score_loss", None), ("brier", "sklearn")):
        found = losscli.compute(name, chances, labels, convention=convention)
        assert found.value == pytest.approx(by_hand, rel=1e-15)
    with pytest.raises(losscli.LossError, match="use mse"):
        losscli.compute("brier", chances, labels)
