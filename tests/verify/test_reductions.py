"""What the texts about reductions say: the sizes of this case, and of several that fit one mistake."""

from __future__ import annotations

from typing import Any

import numpy as np

import losscli
from tests.verify.mistaken.making import classes, errors


def first(loss: str, *data: Any, claim: float | str, **options: Any) -> Any:
    text = claim if isinstance(claim, str) else f"{claim:.9g}"
    return losscli.verify(loss, *data, claim=text, **options).explanations[0]


def test_sizes_of_batches_that_fit_are_one_explanation() -> None:
    """Of 70 rows the last 6 are left over by batches of 32, 64 and 16 alike."""
    p, t = errors(np.random.default_rng(0), 70)
    found = first("mse", p, t, claim=((p - t) ** 2)[64:].mean())
    assert found.mistake == "last_batch"
    assert "batches of 32 or 64 or 16 or 8" in found.text
    assert not found.alternatives


def test_two_equal_batches_are_half_a_sum() -> None:
    p, t = errors(np.random.default_rng(1), 70)
    found = first("mse", p, t, claim=((p - t) ** 2).sum() / 2)
    assert set(found.mistake.split(" + ")) == {"sum_for_mean", "half"}


def test_the_number_of_classes_is_said() -> None:
    c = classes(np.random.default_rng(2), weights=False, ignored=False, least=6)
    count, n = c.scores.shape[1], len(c.labels)
    text = first("cross_entropy", c.scores, c.labels, claim=c.picked(c.nll).mean() / count).text
    assert f"C = {count}" in text
    assert f"N is {n}" in text


def test_a_simple_divisor_comes_before_equal_batches() -> None:
    p, t = errors(np.random.default_rng(3), 64)
    found = first("mse", p, t, claim=((p - t) ** 2).mean() / 8)
    assert found.mistake == "divided_by_8"
    assert "batch_means_over_samples" in found.alternatives


def test_the_mean_of_the_roots_of_batches() -> None:
    found = first("rmse", [1.0, 2, 3, 4, 5], [1.0, 3, 3.5, 6, 9], claim="2.054948")
    assert found.mistake == "mean_of_batch_losses"
    assert "batches of 2" in found.text


def test_class_weights_in_losses_and_slopes() -> None:
    c = classes(np.random.default_rng(4), weights=False, ignored=False, least=3)
    n, count = c.scores.shape
    weights = n / (count * np.bincount(c.labels)[c.labels])
    slopes = (c.probabilities - np.eye(count)[c.labels]) * weights[:, None] / weights.sum()
    for claim in ({"claim_per_sample": weights * c.picked(c.nll)}, {"claim_gradient": slopes}):
        verified = losscli.verify("cross_entropy", c.scores, c.labels, **claim)
        assert verified.explanations[0].mistake == "class_weights"


def test_rows_with_target_0_in_losses_and_slopes() -> None:
    p, t = errors(np.random.default_rng(5), 30)
    t[3:7] = 0.0
    used = t != 0.0
    for claim, name in (
        ({"claim_per_sample": used * np.abs(p - t)}, "zero_targets_cost_nothing"),
        ({"claim_gradient": used * np.sign(p - t) / used.sum()}, "zero_targets_left_out"),
    ):
        explanation = losscli.verify("l1", p, t, **claim).explanations[0]
        assert name in {explanation.mistake, *explanation.alternatives}
