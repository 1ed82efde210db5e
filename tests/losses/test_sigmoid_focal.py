"""The focal loss on raw scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate, worst_ulps
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.sigmoid_focal import input_terms, sigmoid_focal, target_terms

GAMMAS = [0.0, 0.5, 1.0, 2.0, 5.0]


def raw_scores(random: np.random.Generator) -> Array:
    """Ordinary, sure to any degree that leaves no subnormal power, tiny, and huge."""
    return np.concatenate(
        [random.normal(0, 3, 12), random.uniform(-100, 100, 12), spread(random, 8, -300, 0), [0.0, 40.0, -40.0]]
    )


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [0.25, 0.9, -1.0])
def test_accuracy_on_labels(gamma: float, alpha: float) -> None:
    random = np.random.default_rng(55)
    input = raw_scores(random)
    inputs = {"input": input, "target": random.integers(0, 2, len(input)).astype(float)}
    terms = {"target": target_terms}
    assert_accurate("sigmoid_focal", sigmoid_focal, inputs, terms=terms, alpha=alpha, gamma=gamma)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [0.25, -1.0])
def test_accuracy_on_shares(gamma: float, alpha: float) -> None:
    random = np.random.default_rng(56)
    input = raw_scores(random)
    inputs = {"input": input, "target": random.random(len(input))}
    terms = {"input": input_terms, "target": target_terms}
    assert_accurate("sigmoid_focal", sigmoid_focal, inputs, terms=terms, alpha=alpha, gamma=gamma)


def test_a_large_power_keeps_its_digits() -> None:
    """The error of 1 - p_t counts fifty times: in plain float64 it would be some 30 ulps."""
    random = np.random.default_rng(57)
    inputs = {"input": random.uniform(-4, 4, 40), "target": random.integers(0, 2, 40).astype(float)}
    worst = worst_ulps("sigmoid_focal", sigmoid_focal, inputs, alpha=-1.0, gamma=50.0, gradients=False)
    assert worst["value"] <= 4.0


def test_huge_scores() -> None:
    """Wrong: the plain cross-entropy. Right: nothing is left of it, value and slope."""
    ours = losscli.compute(
        "sigmoid_focal", [1e6, -1e6, 1e6, -1e6], [0, 1, 1, 0], alpha=-1.0, reduction="none", gradients=True
    )
    assert ours.gradients is not None
    assert ours.value.tolist() == [1e6, 1e6, 0.0, 0.0]
    assert ours.gradients["input"].tolist() == [1.0, -1.0, 0.0, 0.0]


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize(
    ("score", "target", "value", "slope"),
    [(np.inf, 0.0, np.inf, 1.0), (-np.inf, 1.0, np.inf, -1.0), (np.inf, 1.0, 0.0, 0.0), (-np.inf, 0.0, 0.0, 0.0)],
)
def test_infinite_scores(score: float, target: float, value: float, slope: float, gamma: float) -> None:
    """Limits of the formula."""
    ours = losscli.compute("sigmoid_focal", [score], [target], alpha=-1.0, gamma=gamma, reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (value, slope)
    assert ours.warnings


def test_an_infinite_loss_that_counts_nothing() -> None:
    ours = losscli.compute("sigmoid_focal", [-np.inf], [1], alpha=0.0, reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, 0.0)
    assert ["0·inf" in warning for warning in ours.warnings] == [True]


def first(convention: str, score: float, label: float, **options: Any) -> tuple[float, float]:
    """The sum, and its slope."""
    ours = losscli.compute(
        "sigmoid_focal", [score], [label], convention=convention, reduction="sum", gradients=True, **options
    )
    assert ours.gradients is not None
    return ours.value, float(ours.gradients["input"][0])


def test_nothing_is_reduced_unless_asked_for() -> None:
    for convention, shape in (("torch", (2,)), ("exact", (2,)), ("optax", (2,)), ("keras", ())):
        assert np.shape(losscli.compute("sigmoid_focal", [1.0, 2.0], [0, 1], convention=convention).value) == shape


def test_optax_and_keras_have_no_alpha_unless_it_is_written() -> None:
    """At score 0, 1/4 log 2 (gamma 2), and a quarter of that with torchvision's alpha."""
    plain = np.log(2.0) / 4.0
    assert first("optax", 0.0, 1.0)[0] == pytest.approx(plain, rel=1e-15)
    assert first("keras", 0.0, 1.0)[0] == pytest.approx(plain, rel=1e-15)
    assert first("torch", 0.0, 1.0)[0] == pytest.approx(plain / 4.0, rel=1e-15)
    assert first("keras", 0.0, 1.0, alpha=0.25)[0] == pytest.approx(plain / 4.0, rel=1e-15)


def test_keras_cuts_the_cross_entropy_off_but_not_the_power() -> None:
    """-log 1e-7 = 16.118…; the slope that is left is the power's: 2 p q · 16.118…, as Keras 3.15.1 differentiates."""
    value, slope = first("keras", 30.0, 0.0)
    assert value == pytest.approx(16.118095650, rel=1e-9)
    assert slope == pytest.approx(2.0 * 9.357622968840175e-14 * 16.118095650, rel=1e-9)
    value, slope = first("keras", 30.0, 1.0)  # the power is 9.4e-14², the cross-entropy not under 1e-7
    assert value == pytest.approx(9.357622968840175e-14**2 * 1.00000005e-7, rel=1e-9)


def test_keras_in_float32() -> None:
    """1 - 1e-7 becomes 1 - 2⁻²³, so a no that is taken for sure costs 23 log 2."""
    score = np.array([30.0], np.float32)
    ours = losscli.compute("sigmoid_focal", score, [0], convention="keras").value
    assert ours == pytest.approx(23.0 * np.log(2.0), rel=1e-9)


@pytest.mark.parametrize(("option", "value"), [("alpha", 1.5), ("alpha", -2.0), ("gamma", -0.5)])
def test_options_out_of_range(option: str, value: float) -> None:
    written: dict[str, Any] = {option: value}
    with pytest.raises(losscli.LossError, match=f"{option} must be"):
        losscli.compute("sigmoid_focal", [0.0], [1], **written)


def test_kinks() -> None:
    """Where the score begins to be cut off."""
    kinks = find("sigmoid_focal").kinks
    assert kinks is not None
    score = np.array([-np.inf, -16.0, 0.0, 15.0, np.inf])
    assert kinks(input=score, score_floor=-16.0, score_ceiling=15.0).tolist() == [False, True, False, True, False]
    assert not kinks(input=score, score_floor=-np.inf, score_ceiling=np.inf).any()
