"""An array that is right but in some rows says where it is wrong, in words, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from tests.verify.public import data
from tests.verify.public.right import LOSSES

Array = NDArray[Any]
N, C = 60, 4
DRAW = np.random.default_rng(1)
P, T = DRAW.normal(0.0, 2.0, N), DRAW.normal(0.0, 1.0, N)
E = P - T
RIGHT = np.where(np.abs(E) <= 1.0, E**2 / 2, np.abs(E) - 0.5)
Z, Y = DRAW.normal(0.0, 1.5, (N, C)), DRAW.integers(0, C, N)
SOFT = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
NLL = -np.log(SOFT[np.arange(N), Y])
RIGHTLY = SOFT.argmax(axis=1) == Y
HOT = np.eye(C)[Y]


def first(loss: str, *inputs: Array, **claims: Any) -> losscli.Explanation:
    verified = losscli.verify(loss, *inputs, **claims)
    assert verified.verdict == "refuted"
    assert verified.explanations
    return verified.explanations[0]


@pytest.mark.parametrize(
    ("claim", "mistake", "rows"),
    [
        (np.where(P < 0.0, 0.0, RIGHT), "zero_where_input_below_0", P < 0.0),
        (np.where(P > T, -RIGHT, RIGHT), "sign_turned_where_input_above_target", P > T),
        (np.where(T < 0.0, RIGHT / N, RIGHT), "divided_by_n_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, RIGHT * N, RIGHT), "times_n_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, 1.0 - RIGHT, RIGHT), "one_minus_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, 1.7 * RIGHT, RIGHT), "constant_ratio_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, RIGHT + 0.3, RIGHT), "constant_offset_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, 7.5, RIGHT), "constant_where_target_below_0", T < 0.0),
        (np.where(T < 0.0, E**2, RIGHT), "mse_computed_where_target_below_0", T < 0.0),
        (np.where(np.arange(N) >= 48, 0.0, RIGHT), "zero_where_last_rows", np.arange(N) >= 48),
        (np.where(np.arange(N) < 12, RIGHT / 2, RIGHT), "half_where_first_rows", np.arange(N) < 12),
    ],
)
def test_losses(claim: Array, mistake: str, rows: Array) -> None:
    found = first("huber", P, T, claim_per_sample=claim)
    assert found.mistake == mistake
    assert "wrong exactly where" in found.text
    assert f"({int(rows.sum())} of {N} rows)" in found.text


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [
        (np.where(Y == 2, 2.0 * NLL, NLL), "double_where_label_is_2"),
        (np.where(RIGHTLY, 0.0, NLL), "zero_where_prediction_is_right"),
        (np.where(RIGHTLY, NLL, NLL / C), "divided_by_classes_where_prediction_is_wrong"),
        (np.where(RIGHTLY, NLL, NLL * C), "times_classes_where_prediction_is_wrong"),
    ],
)
def test_losses_of_classes(claim: Array, mistake: str) -> None:
    assert first("cross_entropy", Z, Y, claim_per_sample=claim).mistake == mistake


def test_ignored_rows() -> None:
    labels = np.where(Y == 0, -100, Y)
    found = first("cross_entropy", Z, labels, claim_per_sample=np.where(Y == 0, 0.7, NLL))
    assert found.mistake == "constant_where_row_is_ignored"


@pytest.mark.parametrize(
    ("factor", "mistake"),
    [
        (np.where(np.arange(C) == 1, 2.0, 1.0), "double_where_column_is_1"),
        (np.where(HOT == 1.0, 2.0, 1.0), "double_where_column_is_that_of_the_label"),
        (np.where(HOT == 1.0, 1.0, 0.5), "half_where_column_is_not_that_of_the_label"),
        (np.where(RIGHTLY, 1.0, 0.0)[:, None], "zero_where_prediction_is_wrong"),
    ],
)
def test_gradients_of_classes(factor: Array, mistake: str) -> None:
    found = first("cross_entropy", Z, Y, claim_gradient=factor * (SOFT - HOT) / N)
    assert found.mistake == mistake
    rows = (factor != 1.0)[:, 0] if factor.shape[1:] == (1,) else np.broadcast_to(factor != 1.0, (N, C))
    assert f"({int(rows.sum())} of {rows.size} {'rows' if rows.ndim == 1 else 'entries'})" in found.text


def test_classes_along_another_axis() -> None:
    scores, labels = Z.reshape(10, 6, C).transpose(0, 2, 1), Y.reshape(10, 6)
    claim = np.where(np.arange(C) == 1, 2.0, 1.0) * (SOFT - HOT) / N
    found = first("cross_entropy", scores, labels, claim_gradient=claim.reshape(10, 6, C).transpose(0, 2, 1))
    assert found.mistake == "double_where_column_is_1"


def test_a_branch_of_the_loss() -> None:
    claim = np.where(np.abs(E) <= 1.0, E, np.abs(E) / np.abs(E)) / N
    found = first("huber", P, T, claim_gradient=claim)
    assert found.mistake == "sign_left_out_where_error_above_delta"
    assert "error > delta, with error = |difference|" in found.text


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_nothing_picks(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.random(N) < 0.3
    verified = losscli.verify("huber", P, T, claim_per_sample=np.where(rows, 2.0 * RIGHT, RIGHT))
    assert verified.explanations == ()
    noise = np.where(rows, draw.uniform(0.5, 2.0, N) * RIGHT, RIGHT)
    assert losscli.verify("huber", P, T, claim_per_sample=noise).explanations == ()


def test_too_few_rows_for_a_rule() -> None:
    claim = np.where(np.arange(5) < 3, 2.0 * RIGHT[:5], RIGHT[:5])
    verified = losscli.verify("huber", P[:5], T[:5], claim_per_sample=claim)
    assert not any("_where_" in each.mistake for each in verified.explanations)


def test_a_small_constant_of_a_framework_hides_no_mistake() -> None:
    """Distances without PyTorch's epsilon are 1e-6 off everywhere: the clamp is named all the same."""
    a, b, c = DRAW.normal(size=(3, 30, 6))
    near, far = (np.sqrt(((a - x) ** 2).sum(axis=1)) for x in (b, c))
    assert first("triplet_margin", a, b, c, claim_per_sample=near - far + 1.0).mistake == "clamp_left_out"
    right = np.maximum(0.0, near - far + 1.0)
    for each in losscli.verify("triplet_margin", a, b, c, claim_per_sample=right).explanations:
        assert each.mistake in ("rounding", "single_precision")


@pytest.mark.parametrize("noise", [1e-12, 1e-9, 3e-8, 1e-6, 4e-6])
def test_noise_is_no_mistake(noise: float) -> None:
    """Rounding is never explained as a factor, an order of rows or another framework's constant."""
    for name, losses in LOSSES.items():
        drawn = data(name, "medium")
        right = losses(drawn)
        claim = right * (1.0 + noise * np.random.default_rng(0).uniform(-1.0, 1.0, right.shape))
        verified = losscli.verify(name, **drawn.asked, claim_per_sample=claim)
        assert {each.mistake for each in verified.explanations} <= {"rounding", "single_precision"}, name


def test_no_row_need_be_wrong_for_itself() -> None:
    """Noise wider than rounding, and yet within the room that is left for small constants."""
    claim = RIGHT * (1.0 + 3e-5 * np.random.default_rng(3).uniform(-1.0, 1.0, N))
    assert losscli.verify("huber", P, T, claim_per_sample=claim).explanations == ()
