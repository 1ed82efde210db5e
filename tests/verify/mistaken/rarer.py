"""Rarer mistakes: what was done to the number, exchanged truths and inputs, batches, weights that were forgotten."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import (
    Draw,
    Made,
    answers,
    binary,
    classes,
    cosines,
    distributions,
    divergence,
    errors,
    kl,
    mistake,
    vectors,
)


@mistake("M57", "square")
def squared(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p - t).mean() ** 2))


@mistake("M57", "per_hundred")
def a_hundredth(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p - t) ** 2).mean() / 100.0))


@mistake("M57", "one_minus")
def from_one(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    return Made("cosine_similarity", {"x1": a, "x2": b}, float(1.0 - cosines(a, b).mean()), {"reduction": "mean"})


@mistake("M57", "exp_of_minus")
def mean_probability(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=4)
    return c.made(np.exp(-c.picked(c.nll).mean()))


@mistake("M57", "target_flipped")
def no_for_yes(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    return Made("bce_with_logits", {"input": x, "target": t}, float(binary(1.0 / (1.0 + np.exp(-x)), 1.0 - t).mean()))


@mistake("M57", "complement")
def probability_of_no(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(binary(1.0 - p, t).mean()))


@mistake("M57", "sigmoid_twice")
def two_sigmoids(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(binary(1.0 / (1.0 + np.exp(-p)), t).mean()))


@mistake("M57", "accuracy")
def share_of_right(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made((c.scores.argmax(axis=1) == c.labels).mean())


@mistake("M57", "error_rate")
def share_of_wrong(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made((c.scores.argmax(axis=1) != c.labels).mean())


@mistake("M57", "sum_of_batch_means")
def batch_means_added(draw: Draw) -> Made:
    p, t = errors(draw, 70)
    losses = np.abs(p - t)
    return Made("l1", {"input": p, "target": t}, float(sum(losses[at : at + 32].mean() for at in range(0, 70, 32))))


@mistake("M57", "summed_over_classes")
def classes_added(draw: Draw) -> Made:
    x, t = draw.normal(size=(9, 5)), (draw.random((9, 5)) < 0.4).astype(float)
    losses = binary(1.0 / (1.0 + np.exp(-x)), t)
    return Made("multilabel_soft_margin", {"input": x, "target": t}, float(losses.sum(axis=1).mean()))


@mistake("M57", "sample_weight_forgotten")
def unweighted_samples(draw: Draw) -> Made:
    p, t = errors(draw, 40)
    options = {"sample_weight": draw.uniform(0.2, 3.0, 40)}
    return Made("mse", {"input": p, "target": t}, float(((p - t) ** 2).mean()), options)


@mistake("M57", "input_and_target_swapped|divided_by_prediction")
def inputs_in_each_others_place(draw: Draw) -> Made:
    p, t = draw.uniform(1.0, 5.0, (2, 30))
    return Made("mape", {"input": p, "target": t}, float((np.abs(p - t) / p).mean()))


@mistake("M57", "shifted_by_one_around")
def truth_rolled(draw: Draw) -> Made:
    p, t = errors(draw, 30)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p - np.roll(t, 1)).mean()))


@mistake("M57", "labels_from_one_dropped")
def labels_out_of_range_left_out(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    usable = c.labels > 0
    return c.made(c.nll[np.flatnonzero(usable), c.labels[usable] - 1].mean())


for _temperature in (2, 3, 5, 6, 8, 10, 20):

    @mistake("M35", f"temperature_squared_{_temperature}")
    def distilled(draw: Draw, temperature: int = _temperature) -> Made:
        logs, truth = distributions(draw)
        return kl(logs, truth, temperature**2 * divergence(logs, truth).sum() / len(logs))


for _temperature in (2, 3, 4):

    @mistake("M35", f"temperature_not_squared_{_temperature}")
    def distilled_without_square(draw: Draw, temperature: int = _temperature) -> Made:
        logs, truth = distributions(draw)
        return kl(logs, truth, divergence(logs, truth).sum() / len(logs) / temperature**2)


@mistake("M57", "entropy_left_out")
def cross_entropy_of_distributions(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, -(truth * logs).sum() / len(logs))
