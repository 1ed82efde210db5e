"""Mistakes in a line of the formula, whichever loss it is of."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import Array, Draw, Made, answers, binary, errors, mistake


def _huber(draw: Draw) -> tuple[dict[str, Array], Array, float]:
    p, t = errors(draw)
    p[:4] = t[:4] + np.array([-3.0, 3.0, 0.2, -0.2])  # both branches, on both sides
    return {"input": p, "target": t}, p - t, float(draw.uniform(0.7, 1.6))


def _margins(draw: Draw) -> tuple[dict[str, Array], Array]:
    """Scores and labels, and what each class lacks to a margin of 1, the true one among them."""
    n, c = int(draw.integers(8, 60)), int(draw.integers(4, 8))
    scores, labels = draw.normal(0.0, 1.5, (n, c)), draw.integers(0, c, n)
    own = scores[np.arange(n), labels][:, None]
    return {"input": scores, "target": labels}, np.maximum(0.0, 1.0 - own + scores)


def _signs(draw: Draw) -> tuple[dict[str, Array], Array]:
    x, t = answers(draw, scores=True)
    signs = 2.0 * t - 1.0
    return {"input": x, "target": signs}, x * signs


@mistake("M57", "half_left_out")
def square_of_huber_without_half(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    losses = np.where(np.abs(e) <= delta, e**2, delta * (np.abs(e) - delta / 2))
    return Made("huber", inputs, float(losses.mean()), {"delta": delta})


@mistake("M57", "branches_exchanged")
def branches_of_huber_exchanged(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    losses = np.where(np.abs(e) > delta, e**2 / 2, delta * (np.abs(e) - delta / 2))
    return Made("huber", inputs, float(losses.mean()), {"delta": delta})


@mistake("M57", "one_branch_everywhere")
def line_of_huber_everywhere(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    return Made("huber", inputs, float((delta * (np.abs(e) - delta / 2)).mean()), {"delta": delta})


@mistake("M57", "abs_left_out_of_condition")
def far_below_costs_nothing(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    losses = np.where(np.abs(e) <= delta, e**2 / 2, 0.0) + np.where(e > delta, delta * (np.abs(e) - delta / 2), 0.0)
    return Made("huber", inputs, float(losses.mean()), {"delta": delta})


@mistake("M57", "delta_squared")
def delta_squared_in_front(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    losses = np.where(np.abs(e) <= delta, e**2 / 2, delta**2 * (np.abs(e) - delta / 2))
    return Made("huber", inputs, float(losses.mean()), {"delta": delta})


@mistake("M57", "true_class_counted")
def margin_of_the_true_class(draw: Draw) -> Made:
    inputs, lacks = _margins(draw)
    return Made("multi_margin", inputs, float(lacks.mean(axis=1).mean()))


@mistake("M57", "divided_by_others")
def mean_of_the_other_classes(draw: Draw) -> Made:
    inputs, lacks = _margins(draw)
    classes = lacks.shape[1]
    return Made("multi_margin", inputs, float(((lacks.sum(axis=1) - 1.0) / (classes - 1)).mean()))


@mistake("M57", "max_for_sum")
def worst_of_the_other_classes(draw: Draw) -> Made:
    inputs, lacks = _margins(draw)
    lacks[np.arange(len(lacks)), inputs["target"]] = 0.0
    return Made("multi_margin", inputs, float((lacks.max(axis=1) / lacks.shape[1]).mean()))


@mistake("M57", "sign_of_margin")
def margin_turned_round(draw: Draw) -> Made:
    inputs, margins = _signs(draw)
    return Made("hinge", inputs, float(np.maximum(0.0, 1.0 + margins).mean()))


@mistake("M57", "clamp_left_out")
def hinge_below_nothing(draw: Draw) -> Made:
    inputs, margins = _signs(draw)
    return Made("hinge", inputs, float((1.0 - margins).mean()))


@mistake("M57", "one_added")
def margin_in_the_exponent(draw: Draw) -> Made:
    inputs, margins = _signs(draw)
    return Made("soft_margin", inputs, float(np.log1p(np.exp(1.0 - margins)).mean()))


@mistake("M57", "parentheses_left_out")
def one_minus_target_torn_apart(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(-(t * np.log(p) + 1.0 - t * np.log(1.0 - p)).mean()))


@mistake("M57", "product_for_power")
def gamma_times(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    missing = np.where(t == 1.0, 1.0 - p, p)
    balance = np.where(t == 1.0, 0.6, 0.4)
    options = {"gamma": 2.6, "alpha": 0.6, "reduction": "mean"}
    return Made("focal", {"input": p, "target": t}, float((balance * missing * 2.6 * binary(p, t)).mean()), options)


@mistake("M57", "same_term_twice")
def one_side_twice(draw: Draw) -> Made:
    p, q = draw.dirichlet(np.full(4, 1.5), (2, 30))
    return Made("jensen_shannon", {"input": p, "target": q}, float((p * np.log(2 * p / (p + q))).sum(axis=1).mean()))


@mistake("M57", "squared")
def squares_below(draw: Draw) -> Made:
    p, t = draw.random((2, 4, 12))
    claim = 1.0 - 2.0 * (p * t).sum() / ((p**2).sum() + (t**2).sum())
    return Made("dice", {"input": p, "target": t}, float(claim))


@mistake("M57", "log_of_difference")
def logarithm_of_the_error(draw: Draw) -> Made:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return Made("msle", {"input": p, "target": t}, float((np.log1p(np.abs(p - t)) ** 2).mean()))


@mistake("M57", "largest_on_one_side")
def largest_not_added_back(draw: Draw) -> Made:
    scores, labels = draw.normal(0.0, 2.0, (30, 5)), draw.integers(0, 5, 30)
    logs = np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1))
    return Made(
        "cross_entropy", {"input": scores, "target": labels}, float((logs - scores[np.arange(30), labels]).mean())
    )


@mistake("M57", "square_of_mean")
def square_of_the_mean_error(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("mse", {"input": p, "target": t}, float((p - t).mean() ** 2))


@mistake("M57", "abs_of_mean")
def size_of_the_mean_error(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("l1", {"input": p, "target": t}, float(np.abs((p - t).mean())))


@mistake("M57", "log_of_mean")
def logarithm_of_the_mean_cosh(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("log_cosh", {"input": p, "target": t}, float(np.log(np.cosh(p - t).mean())))


@mistake("M57", "true_class_only")
def error_of_the_true_class(draw: Draw) -> Made:
    p, labels = draw.dirichlet(np.full(4, 1.5), 30), draw.integers(0, 4, 30)
    return Made("brier", {"input": p, "target": labels}, float(((1.0 - p[np.arange(30), labels]) ** 2).mean()))


@mistake("M57", "pseudo_huber_computed")
def smooth_all_the_way(draw: Draw) -> Made:
    inputs, e, delta = _huber(draw)
    return Made("huber", inputs, float((delta**2 * (np.sqrt(1.0 + (e / delta) ** 2) - 1.0)).mean()), {"delta": delta})


@mistake("M57", "jaccard_computed")
def intersection_over_union(draw: Draw) -> Made:
    p, t = draw.random((2, 4, 12))
    common = (p * t).sum()
    return Made("dice", {"input": p, "target": t}, float(1.0 - common / (p.sum() + t.sum() - common)))


@mistake("M57", "margin_0")
def margin_of_nothing(draw: Draw) -> Made:
    inputs, lacks = _margins(draw)
    n, c = lacks.shape
    own = inputs["input"][np.arange(n), inputs["target"]][:, None]
    return Made("multi_margin", inputs, float((np.maximum(0.0, inputs["input"] - own).sum(axis=1) / c).mean()))


@mistake("M57", "power_misplaced")
def power_of_the_complement(draw: Draw) -> Made:
    p, labels = draw.dirichlet(np.full(4, 1.5), 30), draw.integers(0, 4, 30)
    right = p[np.arange(30), labels]
    return Made(
        "generalized_cross_entropy",
        {"input": p, "target": labels},
        float(((1.0 - right) ** 0.6 / 0.6).mean()),
        {"q": 0.6},
    )


@mistake("M57", "divergence_exchanged")
def from_the_middle(draw: Draw) -> Made:
    p, q = draw.dirichlet(np.full(4, 1.5), (2, 30))
    middle = (p + q) / 2
    losses = (middle * np.log(middle / p) + middle * np.log(middle / q)).sum(axis=1) / 2
    return Made("jensen_shannon", {"input": p, "target": q}, float(losses.mean()))


@mistake("M57", "power_0.75")
def focal_loss_of_regions(draw: Draw) -> Made:
    p, t = draw.random((2, 4, 12))
    right, wrong, missed = (p * t).sum(), (p * (1 - t)).sum(), ((1 - p) * t).sum()
    loss = 1 - right / (right + 0.3 * wrong + 0.7 * missed)
    return Made("tversky", {"input": p, "target": t}, float(loss**0.75))


@mistake("M57", "one_added")
def one_added_to_the_target(draw: Draw) -> Made:
    p, t = draw.gamma(2.0, 2.0, (2, 40))
    return Made("mape", {"input": p, "target": t}, float((np.abs(p - t) / (1.0 + t)).mean()))


@mistake("M57", "factorial_added")
def logarithm_of_the_factorial(draw: Draw) -> Made:
    x, counts = draw.normal(0.5, 0.6, 40), draw.poisson(2.0, 40).astype(float)
    factorials = np.array([sum(np.log(np.arange(1, int(n) + 1))) for n in counts])
    return Made("poisson_nll", {"input": x, "target": counts}, float((np.exp(x) - counts * x + factorials).mean()))


def _pairs(draw: Draw) -> tuple[dict[str, Array], Array, Array]:
    """Two views, their cosines over a temperature of 0.5, and the scalar products over it."""
    a, b = draw.normal(size=(2, 12, 6))
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return {"anchor": a, "positive": b}, a @ b.T / lengths / 0.5, a @ b.T / 0.5


def _own(scores: Array) -> Array:
    return np.asarray(np.log(np.exp(scores).sum(axis=1)) - np.diag(scores))


@mistake("M57", "lengths_left_out")
def products_for_cosines(draw: Draw) -> Made:
    inputs, _, products = _pairs(draw)
    return Made("info_nce", inputs, float(_own(products).mean()), {"temperature": 0.5})


@mistake("M57", "positive_left_out_of_denominator")
def negatives_alone_below(draw: Draw) -> Made:
    inputs, scores, _ = _pairs(draw)
    below = np.exp(scores).sum(axis=1) - np.exp(np.diag(scores))
    return Made("info_nce", inputs, float((np.log(below) - np.diag(scores)).mean()), {"temperature": 0.5})


@mistake("M57", "temperature_on_negatives_only")
def own_pair_as_it_is(draw: Draw) -> Made:
    inputs, scores, _ = _pairs(draw)
    own = np.diag(scores) * 0.5
    below = np.exp(scores).sum(axis=1) - np.exp(np.diag(scores)) + np.exp(own)
    return Made("info_nce", inputs, float((np.log(below) - own).mean()), {"temperature": 0.5})


@mistake("M57", "both_directions")
def rows_and_columns(draw: Draw) -> Made:
    inputs, scores, _ = _pairs(draw)
    return Made("info_nce", inputs, float((_own(scores) + _own(scores.T)).mean() / 2), {"temperature": 0.5})


@mistake("M08", "p_t_of_weighed")
def p_of_the_weighed(draw: Draw) -> Made:
    scores, labels, alpha = draw.normal(0.0, 1.5, (30, 4)), draw.integers(0, 4, 30), draw.uniform(0.3, 2.0, 4)
    ce = alpha[labels] * (np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(30), labels])
    claim = ((1.0 - np.exp(-ce)) ** 2.0 * ce).mean()
    return Made(
        "softmax_focal", {"input": scores, "target": labels}, float(claim), {"alpha": alpha, "reduction": "mean"}
    )
