"""Generalized cross-entropy on probabilities."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.generalized_cross_entropy import generalized_cross_entropy

CLASSES = 4


def probabilities(seed: int) -> dict[str, Array]:
    """Ordinary ones, tiny ones and nearly certain ones."""
    random = np.random.default_rng(seed)
    input = np.concatenate(
        [
            random.dirichlet(np.ones(CLASSES), 12),
            10.0 ** random.uniform(-300, 0, (12, CLASSES)),
            1.0 - 10.0 ** random.uniform(-16, -1, (12, CLASSES)),
        ]
    )
    return {"input": input, "target": random.integers(0, CLASSES, len(input))}


@pytest.mark.parametrize("q", [0.7, 0.5, 1.0, 1e-3, 1e-12, 0.1 + 0.2])
def test_accuracy(q: float) -> None:
    """1 - p^q in floats is off by 1e-4 of itself at q = 1e-12."""
    assert_accurate("generalized_cross_entropy", generalized_cross_entropy, probabilities(66), q=q)


@pytest.mark.parametrize(("q", "value", "slope"), [(0.5, 2.0, -np.inf), (1.0, 1.0, -1.0)])
def test_a_probability_of_0(q: float, value: float, slope: float) -> None:
    """The loss is 1/q, and steep but for q = 1."""
    ours = losscli.compute("generalized_cross_entropy", [[0.0, 1.0]], [0], q=q, gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (value, [[slope, 0.0]])


def test_certain_and_right_is_0_and_not_minus_0() -> None:
    ours = losscli.compute("generalized_cross_entropy", [[1.0, 0.0]], [0], reduction="none").value
    assert not np.signbit(ours).any()
    assert ours.tolist() == [0.0]


def test_keras_has_a_default_of_its_own() -> None:
    """By hand: (1 - √0.25) / 0.5 = 1, and with the paper's 0.7 (1 - 0.25^0.7) / 0.7."""
    inputs = ([[0.25, 0.75]], [0])
    assert losscli.compute("generalized_cross_entropy", *inputs, convention="keras").value == 1.0
    ours = losscli.compute("generalized_cross_entropy", *inputs).value
    assert ours == pytest.approx((1.0 - 0.25**0.7) / 0.7, rel=1e-15)


@pytest.mark.parametrize("q", [0.0, 1.5])
def test_q_is_above_0_and_at_most_1(q: float) -> None:
    with pytest.raises(losscli.LossError, match="q must be greater than 0, at most 1"):
        losscli.compute("generalized_cross_entropy", [[0.5, 0.5]], [0], q=q)


def test_raw_scores_are_an_error() -> None:
    with pytest.raises(losscli.LossError, match=r"input\[0, 1\]: input is 3, and must be from 0 to 1"):
        losscli.compute("generalized_cross_entropy", [[0.5, 3.0]], [0])
