"""Weights of classes in another order or on the scores, columns in another order, logarithms passed or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.mistaken.making import Draw, Made, answers, binary, classes, errors, mistake


def _weighed(draw: Draw, wrong: Any) -> Made:
    c = classes(draw, weights=True, least=3)
    weights = wrong(c.weight)[c.labels] * c.kept
    return c.made((weights * c.picked(c.nll)).sum() / weights.sum())


@mistake("M53", "weight_in_other_order")
def weights_reversed(draw: Draw) -> Made:
    return _weighed(draw, lambda w: w[::-1])


@mistake("M53", "weight_in_other_order")
def weights_from_one(draw: Draw) -> Made:
    return _weighed(draw, lambda w: np.roll(w, 1))


@mistake("M53", "weights_on_scores")
def scores_weighed(draw: Draw) -> Made:
    c = classes(draw, weights=True, least=3)
    scores = c.scores * c.weight
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return c.made(-(c.kept * c.picked(logs)).sum() / c.kept.sum())


@mistake("M06", "sigmoid_before + pos_weight_forgotten")
def sigmoid_and_no_weight(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    p = 1.0 / (1.0 + np.exp(-x))
    claim = binary(1.0 / (1.0 + np.exp(-p)), t).mean()
    return Made("bce_with_logits", {"input": x, "target": t}, float(claim), {"pos_weight": np.array(2.5)})


@mistake("M57", "columns_in_other_order")
def two_columns_exchanged(draw: Draw) -> Made:
    p, t = errors(draw, 25, 6)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p - t[:, [0, 1, 3, 2, 4, 5]]).mean()))


@mistake("M57", "columns_in_other_order")
def order_of_three(draw: Draw) -> Made:
    p, t = errors(draw, 25, 3)
    return Made("huber", {"input": p, "target": t}, float(_huber(p - t[:, [0, 2, 1]]).mean()))


def _huber(e: Any) -> Any:
    return np.where(np.abs(e) <= 1.0, e**2 / 2.0, np.abs(e) - 0.5)


@mistake("M57", "columns_shifted")
def index_column(draw: Draw) -> Made:
    p, t = errors(draw, 25, 5)
    return Made("mse", {"input": p, "target": t}, float(((p - np.roll(t, -1, axis=1)) ** 2).mean()))


@mistake("M42", "log_of_input")
def logarithms_for_rates(draw: Draw) -> Made:
    rate = draw.uniform(1.5, 6.0, 50)
    counts = draw.poisson(rate).astype(float)
    claim = (np.log(rate) - counts * np.log(np.log(rate) + 1e-8)).mean()
    return Made("poisson_nll", {"input": rate, "target": counts}, float(claim), {"log_input": False})


@mistake("M42", "exp_of_input")
def rates_for_logarithms(draw: Draw) -> Made:
    log_rate = draw.normal(0.3, 0.5, 50)
    counts = draw.poisson(np.exp(log_rate)).astype(float)
    claim = (np.exp(np.exp(log_rate)) - counts * np.exp(log_rate)).mean()
    return Made("poisson_nll", {"input": log_rate, "target": counts}, float(claim))
