"""Targets that were smoothed though nobody asked for it, and smoothing done in another way."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import Array, Classes, Draw, Made, answers, binary, classes, mistake


def _spread(c: Classes, own: float, elsewhere: float) -> Array:
    """The losses with these shares on the label and on each other class."""
    return np.asarray((own - elsewhere) * c.picked(c.nll) + elsewhere * c.nll.sum(axis=1))


for _epsilon in (0.05, 0.2, 0.3):

    @mistake("M19", f"label_smoothing_{_epsilon:g}")
    def smoothed_labels(draw: Draw, epsilon: float = _epsilon) -> Made:
        c = classes(draw, weights=False, least=3)
        count = c.scores.shape[1]
        return c.made(c.mean(_spread(c, 1 - epsilon + epsilon / count, epsilon / count)))


@mistake("M19", "label_smoothing_0.1")
def smoothed_rows(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    rows = np.eye(c.scores.shape[1])[c.labels]
    truth = 0.9 * rows + 0.1 / rows.shape[1]
    return Made("cross_entropy", {"input": c.scores, "target": rows}, float((truth * c.nll).sum(axis=1).mean()))


@mistake("M19", "label_smoothing_0.2")
def smoothed_answers(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(binary(p, 0.8 * t + 0.1).mean()))


@mistake("M19", "uniform_term_left_out")
def label_alone(draw: Draw) -> Made:
    c = classes(draw, weights=False)
    return c.made(c.mean(0.85 * c.picked(c.nll)), label_smoothing=0.15)


@mistake("M19", "smoothing_added_up")
def uniform_part_added_up(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    return c.made(c.mean(0.85 * c.picked(c.nll) + 0.15 * c.nll.sum(axis=1)), label_smoothing=0.15)


@mistake("M19", "smoothing_over_all_but_two")
def room_for_padding(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=4)
    return c.made(c.mean(_spread(c, 0.85, 0.15 / (c.scores.shape[1] - 2))), label_smoothing=0.15)


@mistake("M19", "entropy_subtracted")
def divergence_of_smoothed(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    truth = 0.85 * np.eye(c.scores.shape[1])[c.labels] + 0.15 / c.scores.shape[1]
    return c.made(c.mean((truth * (np.log(truth) + c.nll)).sum(axis=1)), label_smoothing=0.15)


@mistake("M19", "smoothing_counts_ignored")
def uniform_part_of_padding(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=True)
    losses = 0.85 * c.kept * c.picked(c.nll) + 0.15 * c.nll.mean(axis=1)
    return c.made(losses.sum() / c.kept.sum(), label_smoothing=0.15)


@mistake("M19", "smoothing_counts_ignored")
def padding_counted_and_smoothed(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=True)
    losses = 0.85 * c.kept * c.picked(c.nll) + 0.15 * c.nll.mean(axis=1)
    return c.made(losses.mean(), label_smoothing=0.15)
