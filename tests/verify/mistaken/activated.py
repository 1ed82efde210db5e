"""Predictions that passed through another function than the loss's, or through one more."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import Array, Draw, Made, answers, binary, classes, mistake


def _softmax(scores: Array, axis: int | None) -> Array:
    powers = np.exp(scores)
    return np.asarray(powers / powers.sum(axis=axis, keepdims=axis is not None))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


@mistake("M22", "softmax_over_everything")
def softmax_of_the_whole(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(-np.log(c.picked(_softmax(c.scores, None)))))


@mistake("M22", "softmax_over_samples")
def focal_softmax_over_samples(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    p = c.picked(_softmax(c.scores, 0))
    given = {"input": c.scores, "target": c.labels}
    return Made("softmax_focal", given, float((-((1.0 - p) ** 2) * np.log(p)).mean()), {"reduction": "mean"})


@mistake("M26", "sigmoid_for_softmax")
def sigmoid_of_the_true_score(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(np.log1p(np.exp(-c.picked(c.scores)))))


@mistake("M26", "softmax_for_sigmoid")
def softmax_of_tags(draw: Draw) -> Made:
    n, k = 30, 5
    x, t = draw.normal(0.0, 1.5, (n, k)), (draw.random((n, k)) < 0.4).astype(float)
    return Made("bce_with_logits", {"input": x, "target": t}, float(binary(_softmax(x, 1), t).mean()))


@mistake("M01", "softmax_before")
def softmax_before_sigmoids(draw: Draw) -> Made:
    n, k = 30, 5
    x, t = draw.normal(0.0, 1.5, (n, k)), (draw.random((n, k)) < 0.4).astype(float)
    claim = binary(_sigmoid(_softmax(x, 1)), t).mean()
    return Made("multilabel_soft_margin", {"input": x, "target": t}, float(claim))


@mistake("M06", "sigmoid_before")
def sigmoid_before_softmax(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(-np.log(c.picked(_softmax(_sigmoid(c.scores), 1)))))


@mistake("M57", "complement")
def log_of_one_minus_softmax(draw: Draw) -> Made:
    c = classes(draw, least=3)
    return c.made(c.mean(-np.log(1.0 - c.picked(c.probabilities))))


for _temperature in (2.0, 0.5):

    @mistake("M35", f"temperature_{_temperature:g}")
    def tempered(draw: Draw, temperature: float = _temperature) -> Made:
        c = classes(draw)
        return c.made(c.mean(-np.log(c.picked(_softmax(c.scores / temperature, 1)))))


@mistake("M57", "sign_of_scores")
def minus_scores(draw: Draw) -> Made:
    c = classes(draw, least=3)
    return c.made(c.mean(-np.log(c.picked(_softmax(-c.scores, 1)))))


@mistake("M56", "predictions_hardened")
def signs_for_scores(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    sides = 2.0 * t - 1.0
    return Made("hinge", {"input": x, "target": sides}, float(np.maximum(0.0, 1.0 - sides * np.sign(x)).mean()))


@mistake("M56", "predictions_hardened")
def mask_of_a_threshold(draw: Draw) -> Made:
    t = draw.random((4, 8, 8)) < 0.4
    p = _sigmoid(draw.normal(0.0, 1.0, t.shape) + 1.5 * t)
    hard = p >= 0.5
    claim = 1.0 - (2.0 * (hard & t).sum() + 1.0) / (hard.sum() + t.sum() + 1.0)
    return Made("dice", {"input": p, "target": t.astype(float)}, float(claim), {"smooth": 1.0})


@mistake("M56", "predictions_hardened")
def most_likely_class(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    hard = np.eye(c.scores.shape[1])[c.scores.argmax(axis=1)]
    claim = ((hard - np.eye(c.scores.shape[1])[c.labels]) ** 2).sum(axis=1).mean()
    return Made("brier", {"input": c.probabilities, "target": c.labels}, float(claim))
