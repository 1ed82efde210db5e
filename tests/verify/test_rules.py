"""One pipeline: arrays pass the rules that single numbers pass, and objectives those of their loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.report.verify import lines
from losscli.verify.verify import Verified
from tests.verify.mistaken.making import answers, classes

OFF = pytest.mark.parametrize(
    ("rtol", "off", "mistake"), [(1e-15, 10 * 2.0**-52, "rounding"), (1e-9, 3e-7, "single_precision")]
)


def names(verified: Verified) -> list[str]:
    assert verified.verdict == "refuted"
    return [explanation.mistake for explanation in verified.explanations]


def question() -> dict[str, Any]:
    c = classes(np.random.default_rng(1), weights=False, ignored=False, least=3)
    return dict(c.made(0.0).inputs)


@pytest.mark.parametrize(
    ("rtol", "off", "mistake"), [(1e-15, 10 * 2.0**-52, "rounding"), (1e-9, 3e-7, "single_precision")]
)
def test_a_gradient_that_is_rounded(rtol: float, off: float, mistake: str) -> None:
    gradients = losscli.compute("cross_entropy", **question(), gradients=True).gradients
    assert gradients is not None
    signs = np.where(np.arange(gradients["input"].size) % 2, 1.0, -1.0).reshape(gradients["input"].shape)
    claim = {"input": gradients["input"] * (1.0 + off * signs)}
    assert names(losscli.verify("cross_entropy", **question(), claim_gradient=claim, rtol=rtol)) == [mistake]


@pytest.mark.parametrize(
    ("rtol", "off", "mistake"), [(1e-15, 10 * 2.0**-52, "rounding"), (1e-9, 3e-7, "single_precision")]
)
def test_losses_of_samples_that_are_rounded(rtol: float, off: float, mistake: str) -> None:
    right = losscli.compute("cross_entropy", **question()).per_sample
    verified = losscli.verify("cross_entropy", **question(), claim_per_sample=right * (1.0 + off), rtol=rtol)
    assert names(verified) == [mistake]


@pytest.mark.parametrize("loss", ["bce", "log_loss"])
def test_a_gradient_of_bce_ten_spacings_off_is_no_convention(loss: str) -> None:
    p, t = answers(np.random.default_rng(2), scores=False)
    inputs = (p, t) if loss == "bce" else (np.stack([1.0 - p, p], axis=1), t.astype(int))
    gradients = losscli.compute(loss, *inputs, gradients=True).gradients
    assert gradients is not None
    claim = gradients["input"] * (1.0 + 10 * 2.0**-52)
    assert names(losscli.verify(loss, *inputs, claim_gradient=claim, rtol=1e-16)) == ["rounding"]


def test_an_array_that_overflows() -> None:
    scores, labels = np.array([[800.0, 0.0], [1.0, 2.0]]), [1, 0]
    right = losscli.compute("cross_entropy", scores, labels).per_sample
    claim = np.array([np.inf, right[1]])
    assert names(losscli.verify("cross_entropy", scores, labels, claim_per_sample=claim)) == ["overflow"]


def test_an_array_has_no_value_and_a_difference_that_is_no_less_than_zero() -> None:
    p, t = answers(np.random.default_rng(3), scores=True)
    right = losscli.compute("bce_with_logits", p, t, gradients=True)
    assert right.gradients is not None
    claims: dict[str, Any] = {"claim_gradient": right.gradients["input"] * 2.0}
    for claim in (claims, {"claim_per_sample": right.per_sample * 2.0}):
        explanation = losscli.verify("bce_with_logits", p, t, **claim).explanations[0]
        assert explanation.value is None
        assert 0.0 <= explanation.difference < 1e-12


def test_an_objective_may_hold_a_mistake_of_its_loss() -> None:
    p, t = answers(np.random.default_rng(4), scores=True)
    params = {"w": np.array([1.5, -2.0, 0.5])}
    right = losscli.compute("bce_with_logits", p, t, l2=0.1, params=params)
    assert right.objective is not None
    bits = right.objective.loss / np.log(2.0) + right.objective.penalty
    verified = losscli.verify("bce_with_logits", p, t, claim=repr(bits), l2=0.1, params=params)
    assert names(verified) == ["log_base_2"]
    assert verified.explanations[0].value == pytest.approx(bits, rel=1e-12)


def test_a_rounded_objective() -> None:
    p, t = answers(np.random.default_rng(5), scores=True)
    params = {"w": np.array([1.5, -2.0, 0.5])}
    right = losscli.compute("bce_with_logits", p, t, l2=0.1, params=params)
    assert right.objective is not None
    claim = repr(right.objective.objective * (1.0 + 1e-11))
    verified = losscli.verify("bce_with_logits", p, t, claim=claim, l2=0.1, params=params, precision="double")
    assert names(verified) == ["rounding"]


def test_who_asks_in_pytorchs_words_is_not_told_of_keras() -> None:
    scores = np.random.default_rng(1).normal(size=(30, 4))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.random.default_rng(2).integers(0, 4, 30)
    twice = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)
    claim = f"{-np.log(twice[np.arange(30), labels]).mean():.7f}"
    said = {name: losscli.verify("log_loss", p, labels, claim=claim, convention=name) for name in ("torch", "keras")}
    texts = {name: verified.explanations[0].text for name, verified in said.items()}
    assert all(verified.explanations[0].mistake == "softmax_twice" for verified in said.values())
    assert "from_logits" in texts["keras"]
    assert "eras" not in texts["torch"]
    assert "from_logits" not in texts["torch"]


@pytest.mark.parametrize("claim", ["nan", "inf"])
def test_more_digits_of_no_number_would_tell_nothing(claim: str) -> None:
    verified = losscli.verify("mse", [1.0, 2.0], [1.0, 3.5], claim=claim)
    last = lines(verified)[-1]
    assert last == "no known mistake gives this"
    assert "became infinite or nan" in verified.warnings[-1]
