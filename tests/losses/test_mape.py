"""The mean absolute percentage error."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.mape import share


def test_accuracy() -> None:
    assert_accurate("mape", share, errors(np.random.default_rng(66)))


def test_the_bounds() -> None:
    """scikit-learn's 2⁻⁵² is ours too; Keras has 1e-7 and percentages. By hand: 1 / 2⁻⁵², 100 / 1e-7."""
    for convention, expected in (("torch", 2.0**52), ("sklearn", 2.0**52), ("keras", 1e9), ("exact", np.inf)):
        assert losscli.compute("mape", [1.0], [0.0], convention=convention).value == pytest.approx(expected, rel=1e-15)


def test_keras_counts_in_percent() -> None:
    values = [losscli.compute("mape", [90.0, 12.0], [100.0, 10.0], convention=c).value for c in ("torch", "keras")]
    assert values == pytest.approx([0.15, 15.0], rel=1e-15)


def test_gradient_below_the_bound() -> None:
    """There the divisor does not depend on the target: -1 / 1e-7 · 100, and a target of 1 against it."""
    ours = losscli.compute("mape", [1.0, 3.0], [1e-9, 2.0], convention="keras", reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["target"].tolist() == pytest.approx([-1e9, -75.0], rel=1e-14)  # 100 · -3/2²
    assert ours.gradients["input"].tolist() == pytest.approx([1e9, 50.0], rel=1e-14)


def test_a_target_of_0_that_is_met() -> None:
    ours = losscli.compute("mape", [0.0, 2.0], [0.0, 4.0], convention="exact", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0], ours.gradients["target"][0]) == (0.25, 0.0, 0.0)
    assert any("0/0 counts as 0" in warning for warning in ours.warnings)


def test_gradient_at_the_kink_is_zero() -> None:
    ours = losscli.compute("mape", [2.0], [2.0], gradients=True)
    assert ours.gradients is not None
    assert (ours.gradients["input"][0], ours.gradients["target"][0]) == (0.0, 0.0)


def test_kinks_are_at_no_error_and_at_the_floor() -> None:
    kinks = find("mape").kinks
    assert kinks is not None
    input, target = np.array([1.0, 2.0, 2.0, 2.0, 0.5]), np.array([1.0, 3.0, 0.5, -0.5, 0.5])
    assert kinks(input=input, target=target, floor=0.5).tolist() == [True, False, True, True, True]
