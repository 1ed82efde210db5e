"""scikit-learn's log_loss of a vector of probabilities and labels of 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from tests.cli.helpers import fails, succeeds

P, Y = np.array([0.9, 0.2, 0.65, 0.4]), np.array([1, 0, 1, 1])


def by_hand(weight: np.ndarray) -> float:
    """The mean as scikit-learn's documentation states it."""
    return float((weight * -(Y * np.log(P) + (1 - Y) * np.log(1 - P))).sum() / weight.sum())


@pytest.mark.parametrize("asked", [{"convention": "sklearn"}, {}])
def test_under_sklearn_it_is_binary(asked: dict[str, Any]) -> None:
    name = "log_loss" if asked else "sklearn.metrics.log_loss"
    found = losscli.compute(name, P, Y, gradients=True, **asked)
    assert found.value == pytest.approx(by_hand(np.ones(4)), rel=1e-15)
    assert found.gradients is not None
    np.testing.assert_allclose(found.gradients["input"], (P - Y) / (P * (1 - P)) / 4, rtol=1e-14)
    assert "binary" in found.notes[0]


def test_weights() -> None:
    weight = np.array([2.0, 0.5, 1.0, 3.0])
    found = losscli.compute("log_loss", P, Y, convention="sklearn", sample_weight=weight)
    assert found.value == pytest.approx(by_hand(weight), rel=1e-15)


def test_the_clip_is_that_of_the_stored_type() -> None:
    """-log of the machine epsilon: 2.2e-16, and in float32 1.2e-7."""
    for stored in (np.float64, np.float32):
        found = losscli.compute("log_loss", np.array([0.0, 0.5], stored), [1, 1], convention="sklearn")
        assert found.value == pytest.approx((-np.log(float(np.finfo(stored).eps)) + np.log(2.0)) / 2, rel=1e-15)


@pytest.mark.parametrize("convention", ["torch", "keras", "exact"])
def test_elsewhere_it_is_an_error_that_names_bce(convention: str) -> None:
    with pytest.raises(losscli.LossError, match="use bce") as caught:
        losscli.compute("log_loss", P, Y, convention=convention)
    assert 'convention="sklearn"' in str(caught.value)


@pytest.mark.parametrize("convention", ["torch", "keras"])
def test_one_sample_of_classes(convention: str) -> None:
    found = losscli.compute("log_loss", [0.1, 0.7, 0.2], [0, 1, 0], convention=convention)
    assert found.value == pytest.approx(-np.log(0.7), rel=1e-15)
    assert "one sample of 3 classes" in found.notes[0]


def test_under_sklearn_a_vector_that_sums_to_1_is_binary_too() -> None:
    """sklearn.metrics.log_loss([0, 1, 0], [0.1, 0.7, 0.2]) by hand: -(log 0.9 + log 0.7 + log 0.8) / 3."""
    found = losscli.compute("sklearn.metrics.log_loss", [0.1, 0.7, 0.2], [0, 1, 0])
    assert found.value == pytest.approx(-np.log([0.9, 0.7, 0.8]).mean(), rel=1e-15)


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("keras.losses.CategoricalCrossentropy", "keras"),
        ("tf.keras.losses.SparseCategoricalCrossentropy", "keras"),
        ("sklearn.metrics.log_loss", "sklearn"),
        ("log_loss", "torch"),
    ],
)
def test_a_name_brings_its_convention_for_rows_too(name: str, convention: str) -> None:
    rows, labels = [[0.2, 0.6], [0.5, 0.5]], [0, 1]
    found = losscli.compute(name, rows, labels)
    assert found.value == losscli.compute("log_loss", rows, labels, convention=convention).value


def test_a_distribution_stays_one() -> None:
    found = losscli.compute("log_loss", [0.1, 0.7, 0.2], [0.25, 0.5, 0.25])
    assert found.count == 1
    assert found.notes == ()


def test_on_the_command_line() -> None:
    words = ("log_loss", "[0.9,0.2,0.65,0.4]", "[1,0,1,1]")
    assert "use bce" in fails(3, "compute", *words)
    done = succeeds("compute", "sklearn.metrics.log_loss", *words[1:], "-b")
    assert float(done.out) == pytest.approx(by_hand(np.ones(4)), rel=1e-15)
