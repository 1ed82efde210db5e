"""Arrays cut into rows, or measured along an axis, in another way than they lie; rows that have slipped."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import Draw, Made, classes, cosines, errors, mistake, vectors


@mistake("M37", "class_major_memory")
def scores_class_by_class(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    scores = c.scores.T.reshape(c.scores.shape)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return c.made(-c.picked(logs).mean())


@mistake("M37", "class_major_memory")
def table_column_by_column(draw: Draw) -> Made:
    p, t = errors(draw, 20, 3)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p.reshape(3, 20).T - t).mean()))


@mistake("M32", "dim_0")
def cosines_of_columns(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    return Made("cosine_similarity", {"x1": a, "x2": b}, float(cosines(a.T, b.T).mean()), {"reduction": "mean"})


@mistake("M33", "axis_0")
def triplets_of_columns(draw: Draw) -> Made:
    a, p, n = vectors(draw, 3)
    near, far = (np.sqrt(((a - x + 1e-6) ** 2).sum(axis=0)) for x in (p, n))
    claim = np.maximum(0.0, near - far + 9.0).mean()
    given = {"anchor": a, "positive": p, "negative": n}
    return Made("triplet_margin", given, float(claim), {"margin": 9.0})


@mistake("M32", "all_pairs")
def cosines_of_all(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    units = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b)]
    claim = (units[0] @ units[1].T).mean()
    return Made("cosine_similarity", {"x1": a, "x2": b}, float(claim), {"reduction": "mean"})


@mistake("M21", "shifted_by_2")
def two_rows_late(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p[2:] - t[:-2]) ** 2).mean()))


@mistake("M21", "shifted_back_by_3_around")
def three_rows_early(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float(((p - np.roll(t, -3)) ** 2).mean()))
