"""Cross-entropy on probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

import losscli
from tests.losses.reference import assert_accurate, ulps_off
from tests.references._formulas import Array, Number
from tests.references.log_loss import of_labels, of_shares

CLASSES = 4
LOG2 = 0.6931471805599453


def probabilities(random: np.random.Generator) -> Array:
    """Rows that sum to one as well as floats do, and rows with tiny and certain entries."""
    return np.concatenate(
        [
            random.dirichlet(np.ones(CLASSES), 12),
            10.0 ** random.uniform(-320, 0, (6, CLASSES)),
            1.0 - 10.0 ** random.uniform(-15, -1, (6, CLASSES)),
        ]
    )


def test_accuracy_on_labels() -> None:
    random = np.random.default_rng(17)
    input = probabilities(random)
    assert_accurate("log_loss", of_labels, {"input": input, "target": random.integers(0, CLASSES, len(input))})


def test_accuracy_on_shares() -> None:
    random = np.random.default_rng(18)
    input = probabilities(random)
    target = random.dirichlet(np.ones(CLASSES), len(input))
    target[::4] = np.eye(CLASSES)[random.integers(0, CLASSES, len(target[::4]))]
    assert_accurate("log_loss", of_shares, {"input": input, "target": target})


def test_a_probability_of_0() -> None:
    """Infinite where it was the truth, nothing elsewhere: no clipping, as in scikit-learn since 1.5."""
    ours = losscli.compute("log_loss", [[0.0, 1.0], [0.0, 1.0]], [0, 1], reduction="none", gradients=True)
    assert ours.gradients is not None
    assert ours.value.tolist() == [np.inf, 0.0]
    assert ours.gradients["input"].tolist() == [[-np.inf, 0.0], [0.0, -1.0]]


def test_a_share_of_0_of_a_probability_of_0_adds_0() -> None:
    ours = losscli.compute("log_loss", [[0.0, 1.0]], [[0.0, 1.0]], gradients=True)
    assert ours.gradients is not None
    assert ours.value == 0.0
    assert ours.gradients["input"].tolist() == [[0.0, -1.0]]


@pytest.mark.parametrize("smoothing", [1e-9, 0.1, 1.0])
def test_accuracy_with_label_smoothing(smoothing: float) -> None:
    def smoothed(input: list[Number], target: int, label_smoothing: Number) -> Number:
        truth = [(1 - label_smoothing) * (c == target) + label_smoothing / CLASSES for c in range(CLASSES)]
        return of_shares(input, truth)

    random = np.random.default_rng(73)
    input = probabilities(random)
    inputs = {"input": input, "target": random.integers(0, CLASSES, len(input))}
    assert_accurate("log_loss", smoothed, inputs, label_smoothing=smoothing)


def test_keras_divides_rows_by_their_sums() -> None:
    """By hand: 1/4 of the row; its slope is that of log Σ p - log p_y."""
    ours = losscli.compute("log_loss", [[0.125, 0.125, 0.25]], [0], convention="keras", gradients=True)
    assert ours.gradients is not None
    assert ours.value == np.log(4.0)
    assert ours.gradients["input"].tolist() == [[2.0 - 8.0, 2.0, 2.0]]


def test_keras_divides_rows_by_their_sums_for_shares_too() -> None:
    """Labels and one-hot rows say the same, and so do their slopes."""
    random = np.random.default_rng(74)
    input, target = random.random((9, CLASSES)), random.integers(0, CLASSES, 9)
    labels, rows = (
        losscli.compute("log_loss", input, truth, convention="keras", gradients=True)
        for truth in (target, np.eye(CLASSES)[target])
    )
    assert labels.gradients is not None
    assert rows.gradients is not None
    assert labels.value == rows.value
    np.testing.assert_allclose(labels.gradients["input"], rows.gradients["input"], rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(
    ("convention", "dtype", "ceiling"),
    [
        ("keras", "float64", 16.118095650958319),  # -log(1e-7), as every number here mpmath's
        ("keras", "float32", 16.118095650958319),
        ("sklearn", "float64", 36.04365338911715),  # -log(2^-52)
        ("sklearn", "float32", 15.942385152878742),  # -log(2^-23)
        ("sklearn", "float16", 6.931471805599453),  # -log(2^-10)
        ("sklearn", "int64", 36.04365338911715),
    ],
)
def test_ceilings(convention: str, dtype: str, ceiling: float) -> None:
    """What a certain and wrong row costs, and that its slope is 0."""
    input = np.array([[0, 1]], dtype=dtype)
    ours = losscli.compute("log_loss", input, [0], convention=convention, gradients=True)
    assert ours.gradients is not None
    assert ours.value == ceiling
    assert not ours.gradients["input"].any()


def test_scikit_learn_clips_a_certain_and_right_row_too() -> None:
    """-log(1 - 2^-52), from mpmath, to the ulp that a CPU's logarithm may be off."""
    value = losscli.compute("log_loss", [[0.0, 1.0]], [1], convention="sklearn").value
    assert ulps_off(value, mp.mpf("2.2204460492503133e-16")) <= 1.0


def test_keras_divides_a_weighted_mean_by_the_count() -> None:
    """By hand: log 2 and log 4, weighted 1 and 3: 7 log 2, over 2 samples, elsewhere over 4."""
    inputs = ([[0.5, 0.5], [0.25, 0.75]], [0, 0])
    found = {
        name: losscli.compute("log_loss", *inputs, convention=name, sample_weight=[1.0, 3.0]).value
        for name in ("torch", "keras", "sklearn")
    }
    assert found == pytest.approx({"torch": 1.75 * LOG2, "keras": 3.5 * LOG2, "sklearn": 1.75 * LOG2}, rel=1e-15)


def test_raw_scores_are_an_error() -> None:
    with pytest.raises(losscli.LossError, match=r"input\[0, 1\]: input is 3, and must be from 0 to 1"):
        losscli.compute("log_loss", [[0.5, 3.0]], [0])
