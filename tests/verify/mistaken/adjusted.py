"""Weights, smoothing and other options applied in a wrong way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.verify.mistaken.making import (
    Array,
    Draw,
    Made,
    answers,
    binary,
    classes,
    distributions,
    divergence,
    focal,
    kl,
    mistake,
    modulated,
)


@mistake("M35", "temperature_squared_4")
def kl_times_temperature(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, 16.0 * divergence(logs, truth).sum() / len(logs))


for _loss in ("focal", "sigmoid_focal"):

    @mistake("M07", "alpha_on_no")
    def focal_alpha_on_no(draw: Draw, loss: str = _loss) -> Made:
        return focal(draw, loss, lambda p, t, g, a: (np.where(t == 1.0, 1.0 - a, a) * modulated(p, t, g)).mean())

    @mistake("M07", "alpha_on_both")
    def focal_alpha_on_both(draw: Draw, loss: str = _loss) -> Made:
        return focal(draw, loss, lambda p, t, g, a: (a * modulated(p, t, g)).mean())

    @mistake("M07", "alpha_left_out")
    def focal_alpha_left_out(draw: Draw, loss: str = _loss) -> Made:
        return focal(draw, loss, lambda p, t, g, _: modulated(p, t, g).mean())

    @mistake("M08", "focal_of_mean")
    def focal_of_mean(draw: Draw, loss: str = _loss) -> Made:
        return focal(draw, loss, lambda p, t, g, _: (1.0 - np.exp(-binary(p, t).mean())) ** g * binary(p, t).mean())

    @mistake("M08", "p_t_of_weighed")
    def focal_of_weighed(draw: Draw, loss: str = _loss) -> Made:
        def claim(p: Array, t: Array, g: float, a: float) -> float:
            weighted = np.where(t == 1.0, a, 1.0 - a) * binary(p, t)
            return float(((1.0 - np.exp(-weighted)) ** g * weighted).mean())

        return focal(draw, loss, claim)

    @mistake("M46", "divided_by_positives")
    def focal_by_positives(draw: Draw, loss: str = _loss) -> Made:
        def claim(p: Array, t: Array, g: float, a: float) -> float:
            return float((np.where(t == 1.0, a, 1.0 - a) * modulated(p, t, g)).sum() / t.sum())

        return focal(draw, loss, claim)

    @mistake("M47", "gamma_left_out")
    def focal_without_gamma(draw: Draw, loss: str = _loss) -> Made:
        return focal(draw, loss, lambda p, t, _, a: (np.where(t == 1.0, a, 1.0 - a) * binary(p, t)).mean())

    @mistake("M47", "modulator_of_p_t")
    def focal_of_p_t(draw: Draw, loss: str = _loss) -> Made:
        def claim(p: Array, t: Array, g: float, a: float) -> float:
            p_true = np.where(t == 1.0, p, 1.0 - p)
            return float((np.where(t == 1.0, a, 1.0 - a) * p_true**g * binary(p, t)).mean())

        return focal(draw, loss, claim)


def smoothed(draw: Draw, on_label: Callable[[float, int], float], elsewhere: Callable[[float, int], float]) -> Made:
    c, share = classes(draw, least=3), float(draw.uniform(0.05, 0.3))
    count = c.scores.shape[1]
    q = np.full(c.scores.shape, elsewhere(share, count))
    q[np.arange(len(q)), c.labels] = on_label(share, count)
    losses = (q * c.nll * c.weight).sum(axis=1) * c.kept
    return c.made(losses.sum() / c.weights.sum(), label_smoothing=share)


@mistake("M19", "smoothing_over_others")
def smoothing_over_others(draw: Draw) -> Made:
    return smoothed(draw, lambda e, _: 1 - e, lambda e, c: e / (c - 1))


@mistake("M19", "smoothing_not_on_label")
def smoothing_not_on_label(draw: Draw) -> Made:
    return smoothed(draw, lambda e, c: (1 - e - e / c) + e / c, lambda e, c: e / c)


@mistake("M19", "smoothing_divided_twice")
def smoothing_divided_twice(draw: Draw) -> Made:
    return smoothed(draw, lambda e, c: (1 - e / c) + e / c, lambda e, c: e / c)


@mistake("M19", "smoothing_without_epsilon")
def smoothing_without_epsilon(draw: Draw) -> Made:
    return smoothed(draw, lambda e, c: (1 - e) + 1 / c, lambda _, c: 1 / c)


@mistake("M19", "label_smoothing_forgotten")
def smoothing_forgotten(draw: Draw) -> Made:
    return smoothed(draw, lambda *_: 1.0, lambda *_: 0.0)


@mistake("M19", "label_smoothing_0.1")
def smoothing_not_wanted(draw: Draw) -> Made:
    c = classes(draw)
    losses = 0.9 * c.picked(c.nll * c.weight) + 0.1 * (c.nll * c.weight).mean(axis=1)
    return c.made((losses * c.kept).sum() / c.weights.sum())


def positive(draw: Draw, claim: Callable[[Array, Array, Array, float], Array]) -> Made:
    x, t = answers(draw, scores=True)
    pw = float(draw.uniform(1.5, 5.0))
    yes, no = np.log1p(np.exp(-x)), np.log1p(np.exp(x))
    losses = claim(t, yes, no, pw)
    return Made("bce_with_logits", {"input": x, "target": t}, float(losses.mean()), {"pos_weight": np.array(pw)})


@mistake("M30", "pos_weight_on_negatives")
def pos_weight_on_negatives(draw: Draw) -> Made:
    return positive(draw, lambda t, yes, no, pw: t * yes + pw * (1 - t) * no)


@mistake("M30", "pos_weight_inverse")
def pos_weight_inverse(draw: Draw) -> Made:
    return positive(draw, lambda t, yes, no, pw: t * yes / pw + (1 - t) * no)


@mistake("M30", "pos_weight_on_both")
def pos_weight_on_both(draw: Draw) -> Made:
    return positive(draw, lambda t, yes, no, pw: pw * (t * yes + (1 - t) * no))


@mistake("M30", "pos_weight_forgotten")
def pos_weight_forgotten(draw: Draw) -> Made:
    return positive(draw, lambda t, yes, no, _: t * yes + (1 - t) * no)


@mistake("M30", "pos_weight_normalised")
def pos_weight_normalised(draw: Draw) -> Made:
    def claim(t: Array, yes: Array, no: Array, pw: float) -> Array:
        return np.asarray((pw * t * yes + (1 - t) * no).sum() / (pw * t + 1 - t).sum())

    return positive(draw, claim)


def symmetric(draw: Draw, claim: Callable[[Array, Array, Array, float, float], Array]) -> Made:
    """The tutorials' symmetric cross-entropy, of which a claim gets cross-entropy, clipped softmax and one-hot rows."""
    c, a, b = classes(draw, weights=False, ignored=False, least=3), float(draw.uniform(0.1, 0.9)), 1.3
    rows = np.eye(c.scores.shape[1])[c.labels]
    losses = claim(c.picked(c.nll), np.maximum(c.probabilities, 1e-4), rows, a, b)
    return Made("sce", {"input": c.scores, "target": c.labels}, float(losses.mean()), {"a": a, "b": b})


