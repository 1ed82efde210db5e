"""The mean squared error."""

from __future__ import annotations

import numpy as np

import losscli
from tests.losses.reference import Number, assert_accurate, errors


def squared(input: Number, target: Number) -> Number:
    return (input - target) ** 2


def test_accuracy() -> None:
    assert_accurate("mse", squared, errors(np.random.default_rng(1)))


def test_float32_is_squared_in_float64() -> None:
    """PyTorch's float32 overflows here."""
    assert losscli.compute("mse", np.array([1e20], np.float32), [0.0]).value == float(np.float32(1e20)) ** 2


def test_gradient_of_the_largest_errors() -> None:
    """2 · 1.5e308 overflows, 2 · 1.5e308 / 4 does not."""
    ours = losscli.compute("mse", np.full(4, 1.5e308), np.zeros(4), gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"].tolist() == [7.5e307] * 4
