"""The focal loss on probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import chances
from tests.references._formulas import Array, Number
from tests.references.focal import focal, input_terms, keras_focal, target_terms

GAMMAS = [0.0, 0.5, 2.0, 5.0]


def probabilities(seed: int) -> dict[str, Array]:
    """Those whose powers are no subnormals, which have fewer digits."""
    inputs = chances(np.random.default_rng(seed))
    return {role: array[inputs["input"] > 1e-60] for role, array in inputs.items()}


@pytest.mark.parametrize("gamma", GAMMAS)
def test_accuracy_on_labels(gamma: float) -> None:
    """The slope in the target is a difference: of a logarithm's, a power's and alpha's part."""
    inputs = probabilities(11)
    inputs["target"] = np.rint(inputs["target"])
    assert_accurate("focal", focal, inputs, terms={"target": target_terms}, gamma=gamma, alpha=0.75)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_accuracy_on_shares(gamma: float) -> None:
    terms = {"input": input_terms, "target": target_terms}
    assert_accurate("focal", focal, probabilities(12), terms=terms, gamma=gamma, alpha=0.3)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_certain_and_right(gamma: float, certain: float) -> None:
    """The loss is 0, and flat but for gamma = 0: there it is alpha's half of bce, whose slope is ∓1."""
    ours = losscli.compute("focal", [certain], [certain], gamma=gamma, alpha=0.5, convention="exact", gradients=True)
    assert ours.gradients is not None
    slope = (0.5 if certain == 0.0 else -0.5) if gamma == 0.0 else 0.0
    assert (ours.value, ours.gradients["input"][0]) == (0.0, slope)


def test_certain_and_wrong() -> None:
    exact = losscli.compute("focal", [0.0], [1.0], convention="exact", gradients=True)
    assert exact.gradients is not None
    assert (exact.value, exact.gradients["input"][0]) == (np.inf, -np.inf)
    assert losscli.compute("focal", [0.0], [1.0]).value == 75.0  # alpha times bce's clamp


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("balanced", [False, True])
def test_accuracy_of_keras(gamma: float, balanced: bool) -> None:
    inputs = probabilities(13)
    inputs["target"] = np.rint(inputs["target"])

    def terms(input: Number, target: Number, gamma: Number, alpha: Number, **_: Number) -> Number:
        return 2 * target_terms(input, target, gamma, alpha)  # where alpha does not count, shares are 1, not 1/2

    options = {"gamma": gamma, "alpha": 0.5, "apply_class_balancing": balanced}
    assert_accurate("focal", keras_focal, inputs, convention="keras", terms={"target": terms}, **options)


def test_keras_ignores_alpha_unless_told_to() -> None:
    """A coin and a yes: 1/4 log 2, and with Keras' alpha a quarter of that."""

    def coin(**options: Any) -> float:
        value: float = losscli.compute("focal", [0.5], [1], convention="keras", **options).value
        return value

    assert coin() == coin(alpha=0.9) == pytest.approx(np.log(2.0) / 4.0)
    assert coin(apply_class_balancing=True) == pytest.approx(np.log(2.0) / 16.0)


def test_alpha_does_not_count_without_class_balancing() -> None:
    without = losscli.compute("focal", [0.5], [1], apply_class_balancing=False, gradients=True)
    halves = losscli.compute("focal", [0.5], [1], alpha=0.5, gradients=True)
    assert without.gradients is not None
    assert halves.gradients is not None
    assert without.value == 2.0 * halves.value
    assert without.gradients["target"] == 2.0 * halves.gradients["target"]


def test_an_infinite_loss_that_counts_nothing() -> None:
    """A yes, whose share is alpha, and alpha is 0."""
    ours = losscli.compute("focal", [0.0], [1], alpha=0.0, convention="exact", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, 0.0)
    assert ["0·inf" in warning for warning in ours.warnings] == [True]
