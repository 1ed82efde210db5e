"""Inputs that are refused because the mistake is still in them: the claim is explained all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli

P = np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.1]])
MASK = np.array([[255.0, 255.0, 0.0], [0.0, 255.0, 0.0]])


def named(loss: str, *inputs: Any, **claims: Any) -> losscli.Verified:
    verified = losscli.verify(loss, *inputs, **claims)
    assert verified.verdict == "refuted"
    return verified


def first(verified: losscli.Verified) -> str:
    return str(verified.explanations[0].mistake)


def test_a_column_beside_a_row() -> None:
    verified = named("l1", [[1], [2], [4]], [1, 2, 3], claim="1.2222")
    assert first(verified) == "broadcast"
    assert f"{float(verified.result.value):.4f}" == "0.3333"
    assert "judged with input in the shape (3,)" in verified.warnings[0]


def test_a_mask_of_bytes() -> None:
    claim = 1.0 - 2.0 * (P * MASK).sum() / (P.sum() + MASK.sum())
    verified = named("dice", P, MASK, claim=f"{claim:.6f}")
    assert first(verified) == "mask_of_bytes"
    assert "divide the mask by 255" in verified.explanations[0].cure
    assert "target divided by 255" in verified.warnings[0]


def test_noughts_for_signs() -> None:
    x, t = np.random.default_rng(0).normal(size=12), np.arange(12) % 2
    claim = np.maximum(0.0, 1.0 - t * x).mean()
    assert first(named("hinge", x, t, claim=float(claim))) == "zero_for_minus_one"


def test_signs_for_noughts() -> None:
    p, t = np.array([0.3, 0.8, 0.6, 0.1]), np.array([-1.0, 1.0, 1.0, -1.0])
    claim = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
    assert first(named("bce", p, t, claim=float(claim))) == "minus_one_for_zero"


def test_a_matrix_that_lies_the_other_way() -> None:
    p, t = np.random.default_rng(0).normal(size=(2, 5, 3))
    claim = ((p - t) ** 2).sum()
    assert first(named("mse", p, t.T, claim=float(claim))) == "sum_for_mean"


def test_scores_in_one_line() -> None:
    """LightGBM's raw scores lie class by class."""
    draw = np.random.default_rng(0)
    scores, labels = draw.normal(size=(6, 3)), draw.integers(0, 3, 6)
    flat = scores.T.reshape(-1)
    wrong = flat.reshape(6, 3)
    claim = (np.log(np.exp(wrong).sum(axis=1)) - wrong[np.arange(6), labels]).sum()
    assert first(named("cross_entropy", flat, labels, claim=float(claim))) == "sum_for_mean"
    with pytest.raises(losscli.LossError, match=r"18 = 6 × 3: reshape input to \(6, 3\)"):
        losscli.compute("cross_entropy", flat, labels)
    right = float(losscli.compute("cross_entropy", scores, labels).value)
    with pytest.raises(losscli.LossError, match="with input cut into rows, class by class the claim holds"):
        losscli.verify("cross_entropy", flat, labels, claim=right)


def test_a_claim_that_is_right_for_what_was_meant() -> None:
    claim = float(losscli.compute("dice", P, MASK / 255.0).value)
    with pytest.raises(losscli.LossError, match="with target divided by 255 the claim holds"):
        losscli.verify("dice", P, MASK, claim=claim)


def test_what_nothing_explains_is_refused_as_ever() -> None:
    with pytest.raises(losscli.LossError) as plain:
        losscli.compute("dice", P, MASK)
    with pytest.raises(losscli.LossError) as refused:
        losscli.verify("dice", P, MASK, claim=0.123456789)
    assert str(refused.value) == str(plain.value)
