"""Cross-entropy on probabilities."""

from __future__ import annotations

import numpy as np
from mpmath import mp

import losscli
from tests.losses.reference import Array, Number, assert_accurate, log, times

CLASSES = 4


def of_labels(input: list[Number], target: int) -> Number:
    return -log(input[target])


def of_shares(input: list[Number], target: list[Number]) -> Number:
    return -mp.fsum(times(share, log(chance)) for share, chance in zip(target, input, strict=True))


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
