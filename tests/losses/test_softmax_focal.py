"""The focal loss on raw scores of several classes."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

import losscli
from tests.losses.reference import assert_accurate, worst_ulps
from tests.nasty.mixtures import scores
from tests.references._formulas import Array
from tests.references.softmax_focal import slope_terms, softmax_focal

CLASSES = 4
GAMMAS = [0.0, 0.5, 1.0, 2.0]
SQUARED_ULPS = 6.0  # with gamma = 2: see the loss's docstring


def labelled(seed: int) -> dict[str, Array]:
    """Scores whose powers are no subnormals, which have fewer digits."""
    random = np.random.default_rng(seed)
    input = scores(random, CLASSES)
    input = input[np.isfinite(input).all(axis=1) & (input[:, 0] < 200.0) | (input[:, 0] == input[:, 1])]
    return {"input": input, "target": random.integers(0, CLASSES, len(input))}


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0])
def test_accuracy_on_labels(gamma: float) -> None:
    assert_accurate("softmax_focal", softmax_focal, labelled(61), gamma=gamma)


def test_accuracy_of_squares() -> None:
    worst = worst_ulps("softmax_focal", softmax_focal, labelled(61), gamma=2.0)
    assert max(worst.values()) <= SQUARED_ULPS


@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_accuracy_on_shares(gamma: float) -> None:
    inputs = labelled(62)
    inputs["target"] = np.random.default_rng(63).dirichlet(np.ones(CLASSES), len(inputs["input"]))
    assert_accurate("softmax_focal", softmax_focal, inputs, terms={"input": slope_terms}, gamma=gamma)


def test_accuracy_with_class_weights() -> None:
    alpha = np.random.default_rng(64).uniform(0.1, 9, CLASSES)
    assert_accurate("softmax_focal", softmax_focal, labelled(65), gamma=1.0, alpha=alpha)


def test_a_large_gamma_loses_no_more_than_its_power_says() -> None:
    """Half an ulp of 1 - p, and a few more, times gamma: here within 5e-15 of mpmath's number."""
    ours = losscli.compute("softmax_focal", [[1.0, 0.5, -2.0]], [0], gamma=20.0).value
    with mp.workdps(40):
        true = softmax_focal([mp.mpf(1), mp.mpf("0.5"), mp.mpf(-2)], 0, mp.mpf(20))
    assert ours == pytest.approx(float(true), rel=5e-15)


def test_certain_and_right_costs_nothing() -> None:
    for gamma in GAMMAS:
        ours = losscli.compute("softmax_focal", [[2000.0, 0.0]], [0], gamma=gamma, gradients=True)
        assert ours.gradients is not None
        assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_certain_and_wrong_costs_as_cross_entropy() -> None:
    """1 - p is 1."""
    ours = losscli.compute("softmax_focal", [[2000.0, 0.0]], [1], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (2000.0, [[1.0, -1.0]])


def test_an_impossible_class() -> None:
    assert losscli.compute("softmax_focal", [[-np.inf, 0.0]], [0]).value == np.inf
    ours = losscli.compute("softmax_focal", [[-np.inf, 0.0]], [1], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_a_class_of_weight_0_counts_0() -> None:
    ours = losscli.compute("softmax_focal", [[-np.inf, 0.0, 0.0]], [0], alpha=[0.0, 1.0, 1.0], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0, 0.0]])


def test_the_mean_is_over_the_samples_whatever_alpha_is() -> None:
    input = [[0.0, 0.0], [0.0, 0.0]]
    weighted = losscli.compute("softmax_focal", input, [0, 1], alpha=[1.0, 3.0])
    plain = losscli.compute("softmax_focal", input, [0, 1])
    assert weighted.value == pytest.approx(2.0 * plain.value, rel=1e-15)


def test_keras_multiplies_every_class_and_clips() -> None:
    """By hand from its source: alpha is 0.25 for all, p is cut off at 1e-7; the loss is 0.25 (1 - 1e-7)² 16.1."""
    ours = losscli.compute("softmax_focal", [[-90.0, 0.0]], [0], convention="keras", gradients=True)
    assert ours.gradients is not None
    assert ours.value == pytest.approx(0.25 * (1.0 - 1e-7) ** 2 * 16.11809565095832, rel=1e-15)
    assert ours.gradients["input"].tolist() == [[0.0, 0.0]]
    ours = losscli.compute("softmax_focal", [[0.0, 0.0]], [0], convention="keras", alpha=[1.0, 1.0])
    assert ours.value == pytest.approx(np.log(2.0) / 4.0, rel=1e-15)


def test_a_negative_gamma_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="gamma must be 0 or greater"):
        losscli.compute("softmax_focal", [[0.0, 1.0]], [0], gamma=-1.0)