@mistake("M43", "decimal_logarithm")
def decimal_constant(draw: Draw) -> Made:
    return symmetric(draw, lambda ce, p, y, a, b: a * ce + b * 4.0 * (p * (1 - y)).sum(axis=1))


@mistake("M44", "clipped_truth_reused")
def clipped_truth(draw: Draw) -> Made:
    def claim(_: Array, p: Array, y: Array, a: float, b: float) -> Array:
        q = np.clip(y, 1e-4, 1.0)
        return np.asarray(-a * (q * np.log(p)).sum(axis=1) - b * (p * np.log(q)).sum(axis=1))

    return symmetric(draw, claim)


@mistake("M45", "a_and_b_exchanged")
def weights_exchanged(draw: Draw) -> Made:
    return symmetric(draw, lambda ce, p, y, a, b: b * ce - a * np.log(1e-4) * (p * (1 - y)).sum(axis=1))


@mistake("M53", "weights_inverse")
def inverse_weights(draw: Draw) -> Made:
    c = classes(draw, weights=True)
    weights = c.kept / c.weight[c.labels]
    return c.made((weights * c.picked(c.nll)).sum() / weights.sum())


@mistake("M53", "weights_of_predicted")
def predicted_weights(draw: Draw) -> Made:
    c = classes(draw, weights=True)
    weights = c.kept * c.weight[c.scores.argmax(axis=1)]
    return c.made((weights * c.picked(c.nll)).sum() / weights.sum())


@mistake("M53", "weights_normalised")
def normalised_weights(draw: Draw) -> Made:
    c = classes(draw, weights=True)
    return c.made((c.weights / c.weight.sum() * c.picked(c.nll)).sum() / c.kept.sum())
