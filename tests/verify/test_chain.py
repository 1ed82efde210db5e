"""Slips in the chain rule are named in gradients of any loss, with the numbers of the case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli

Array = NDArray[Any]
N, C = 40, 5
DRAW = np.random.default_rng(0)
Z, Y = DRAW.normal(0.0, 1.5, (N, C)), DRAW.integers(0, C, N)
HOT = np.eye(C)[Y]
X, T = DRAW.normal(0.0, 1.5, N), (DRAW.random(N) < 0.4).astype(float)
W = DRAW.uniform(0.3, 3.0, C)


def softmax(scores: Array) -> Array:
    powers = np.exp(scores)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


P, S = softmax(Z), 1.0 / (1.0 + np.exp(-X))
WEIGHED = W[Y][:, None] * (P - HOT)


def first(loss: str, claim: Array, *inputs: Array, **options: Any) -> losscli.Explanation:
    verified = losscli.verify(loss, *inputs, claim_gradient=claim, **options)
    assert verified.verdict == "refuted"
    assert verified.explanations
    return verified.explanations[0]


def named(loss: str, claim: Array, *inputs: Array, **options: Any) -> set[str]:
    found = first(loss, claim, *inputs, **options)
    return {found.mistake, *found.alternatives}


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [
        ((P - HOT) * P * (1 - P), "slope_of_activation_twice"),
        (P * ((P - HOT) - (P * (P - HOT)).sum(axis=1, keepdims=True)), "slope_of_activation_twice"),
        (-HOT / P, "gradient_of_probability"),
        (-HOT * (1 - P), "softmax_diagonal_only"),
        (-HOT * (1 - P), "other_classes_left_out"),
        (-HOT * (1 - P), "product_for_difference"),
        (P * (1 - HOT), "true_class_slope_left_out"),
        (np.abs(P - HOT), "sign_left_out"),
        (softmax(P) - HOT, "softmax_before"),
        (P * ((softmax(P) - HOT) - (P * (softmax(P) - HOT)).sum(axis=1, keepdims=True)), "softmax_before"),
    ],
)
def test_of_classes(claim: Array, mistake: str) -> None:
    assert mistake in named("cross_entropy", claim / N, Z, Y)


def test_a_slope_that_was_left_out_is_said() -> None:
    assert "the slope of that softmax was left out" in first("cross_entropy", (softmax(P) - HOT) / N, Z, Y).text


def test_distributions() -> None:
    truth = softmax(DRAW.normal(size=(N, C)))
    assert "gradient_of_probability" in named("cross_entropy", -truth / P / N, Z, truth)
    assert "softmax_diagonal_only" in named("cross_entropy", -truth * (1 - P) / N, Z, truth)
    assert "product_for_difference" in named("cross_entropy", (P * truth - truth) / N, Z, truth)


@pytest.mark.parametrize(
    ("loss", "inputs", "claim", "mistake"),
    [
        ("bce", (S, T), S - T, "gradient_of_score"),
        ("bce", (S, T), (S - T) / (1 - S), "gradient_of_log_input"),
        ("bce_with_logits", (X, T), (S - T) / (S * (1 - S)), "gradient_of_probability"),
        ("bce_with_logits", (X, T), (S - T) * S * (1 - S), "slope_of_activation_twice"),
        ("log_loss", (P, Y), P - HOT, "gradient_of_score"),
        ("nll", (np.log(P), Y), -HOT / P, "gradient_of_probability"),
        ("nll", (np.log(P), Y), P - HOT, "gradient_of_score"),
    ],
)
def test_other_units(loss: str, inputs: tuple[Array, ...], claim: Array, mistake: str) -> None:
    assert mistake in named(loss, claim / N, *inputs)


def test_the_logarithm_of_a_variance() -> None:
    var = DRAW.uniform(0.5, 2.0, N)
    of_log = 0.5 - (X - S) ** 2 / (2 * var)
    verified = losscli.verify("gaussian_nll", X, S, var, claim_gradient={"var": of_log / N})
    assert verified.explanations[0].mistake == "gradient_of_log_var"


def test_slopes_that_are_counted() -> None:
    lacks = (Z - (Z * HOT).sum(axis=1, keepdims=True) + 1 > 0) * (1 - HOT)
    some = lacks.any(axis=1, keepdims=True)
    for once in (HOT, HOT * some):
        assert "true_class_subtracted_once" in named("multi_margin", (lacks - once) / (N * C), Z, Y)


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [
        (WEIGHED / N, "gradient_of_divided_by_count"),
        (WEIGHED / W.sum(), "gradient_of_divided_by_weights"),
        ((P - HOT) / N, "weight_forgotten"),
    ],
)
def test_weights_and_what_the_mean_divides_by(claim: Array, mistake: str) -> None:
    assert mistake in named("cross_entropy", claim, Z, Y, weight=W)


def test_weights_of_samples() -> None:
    weight = DRAW.uniform(0.3, 3.0, N)
    claim = (P - HOT) / N
    assert "sample_weight_forgotten" in named("cross_entropy", claim, Z, Y, sample_weight=weight)


def test_ignored_rows() -> None:
    count = int((Y != 0).sum())
    found = first("cross_entropy", (P - HOT) / count, Z, Y, ignore_index=0)
    assert found.mistake == "rows_not_zeroed"
    assert f"({N - count} of {N})" in found.text
    labels = np.where(Y == 0, -100, Y)
    found = first("cross_entropy", np.where(Y[:, None] == 0, P, P - HOT) / count, Z, labels)
    assert found.mistake == "rows_not_zeroed"
    assert "softmax itself" in found.text
    found = first("cross_entropy", (Y != 0)[:, None] * (P - HOT) / N, Z, Y, ignore_index=0)
    assert found.mistake == "gradient_of_ignored_counted"
    assert f"divided by {N}" in found.text


def test_a_mistake_and_a_factor() -> None:
    """An array is enough evidence for two: the slope of a square, halved, where that of log cosh is asked for."""
    found = first("log_cosh", (X - S) / N, X, S)
    assert found.mistake == "mse_computed + half"
    losses = -np.log((softmax(P) * HOT).sum(axis=1))
    verified = losscli.verify("cross_entropy", Z, Y, claim_per_sample=losses / N)
    assert verified.explanations[0].mistake == "softmax_before + losses_divided_by_count"


def test_losses_over_the_weights() -> None:
    losses = -W[Y] * np.log((P * HOT).sum(axis=1))
    for divisor, word in ((W[Y].sum(), "sum"), (W[Y].mean(), "mean")):
        found = losscli.verify("cross_entropy", Z, Y, weight=W, claim_per_sample=losses / divisor).explanations[0]
        assert found.mistake == "losses_divided_by_weights"
        assert f"the {word} of the weights" in found.text
