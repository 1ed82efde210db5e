"""The mean squared error."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.mse import squared


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


def test_frameworks() -> None:
    """The same squares everywhere; optax leaves them, and Keras divides by the count whatever the samples weigh."""
    inputs, weight = ([1.0, 2.0, 5.0], [2.0, 2.0, 3.0]), [1.0, 1.0, 4.0]
    assert losscli.compute("mse", *inputs, convention="optax").value.tolist() == [1.0, 0.0, 4.0]
    weighted = {
        name: losscli.compute("mse", *inputs, convention=name, sample_weight=np.array(weight)).value
        for name in ("torch", "sklearn", "keras")
    }
    assert weighted == pytest.approx({"torch": 17 / 6, "sklearn": 17 / 6, "keras": 17 / 3}, rel=1e-15)


@pytest.mark.parametrize("name", ["keras.losses.MeanSquaredError", "mean_squared_error", "optax.squared_error"])
def test_names_of_other_frameworks(name: str) -> None:
    assert losscli.compute(name, [3.0], [1.0]).value == 4.0
