"""Rows, columns and targets that do not belong together, or have another scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.mistaken.making import Array, Draw, Made, answers, binary, classes, errors, mistake, vectors


def _mse(p: Array, t: Array, claim: Any) -> Made:
    return Made("mse", {"input": p, "target": t}, float(claim))


@mistake("M57", "targets_sorted")
def sorted_targets(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((p - np.sort(t)) ** 2).mean())


@mistake("M57", "targets_sorted")
def sorted_labels(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    rows = np.arange(len(c.labels))
    return c.made(c.nll[rows, np.sort(c.labels)].mean())


@mistake("M57", "predictions_sorted")
def sorted_predictions(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((np.sort(p) - t) ** 2).mean())


@mistake("M57", "both_sorted")
def sorted_columns(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((np.sort(p) - np.sort(t)) ** 2).mean())


@mistake("M57", "targets_reversed")
def last_first(draw: Draw) -> Made:
    p, t = errors(draw, 30, 3)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p - t[::-1]).mean()))


@mistake("M57", "first_row_left_out")
def header_of_numbers(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(binary(p, t)[1:].mean()))


@mistake("M57", "targets_standardised")
def scaled(draw: Draw) -> Made:
    p, t = errors(draw)
    p, t = ((x - t.mean()) / t.std() for x in (p, t))
    return Made("l1", {"input": 4.0 * p + 1.0, "target": 4.0 * t + 1.0}, float(np.abs(p - t).mean()))


@mistake("M57", "targets_alone_standardised")
def one_side_scaled(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((p - (t - t.mean()) / t.std()) ** 2).mean())


@mistake("M57", "targets_scaled_to_unit_range")
def unit_range(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, (((p - t) / np.ptp(t)) ** 2).mean())


@mistake("M57", "predictions_rounded")
def rounded(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((np.round(p) - t) ** 2).mean())


@mistake("M57", "predictions_truncated")
def cast(draw: Draw) -> Made:
    p, t = errors(draw)
    return _mse(p, t, ((p.astype(int) - t) ** 2).mean())


def _normal(draw: Draw, wrong: Any) -> Made:
    p, t = errors(draw, 40)
    var = draw.uniform(0.3, 3.0, 40)
    v = wrong(var)
    claim = ((np.log(v) + (p - t) ** 2 / v) / 2).mean()
    return Made("gaussian_nll", {"input": p, "target": t, "var": var}, float(claim))


@mistake("M41", "variance_taken_for_log")
def exponential_of_variance(draw: Draw) -> Made:
    return _normal(draw, np.exp)


@mistake("M41", "precision_for_variance")
def precision(draw: Draw) -> Made:
    return _normal(draw, lambda v: 1.0 / v)


@mistake("M41", "log_for_variance")
def logarithm_of_variance(draw: Draw) -> Made:
    return _normal(draw, lambda v: np.maximum(np.log(v), 1e-6))


@mistake("M38", "not_divided_by_255")
def picture_of_bytes(draw: Draw) -> Made:
    t = (draw.random((3, 8, 8)) < 0.4).astype(float)
    p = draw.random(t.shape)
    claim = 1.0 - 2.0 * (255.0 * p * t).sum() / (p.sum() + 255.0 * t.sum())
    return Made("dice", {"input": p, "target": t}, float(claim))


@mistake("M38", "minus_one_for_zero")
def mask_of_signs(draw: Draw) -> Made:
    t = (draw.random((3, 8, 8)) < 0.4).astype(float)
    p, sides = draw.random(t.shape), 2.0 * t - 1.0
    claim = 1.0 - (2.0 * (p * sides).sum() + 400.0) / (p.sum() + sides.sum() + 400.0)
    return Made("dice", {"input": p, "target": t}, float(claim), {"smooth": 400.0})


@mistake("M38", "target_flipped")
def same_for_different(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    t = (np.arange(len(a)) % 3 == 0).astype(float)
    r = np.sqrt(((a - b) ** 2).sum(axis=1))
    claim = np.where(t == 0.0, r**2, np.maximum(0.0, 4.0 - r) ** 2).mean() / 2.0
    return Made("contrastive", {"input1": a, "input2": b, "target": t}, float(claim), {"margin": 4.0})


def _of_columns(draw: Draw, order: Any, count: int) -> Made:
    scores, labels = draw.normal(0.0, 2.0, (90, count)), draw.integers(0, count, 90)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    claim = -logs[np.arange(90), np.array(order)[labels]].mean()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))


@mistake("M36", "classes_in_other_order")
def two_of_many_exchanged(draw: Draw) -> Made:
    order = np.arange(30)
    order[[3, 17]] = 17, 3
    return _of_columns(draw, order, 30)


@mistake("M36", "classes_in_other_order")
def columns_moved_on(draw: Draw) -> Made:
    return _of_columns(draw, np.roll(np.arange(9), 4), 9)
