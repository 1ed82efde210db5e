"""Claimed losses of samples and claimed gradients settle what a single number leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.verify.verify import Explanation, Verified
from tests.verify.mistaken.making import Classes, answers, classes, errors

Array = NDArray[Any]


def first(verified: Verified) -> Explanation:
    assert verified.verdict == "refuted"
    assert verified.explanations
    return verified.explanations[0]


def plain(seed: int, least: int = 3) -> Classes:
    return classes(np.random.default_rng(seed), weights=False, ignored=False, least=least)


def of_losses(c: Classes, losses: Array, **more: Any) -> Verified:
    return losscli.verify("cross_entropy", c.scores, c.labels, claim_per_sample=losses, **more)


@pytest.mark.parametrize("seed", range(3))
def test_a_view_is_recognised_in_every_row(seed: int) -> None:
    c = plain(seed)
    powers = np.exp(c.probabilities)
    losses = -np.log(c.picked(powers / powers.sum(axis=1, keepdims=True)))
    assert first(of_losses(c, losses)).mistake == "softmax_before"
    assert first(of_losses(c, losses.astype(np.float32))).mistake == "softmax_before"


def test_ignored_rows_do_not_matter() -> None:
    c = classes(np.random.default_rng(3), weights=True, ignored=True, least=3)
    powers = np.exp(c.probabilities)
    losses = c.weights * -np.log(c.picked(powers / powers.sum(axis=1, keepdims=True)))
    made = c.made(0.0)
    named: dict[str, Any] = {**made.inputs, **made.options}
    assert first(losscli.verify("cross_entropy", claim_per_sample=losses, **named)).mistake == "softmax_before"


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda losses: losses / len(losses), "losses_divided_by_count"),
        (lambda losses: 2.0 * losses, "double"),
        (lambda losses: -losses, "sign"),
        (lambda losses: losses / np.log(2.0), "log_base_2"),
        (lambda losses: 1.37 * losses, "constant_ratio"),
        (lambda losses: losses + 0.25, "constant_offset"),
        (lambda losses: np.roll(losses, 1), "rows_shifted"),
        (lambda losses: losses[::-1], "rows_reordered"),
    ],
)
def test_patterns(change: Any, mistake: str) -> None:
    c = plain(4)
    assert first(of_losses(c, change(c.picked(c.nll)))).mistake == mistake


def test_one_wrong_row() -> None:
    c = plain(5)
    losses = c.picked(c.nll)
    losses[4] += 0.5
    found = first(of_losses(c, losses))
    assert found.mistake == "single_rows"
    assert "row 4" in found.text


@pytest.mark.parametrize("seed", range(4))
def test_an_order_of_many_classes_explains_every_sample(seed: int) -> None:
    """Ten classes have 3.6 million orders; the losses of samples say which column each class was looked for in."""
    random = np.random.default_rng(seed)
    scores, labels = random.normal(0.0, 2.0, (120, 10)), random.integers(0, 10, 120)
    order = random.permutation(10)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    found = first(
        losscli.verify("cross_entropy", scores, labels, claim_per_sample=-logs[np.arange(120), order[labels]])
    )
    assert found.mistake == "classes_in_other_order"
    moved = [f"{at}→{column}" for at, column in enumerate(order.tolist()) if at != column]
    assert ", ".join(moved) in found.text


def test_losses_of_samples_decide_between_mistakes_of_one_number() -> None:
    """The claimed value is twice ours, by a factor or by weights of 2 that were forgotten: the losses tell which."""
    p, t = errors(np.random.default_rng(6), 20)
    losses, weight = (p - t) ** 2, np.full(20, 2.0)
    claim = repr(float(losses.mean()) / 2.0)
    alone = first(losscli.verify("huber", p, t, claim=repr(float((losses).mean())), delta=1e9))
    assert {"double", "mse_computed"} <= {alone.mistake, *alone.alternatives}
    settled = losscli.verify("mse", p, t, claim=claim, claim_per_sample=losses)
    assert [judged.verdict for judged in settled.claims] == ["refuted", "holds"]
    assert first(settled).mistake == "half"
    assert weight.sum() == 40.0


def gradient(c: Classes) -> Array:
    rows = c.probabilities.copy()
    rows[np.arange(len(rows)), c.labels] -= 1.0
    return rows / len(rows)


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        (lambda c: gradient(c) * len(c.labels), "gradient_of_sum"),
        (lambda c: -gradient(c), "sign"),
        (lambda c: gradient(c) / 2.0, "half"),
        (lambda c: gradient(c) * 2.0, "double"),
        (lambda c: gradient(c) / len(c.labels), "mean_twice"),
        (lambda c: c.probabilities / len(c.labels), "one_hot_left_out"),
        (lambda c: np.roll(gradient(c), 1, axis=0), "rows_shifted"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients(change: Any, mistake: str, dtype: Any) -> None:
    c = plain(7)
    claim = change(c).astype(dtype)
    assert first(losscli.verify("cross_entropy", c.scores, c.labels, claim_gradient=claim)).mistake == mistake


def test_softmax_alone_with_weights_and_ignored_samples() -> None:
    c = classes(np.random.default_rng(8), weights=True, ignored=True)
    claim = c.probabilities * (c.weights / c.weights.sum())[:, None]
    made = c.made(0.0)
    named: dict[str, Any] = {**made.inputs, **made.options}
    assert first(losscli.verify("cross_entropy", claim_gradient=claim, **named)).mistake == "one_hot_left_out"


def test_probability_alone() -> None:
    x, t = answers(np.random.default_rng(9), scores=True)
    claim = 1.0 / (1.0 + np.exp(-x)) / len(x)
    assert first(losscli.verify("bce_with_logits", x, t, claim_gradient=claim)).mistake == "target_left_out"


def test_the_gradient_of_the_other_input() -> None:
    p, t = errors(np.random.default_rng(10))
    v = np.random.default_rng(11).uniform(0.5, 2.0, len(p))
    of_var = (1.0 - (p - t) ** 2 / v) / (2.0 * v) / len(p)
    assert first(losscli.verify("gaussian_nll", p, t, v, claim_gradient=of_var)).mistake == "gradient_of_var"


def test_every_claimed_gradient_is_explained() -> None:
    p, t = errors(np.random.default_rng(12))
    slope = 2.0 * (p - t) / len(p)
    verified = losscli.verify("mse", p, t, claim_gradient={"input": slope * len(p), "target": slope})
    assert [each.mistake for each in verified.explanations] == ["gradient_of_sum", "gradient_of_input"]


def test_a_gradient_that_was_not_divided_by_the_samples() -> None:
    """With class weights the sum has another gradient: Σ w times ours, where this is n times ours."""
    c = classes(np.random.default_rng(12), weights=True, ignored=False, least=3)
    one_hot = np.eye(c.scores.shape[1])[c.labels]
    right = c.weights[:, None] * (c.probabilities - one_hot) / c.weights.sum()
    made = c.made(0.0)
    named: dict[str, Any] = {**made.inputs, **made.options}
    verified = losscli.verify("cross_entropy", claim_gradient={"input": right * len(c.labels)}, **named)
    assert first(verified).mistake == "mean_missing"
