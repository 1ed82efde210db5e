"""Mistakes that single losses declare in their definitions."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import (
    Array,
    Draw,
    Made,
    answers,
    binary,
    classes,
    cosines,
    errors,
    focal,
    mistake,
    modulated,
    vectors,
)


def _symmetric(draw: Draw) -> tuple[dict[str, Array], Array, Array]:
    """Scores and labels, their cross-entropy, and its reverse, where log 0 counts as log 1e-4."""
    n, count = int(draw.integers(6, 60)), int(draw.integers(3, 6))
    scores, labels = draw.normal(size=(n, count)), draw.integers(0, count, n)
    share = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    right = share[np.arange(n), labels]
    return {"input": scores, "target": labels}, -np.log(right), -np.log(1e-4) * (1.0 - right)


@mistake("M57", "a_and_b_normalised")
def weights_that_add_up_to_1(draw: Draw) -> Made:
    inputs, forward, reverse = _symmetric(draw)
    return Made("sce", inputs, float((0.1 * forward + 6.0 * reverse).mean() / 6.1), {"a": 0.1, "b": 6.0})


@mistake("M57", "reverse_left_out")
def forward_alone(draw: Draw) -> Made:
    inputs, forward, _ = _symmetric(draw)
    return Made("sce", inputs, float(0.7 * forward.mean()), {"a": 0.7, "b": 2.0})


@mistake("M57", "alpha_on_missed")
def older_keras(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    right, wrong, missed = (p * t).sum(), (p * (1 - t)).sum(), ((1 - p) * t).sum()
    return Made("tversky", {"input": p, "target": t}, float(1 - right / (right + 0.7 * wrong + 0.3 * missed)))


@mistake("M57", "alpha_on_yes_alone")
def alpha_of_the_yeses(draw: Draw) -> Made:
    return focal(
        draw,
        "sigmoid_focal",
        lambda p, t, gamma, alpha: float((np.where(t == 1.0, alpha, 1.0) * modulated(p, t, gamma)).mean()),
    )


@mistake("M57", "focal_of_mean_times_alpha")
def focus_on_the_mean(draw: Draw) -> Made:
    def claim(p: Array, t: Array, gamma: float, alpha: float) -> float:
        mean = binary(p, t).mean()
        return float(alpha * (1.0 - np.exp(-mean)) ** gamma * mean)

    return focal(draw, "sigmoid_focal", claim)


@mistake("M57", "clipped_and_added_1e-07")
def tf_keras_2(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    p[:2] = 1.0 - t[:2]  # sure and wrong
    shown = np.clip(p, 1e-7, 1.0 - 1e-7)
    losses = -(t * np.log(shown + 1e-7) + (1.0 - t) * np.log(1.0 - shown + 1e-7))
    return Made("bce", {"input": p, "target": t}, float(losses.mean()))


@mistake("M57", "lengths_left_out")
def scalar_products(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    return Made("cosine_similarity", {"x1": a, "x2": b}, float((a * b).sum(axis=1).mean()), {"reduction": "mean"})


@mistake("M57", "targets_left_out")
def every_pair_together(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    t = np.where(np.arange(len(a)) % 3 == 0, -1.0, 1.0)
    return Made("cosine_embedding", {"input1": a, "input2": b, "target": t}, float((1.0 - cosines(a, b)).mean()))


@mistake("M57", "logarithm_left_out")
def plain_squares(draw: Draw) -> Made:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return Made("msle", {"input": p, "target": t}, float(((p - t) ** 2).mean()))


@mistake("M57", "symmetric")
def symmetric_percentage(draw: Draw) -> Made:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return Made("mape", {"input": p, "target": t}, float((2.0 * np.abs(p - t) / (p + t)).mean()))


@mistake("M57", "weighted_by_size")
def of_all_amounts(draw: Draw) -> Made:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return Made("mape", {"input": p, "target": t}, float(np.abs(p - t).sum() / t.sum()))


def with_zeros(draw: Draw) -> tuple[Array, Array]:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return p, np.where(draw.random(40) < 0.2, 0.0, t)


@mistake("M57", "zero_targets_left_out")
def only_rows_with_a_target(draw: Draw) -> Made:
    p, t = with_zeros(draw)
    errors_of_others = np.abs(p - t)[t > 0] / t[t > 0]
    return Made("mape", {"input": p, "target": t}, float(errors_of_others.mean()))


@mistake("M57", "zero_targets_cost_nothing")
def nothing_for_rows_without_a_target(draw: Draw) -> Made:
    p, t = with_zeros(draw)
    errors_of_others = np.abs(p - t)[t > 0] / t[t > 0]
    return Made("mape", {"input": p, "target": t}, float(errors_of_others.sum() / 40))


@mistake("M57", "root_twice")
def root_of_a_root(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("rmse", {"input": p, "target": t}, float(np.square(p - t).mean() ** 0.25))


@mistake("M57", "variance_for_deviation")
def squared_once_more(draw: Draw) -> Made:
    p, t = errors(draw)
    v = draw.uniform(0.2, 3.0, len(p))
    claim = ((np.log(v**2) + (p - t) ** 2 / v**2) / 2).mean()
    return Made("gaussian_nll", {"input": p, "target": t, "var": v}, float(claim))


@mistake("M57", "sigmoid_on_one_hot")
def a_sigmoid_for_each_class(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    rows = np.eye(c.scores.shape[1])[c.labels]
    return c.made(binary(1.0 / (1.0 + np.exp(-c.scores)), rows).mean())


@mistake("M18", "added_1e-07")
def added_to_both_answers(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    p[:2] = 1e-9, 1.0 - 1e-9  # sure and right: what is added shows in the others alone
    p[2], t[2] = 1.0 - 1e-9, 0.0
    losses = -(t * np.log(p + 1e-7) + (1.0 - t) * np.log(1.0 - p + 1e-7))
    return Made("bce", {"input": p, "target": t}, float(losses.mean()))
