"""Claimed arrays of large data are explained by a sample of their rows, whole denominators and all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.verify.diagnosis import dataset, diagnose, sampled

Array = NDArray[Any]
N, C = 4000, 5
DRAW = np.random.default_rng(0)
Z, Y, W = DRAW.normal(size=(N, C)), DRAW.integers(0, C, N), DRAW.uniform(0.5, 2.0, C)
P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
HOT = np.eye(C)[Y]
NLL = -np.log(P[np.arange(N), Y])


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnose, "LARGE", 1000)
    monkeypatch.setattr(sampled, "ELEMENTS", 2000)
    monkeypatch.setattr(sampled, "_RUNS", 40)


def named(loss: str, *inputs: Array, **claims: Any) -> str:
    verified = losscli.verify(loss, *inputs, **claims)
    assert any("evenly spread" in warning for warning in verified.warnings)
    return verified.explanations[0].mistake if verified.explanations else ""


@pytest.mark.parametrize(
    ("losses", "mistake"),
    [
        (2.0 * NLL, "double"),
        (NLL / N, "losses_divided_by_count"),
        (NLL * np.exp(-NLL), ""),
        (np.where(Y == 3, 0.0, NLL), "zero_where_label_is_3"),
        (np.where(np.arange(N) == 7, 3.0, NLL), "single_rows"),
        (np.roll(NLL, 2), "rows_shifted"),
        (NLL[DRAW.permutation(N)], "rows_reordered"),
    ],
)
def test_losses(losses: Array, mistake: str) -> None:
    assert named("cross_entropy", Z, Y, claim_per_sample=losses) == mistake


def test_a_row_is_called_by_its_place_in_the_whole() -> None:
    claim = np.where(np.arange(N) == 3210, 3.0, NLL)
    found = losscli.verify("cross_entropy", Z, Y, claim_per_sample=claim).explanations
    assert "row 3210" in found[0].text


@pytest.mark.parametrize(
    ("slopes", "mistake"),
    [
        ((P - HOT) * P * (1 - P) / N, "slope_of_activation_twice"),
        ((P - HOT) / N**2, "mean_twice"),
        (P - HOT, "gradient_of_sum"),
        (P / N, "one_hot_left_out"),
    ],
)
def test_gradients(slopes: Array, mistake: str) -> None:
    assert named("cross_entropy", Z, Y, claim_gradient=slopes) == mistake


def test_weights_and_ignored_rows() -> None:
    """The mean divides by the weights of all rows, not by those of the sample."""
    kept = (Y != 0)[:, None]
    weighed = W[Y][:, None] * (P - HOT) * kept
    below = W[Y][Y != 0].sum()
    more: dict[str, Any] = {"weight": W, "ignore_index": 0}
    assert named("cross_entropy", Z, Y, claim_gradient=weighed / N, **more) == "gradient_of_ignored_counted"
    assert named("cross_entropy", Z, Y, claim_gradient=kept * (P - HOT) / kept.sum(), **more) == "weight_forgotten"
    again = weighed * P * (1 - P) / below
    assert named("cross_entropy", Z, Y, claim_gradient=again, **more) == "slope_of_activation_twice"


def test_classes_along_another_axis() -> None:
    scores, labels = Z.reshape(4, 1000, C).transpose(0, 2, 1), Y.reshape(4, 1000)
    claim = ((P - HOT) * P * (1 - P) / N).reshape(4, 1000, C).transpose(0, 2, 1)
    assert named("cross_entropy", scores, labels, claim_gradient=claim) == "slope_of_activation_twice"


def test_a_loss_of_all_data_at_once_has_no_sample() -> None:
    p, t = DRAW.uniform(0.1, 0.9, N), (DRAW.random(N) < 0.5).astype(float)
    right = losscli.compute("dice", p, t, gradients=True).gradients
    assert right is not None
    found = losscli.verify("dice", p, t, claim_gradient=-right["input"]).explanations
    assert found[0].mistake == "sign"


def test_data_that_are_too_large_for_every_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "LARGEST", 1000)
    assert named("cross_entropy", Z, Y, claim_gradient=(P - HOT) * P * (1 - P) / N) == "slope_of_activation_twice"
    verified = losscli.verify("cross_entropy", Z, Y, claim=repr(float(NLL.sum())), claim_per_sample=NLL / 2.0)
    assert verified.explanations[0].mistake == "sum_for_mean"
    p, t = DRAW.uniform(0.1, 0.9, N), (DRAW.random(N) < 0.5).astype(float)
    right = losscli.compute("dice", p, t, gradients=True).gradients
    assert right is not None
    found = losscli.verify("dice", p, t, claim_gradient=3.0 * right["input"]).explanations
    assert found[0].mistake == "constant_ratio"
