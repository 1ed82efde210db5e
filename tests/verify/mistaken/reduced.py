"""Right losses of samples, made into one number in a wrong way."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.mistaken.making import (
    Array,
    Classes,
    Draw,
    Made,
    classes,
    distributions,
    divergence,
    errors,
    kl,
    mistake,
    sequences,
)


@mistake("M02", "divided_by_count")
def weighted_by_count(draw: Draw) -> Made:
    c = classes(draw, weights=True)
    return c.made((c.weights * c.picked(c.nll)).sum() / c.kept.sum())


@mistake("M02", "divided_by_weights")
def binary_by_weights(draw: Draw) -> Made:
    p, t = draw.uniform(0.02, 0.98, 40), draw.integers(0, 2, 40).astype(float)
    w = draw.uniform(0.2, 3.0, 40)
    losses = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    return Made("bce", {"input": p, "target": t}, (w * losses).sum() / w.sum(), {"weight": w})


@mistake("M03", "mean_for_batchmean")
def kl_mean(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, divergence(logs, truth).mean())


@mistake("M03", "batchmean_for_mean")
def kl_batchmean(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, divergence(logs, truth).sum() / len(logs), "mean")


@mistake("M03", "sum_for_batchmean")
def kl_sum(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, divergence(logs, truth).sum())


@mistake("M09", "sum_for_mean")
def summed(draw: Draw) -> Made:
    c = classes(draw)
    return c.made((c.weights * c.picked(c.nll)).sum())


@mistake("M09", "mean_for_sum")
def averaged(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(c.picked(c.nll)), reduction="sum")


@mistake("M09", "divided_twice")
def divided_twice(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(c.picked(c.nll)) / c.kept.sum())


@mistake("M09", "batchmean_for_mean")
def divided_by_rows(draw: Draw) -> Made:
    x, t = draw.normal(size=(2, 30, 4))
    return Made("mse", {"input": x, "target": t}, ((x - t) ** 2).sum() / 30)


def batches(c: Classes, size: int) -> list[Classes]:
    starts = range(0, len(c.labels), size)
    return [Classes(c.scores[s : s + size], c.labels[s : s + size], c.weight, c.kept[s : s + size]) for s in starts]


@mistake("M10", "mean_of_batch_means")
def batch_means(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    size = int(draw.integers(2, len(c.labels)))
    while len(c.labels) % size == 0:
        size = int(draw.integers(2, len(c.labels)))
    return c.made(float(np.mean([b.mean(b.picked(b.nll)) for b in batches(c, size)])))


@mistake("M10", "mean_of_batch_means")
def batch_means_weighted(draw: Draw) -> Made:
    c = classes(draw, weights=True, ignored=False)
    return c.made(float(np.mean([b.mean(b.picked(b.nll)) for b in batches(c, 4)])))


@mistake("M10", "batch_means_over_samples")
def batch_means_divided_again(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    total = sum(b.mean(b.picked(b.nll)) for b in batches(c, 5))
    return c.made(total / len(c.labels))


@mistake("M11", "mean_of_sample_means")
def token_means_of_samples(draw: Draw) -> Made:
    scores, labels, losses = sequences(draw)
    means = losses.sum(axis=1) / (labels >= 0).sum(axis=1)
    return Made("cross_entropy", {"input": scores, "target": labels}, float(means.mean()))


@mistake("M11", "mean_of_batch_means")
def token_means_of_micro_batches(draw: Draw) -> Made:
    scores, labels, losses = sequences(draw)
    starts = range(0, len(labels), 2)
    means = [losses[s : s + 2].sum() / (labels[s : s + 2] >= 0).sum() for s in starts]
    return Made("cross_entropy", {"input": scores, "target": labels}, float(np.mean(means)))


@mistake("M12", "ignored_counted")
def ignored_in_the_denominator(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=True)
    return c.made((c.kept * c.picked(c.nll)).sum() / len(c.kept))


@mistake("M12", "ignore_index_forgotten")
def not_ignored(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    named = {"input": c.scores, "target": c.labels}
    return Made("cross_entropy", named, float(c.picked(c.nll).mean()), {"ignore_index": 1})


@mistake("M13", "log_base_2")
def bits(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(c.picked(np.log2(1.0 / c.probabilities))))


@mistake("M13", "log_base_10")
def decimal(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(c.picked(-np.log10(c.probabilities))))


@mistake("M13", "perplexity")
def perplexity(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(float(np.exp(c.mean(c.picked(c.nll)))))


@mistake("M13", "perplexity_base_2")
def perplexity_of_nats(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(2.0 ** c.mean(c.picked(c.nll)))


@mistake("M13", "mean_of_exp")
def mean_perplexity(draw: Draw) -> Made:
    c = classes(draw, weights=False)
    return c.made(c.mean(np.exp(c.picked(c.nll))))


@mistake("M27", "averaged_over_classes")
def averaged_over_classes(draw: Draw) -> Made:
    c = classes(draw, least=3)
    return c.made(c.mean(c.picked(c.nll)) / c.scores.shape[1])


def weighted_samples(draw: Draw, convention: str) -> tuple[Array, Array, Array, dict[str, Any]]:
    p, t = errors(draw, 40)
    w = draw.uniform(0.2, 3.0, 40)
    w[:5] = 0.0
    return (p - t) ** 2, w, p, {"sample_weight": w, "convention": convention}


for _below, _convention in (
    ("divided_by_count", "torch"),
    ("divided_by_weights", "keras"),
    ("divided_by_used", "torch"),
):

    @mistake("M28", _below)
    def other_denominators(draw: Draw, name: str = _below, convention: str = _convention) -> Made:
        losses, w, p, options = weighted_samples(draw, convention)
        below = {"divided_by_count": 40.0, "divided_by_weights": w.sum(), "divided_by_used": 35.0}[name]
        named = {"input": p, "target": p + np.sqrt(losses)}
        return Made("mse", named, float((w * losses).sum() / below), options)


@mistake("M29", "divided_by_weights")
def soft_by_weights(draw: Draw) -> Made:
    c = classes(draw, weights=True, ignored=False)
    rows = np.eye(c.scores.shape[1])[c.labels]
    named = {"input": c.scores, "target": rows}
    return Made("cross_entropy", named, c.mean(c.picked(c.nll)), {"weight": c.weight})


@mistake("M29", "divided_by_count")
def labels_as_soft(draw: Draw) -> Made:
    c = classes(draw, weights=True, ignored=False)
    return c.made((c.weights * c.picked(c.nll)).mean())


@mistake("M54", "last_axis_first")
def last_axis_first(draw: Draw) -> Made:
    p, t = errors(draw, 20, 3)
    return Made("mse", {"input": p, "target": t}, float(((p - t) ** 2).mean(axis=-1).sum()))


@mistake("M55", "n_minus_one")
def as_a_variance(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p - t) ** 2).sum() / (len(p) - 1)))


@mistake("M58", "scale_by_half_false")
def brier_sum(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    p = c.probabilities[:, :2] / c.probabilities[:, :2].sum(axis=1, keepdims=True)
    labels = c.labels % 2
    claim = ((p - np.eye(2)[labels]) ** 2).sum(axis=1).mean()
    return Made("brier", {"input": p, "target": labels}, float(claim))


@mistake("M58", "averaged_over_classes")
def brier_mean(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=4)
    rows = np.eye(c.scores.shape[1])[c.labels]
    return Made("brier", {"input": c.probabilities, "target": c.labels}, float(((c.probabilities - rows) ** 2).mean()))
