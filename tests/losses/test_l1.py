"""The mean absolute error."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.l1 import absolute


def test_accuracy() -> None:
    assert_accurate("l1", absolute, errors(np.random.default_rng(2)))


def test_gradient_at_the_kink_is_zero() -> None:
    """Of the subgradients from -1 to 1, PyTorch's."""
    ours = losscli.compute("l1", [1.0, 2.0, 1.0], [1.0, 1.0, 2.0], reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"].tolist() == [0.0, 1.0, -1.0]
    assert ours.gradients["target"].tolist() == [0.0, -1.0, 1.0]


def test_infinities_that_agree_are_undefined() -> None:
    assert np.isnan(losscli.compute("l1", [np.inf], [np.inf], nonfinite="propagate").value)


def test_frameworks() -> None:
    """Keras divides by the count whatever the samples weigh, scikit-learn by the sum of the weights."""
    weighted = {
        name: losscli.compute("l1", [1.0, 5.0], [2.0, 3.0], convention=name, sample_weight=np.array([1.0, 4.0])).value
        for name in ("torch", "sklearn", "keras")
    }
    assert weighted == pytest.approx({"torch": 9 / 5, "sklearn": 9 / 5, "keras": 9 / 2}, rel=1e-15)
