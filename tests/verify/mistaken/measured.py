"""Errors and distances measured in a wrong way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.verify.mistaken.making import Array, Draw, Made, cosines, errors, mistake, vectors


@mistake("M14", "broadcast")
def broadcast_squares(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p[:, None] - t) ** 2).mean()))


@mistake("M14", "broadcast")
def broadcast_huber(draw: Draw) -> Made:
    p, t = errors(draw)
    size = np.abs(p[:, None] - t)
    losses = np.where(size <= 0.7, size**2 / 2, 0.7 * (size - 0.35))
    return Made("huber", {"input": p, "target": t}, float(losses.mean()), {"delta": 0.7})


@mistake("M15", "root")
def rooted(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(np.sqrt(((p - t) ** 2).mean())))


@mistake("M15", "root_left_out")
def not_rooted(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("rmse", {"input": p, "target": t}, float(((p - t) ** 2).mean()))


for _loss in ("mse", "rmse"):

    @mistake("M15", "root_of_each_sample")
    def rooted_by_sample(draw: Draw, loss: str = _loss) -> Made:
        p, t = errors(draw, 20, 3)
        return Made(loss, {"input": p, "target": t}, float(np.sqrt(((p - t) ** 2).mean(axis=1)).mean()))

    @mistake("M15", "root_of_each_column")
    def rooted_by_column(draw: Draw, loss: str = _loss) -> Made:
        p, t = errors(draw, 20, 3)
        return Made(loss, {"input": p, "target": t}, float(np.sqrt(((p - t) ** 2).mean(axis=0)).mean()))


@mistake("M15", "norms")
def lengths(draw: Draw) -> Made:
    p, t = errors(draw, 20, 3)
    return Made("mse", {"input": p, "target": t}, float(np.linalg.norm(p - t, axis=1).mean()))


@mistake("M16", "half")
def halved(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p - t) ** 2 / 2).mean()))


@mistake("M16", "double")
def without_half(draw: Draw) -> Made:
    p, t = errors(draw)
    size = np.abs(p - t)
    losses = 2.0 * np.where(size <= 1.0, size**2 / 2, size - 0.5)
    return Made("huber", {"input": p, "target": t}, float(losses.mean()))


@mistake("M17", "smooth_l1_computed")
def smooth_for_huber(draw: Draw) -> Made:
    p, t = errors(draw)
    size, delta = np.abs(p - t), float(draw.uniform(0.3, 0.8))
    losses = np.where(size < delta, size**2 / 2 / delta, size - delta / 2)
    return Made("huber", {"input": p, "target": t}, float(losses.mean()), {"delta": delta})


@mistake("M17", "huber_computed")
def huber_for_smooth(draw: Draw) -> Made:
    p, t = errors(draw)
    size, beta = np.abs(p - t), float(draw.uniform(1.2, 2.5))
    losses = np.where(size < beta, size**2 / 2, beta * (size - beta / 2))
    return Made("smooth_l1", {"input": p, "target": t}, float(losses.mean()), {"beta": beta})


for _name, _change in (
    ("sign", lambda cos: -cos),
    ("one_minus_cosine", lambda cos: 1.0 - cos),
    ("half_of_one_minus_cosine", lambda cos: (1.0 - cos) / 2.0),
):

    @mistake("M32", _name)
    def other_cosine(draw: Draw, change: Callable[[Array], Array] = _change) -> Made:
        a, b = vectors(draw, 2)
        claim = float(change(cosines(a, b)).mean())
        return Made("cosine_similarity", {"x1": a, "x2": b}, claim, {"reduction": "mean"})


@mistake("M32", "averaged_over_classes")
def cosine_over_components(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    claim = float(cosines(a, b).mean() / a.shape[1])
    return Made("cosine_similarity", {"x1": a, "x2": b}, claim, {"reduction": "mean"})


@mistake("M33", "squared_distances")
def squared_distances(draw: Draw) -> Made:
    a, p, n = vectors(draw, 3)
    losses = np.maximum(((a - p) ** 2).sum(axis=1) - ((a - n) ** 2).sum(axis=1) + 0.7, 0.0)
    return Made("triplet_margin", {"anchor": a, "positive": p, "negative": n}, float(losses.mean()), {"margin": 0.7})


@mistake("M34", "active_only")
def active_triplets(draw: Draw) -> Made:
    a, p, n = vectors(draw, 3)
    n[:2] += 50.0  # two that cost nothing
    near, far = (np.sqrt(((a - other + 1e-6) ** 2).sum(axis=1)) for other in (p, n))
    losses = np.maximum(near - far + 1.0, 0.0)
    named = {"anchor": a, "positive": p, "negative": n}
    return Made("triplet_margin", named, float(losses.sum() / np.count_nonzero(losses)))


@mistake("M39", "divided_by_prediction")
def mape_of_predictions(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mape", {"input": p, "target": t}, float(np.abs((p - t) / p).mean()))


@mistake("M39", "percent")
def percentage(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mape", {"input": p, "target": t}, float(100 * np.abs((p - t) / t).mean()))


@mistake("M40", "one_not_added")
def plain_logarithms(draw: Draw) -> Made:
    p, t = (np.abs(each) + 0.1 for each in errors(draw))
    return Made("msle", {"input": p, "target": t}, float(((np.log(p) - np.log(t)) ** 2).mean()))


@mistake("M41", "deviation_for_variance")
def deviations(draw: Draw) -> Made:
    p, t = errors(draw)
    v = draw.uniform(0.2, 3.0, len(p))
    claim = (np.log(np.sqrt(v)) + (p - t) ** 2 / np.sqrt(v)).mean() / 2
    return Made("gaussian_nll", {"input": p, "target": t, "var": v}, float(claim))


@mistake("M41", "full_true")
def with_the_constant(draw: Draw) -> Made:
    p, t = errors(draw)
    v = draw.uniform(0.2, 3.0, len(p))
    claim = ((np.log(v) + (p - t) ** 2 / v) / 2).mean() + np.log(2 * np.pi) / 2
    return Made("gaussian_nll", {"input": p, "target": t, "var": v}, float(claim))


@mistake("M42", "log_input_false|convention_keras")
def rates(draw: Draw) -> Made:
    rate, t = draw.uniform(0.2, 4.0, 50), draw.poisson(2.0, 50).astype(float)
    claim = (rate - t * np.log(rate + 1e-8)).mean()
    return Made("poisson_nll", {"input": rate, "target": t}, float(claim))


@mistake("M48", "sigma_for_beta")
def fast_rcnn(draw: Draw) -> Made:
    p, t = errors(draw)
    size, sigma = np.abs(p - t), float(draw.uniform(1.5, 3.0))
    losses = np.where(size < 1 / sigma**2, 0.5 * (sigma * size) ** 2, size - 0.5 / sigma**2)
    return Made("smooth_l1", {"input": p, "target": t}, float(losses.mean()), {"beta": sigma})


@mistake("M49", "torn_at_beta")
def torn(draw: Draw) -> Made:
    p, t = errors(draw)
    size = np.abs(p - t)
    losses = np.where(size < 1.7, 0.5 * size**2, size - 0.5)
    return Made("smooth_l1", {"input": p, "target": t}, float(losses.mean()), {"beta": 1.7})
