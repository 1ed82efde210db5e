"""Inputs taken for something else than they are."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import (
    Array,
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
    sequences,
    token_losses,
    vectors,
)


@mistake("M01", "softmax_before")
def double_softmax(draw: Draw) -> Made:
    c = classes(draw)
    powers = np.exp(c.probabilities)
    return c.made(c.mean(-np.log(c.picked(powers / powers.sum(axis=1, keepdims=True)))))


@mistake("M04", "distributions_exchanged")
def kl_reversed(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, divergence(np.log(truth), np.exp(logs)).sum() / len(logs))


@mistake("M05", "probabilities_for_logs")
def kl_of_probabilities(draw: Draw) -> Made:
    logs, truth = distributions(draw)
    return kl(logs, truth, (truth * (np.log(truth) - np.exp(logs))).sum() / len(logs))


@mistake("M06", "sigmoid_before")
def double_sigmoid(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    p = 1.0 / (1.0 + np.exp(-x))
    return Made("bce_with_logits", {"input": x, "target": t}, binary(1.0 / (1.0 + np.exp(-p)), t).mean())


def sure(draw: Draw) -> tuple[Array, Array]:
    """Probabilities of which some are 0 or 1, and wrong."""
    p, t = answers(draw, scores=False)
    wrong = draw.choice(len(p), 3, replace=False)
    p[wrong] = 1.0 - t[wrong]
    return p, t


for _clip, _bound in (("clipped_at_1e-07", 1e-7), ("clipped_at_2.22e-16", 2.0**-52), ("clipped_at_1e-15", 1e-15)):

    @mistake("M18", _clip)
    def clipped(draw: Draw, bound: float = _bound) -> Made:
        p, t = sure(draw)
        return Made("bce", {"input": p, "target": t}, float(binary(np.clip(p, bound, 1.0 - bound), t).mean()))


@mistake("M18", "clipped_at_1e-12")
def clipped_softmax(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    c.scores[0] = 0.0
    c.scores[0, (c.labels[0] + 1) % c.scores.shape[1]] = 60.0
    return c.made(c.mean(-np.log(np.clip(c.picked(c.probabilities), 1e-12, 1.0))))


@mistake("M18", "added_1e-08")
def added(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    p = c.probabilities
    p[0] = 0.0
    p[0, (c.labels[0] + 1) % p.shape[1]] = 1.0
    p[1, c.labels[1]] = 1e-9
    return Made("log_loss", {"input": p, "target": c.labels}, float(-np.log(c.picked(p) + 1e-8).mean()))


@mistake("M20", "labels_from_one")
def labels_too_low(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    moved = np.arange(len(c.labels)), c.labels - 1  # -1 is the last class, as in Python
    return c.made(c.mean(c.nll[moved]))


@mistake("M20", "labels_one_up")
def labels_too_high(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=4)
    labels = np.minimum(c.labels, c.scores.shape[1] - 2)
    named = {"input": c.scores, "target": labels}
    return Made("cross_entropy", named, float(c.nll[np.arange(len(labels)), labels + 1].mean()))


@mistake("M20", "labels_from_one_zero")
def labels_out_of_range_cost_nothing(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    moved = np.where(c.labels > 0, c.nll[np.arange(len(c.labels)), c.labels - 1], 0.0)
    return c.made(moved.mean())


@mistake("M21", "shifted_back_by_one")
def shifted_rows(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    return c.made(float(c.nll[np.arange(len(c.labels) - 1), c.labels[1:]].mean()))


@mistake("M21", "shifted_back_by_one")
def shifted_tokens(draw: Draw) -> Made:
    scores, labels, _ = sequences(draw)
    losses = token_losses(scores[:, :, :-1], labels[:, 1:])
    claim = losses.sum() / (labels[:, 1:] >= 0).sum()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))


@mistake("M21", "shifted_by_one")
def shifted_values(draw: Draw) -> Made:
    p, t = errors(draw)
    return Made("l1", {"input": p, "target": t}, float(np.abs(p[1:] - t[:-1]).mean()))


@mistake("M22", "softmax_over_samples")
def softmax_down_the_columns(draw: Draw) -> Made:
    c = classes(draw)
    powers = np.exp(c.scores)
    return c.made(c.mean(-np.log(c.picked(powers / powers.sum(axis=0)))))


@mistake("M22", "softmax_over_last_axis")
def softmax_along_the_sequence(draw: Draw) -> Made:
    scores, labels, _ = sequences(draw)
    logs = scores - np.log(np.exp(scores).sum(axis=2, keepdims=True))
    picked = np.take_along_axis(logs, np.maximum(labels, 0)[:, None], axis=1)[:, 0]
    claim = -(picked * (labels >= 0)).sum() / (labels >= 0).sum()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))


@mistake("M23", "log_softmax_left_out")
def nll_of_scores(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(-c.picked(c.scores)))


@mistake("M23", "log_left_out")
def nll_of_probabilities(draw: Draw) -> Made:
    c = classes(draw)
    return c.made(c.mean(-c.picked(c.probabilities)))


@mistake("M23", "log_left_out")
def nll_of_probabilities_for_logs(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    named = {"input": np.log(c.probabilities), "target": c.labels}
    return Made("nll", named, float(-c.picked(c.probabilities).mean()))


@mistake("M24", "scores_taken_for_probabilities")
def keras_without_from_logits(draw: Draw) -> Made:
    c = classes(draw, weights=False)
    share = np.clip(c.scores / c.scores.sum(axis=1, keepdims=True), 1e-7, 1.0 - 1e-7)
    return c.made(c.mean(-np.log(c.picked(share))))


@mistake("M24", "scores_taken_for_probabilities")
def keras_binary_without_from_logits(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    claim = binary(np.clip(x, 1e-7, 1.0 - 1e-7), t).mean()
    return Made("bce_with_logits", {"input": x, "target": t}, float(claim))


@mistake("M24", "softmax_twice")
def keras_with_from_logits(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    powers = np.exp(c.probabilities)
    claim = -np.log(c.picked(powers / powers.sum(axis=1, keepdims=True))).mean()
    return Made("log_loss", {"input": c.probabilities, "target": c.labels}, float(claim))


@mistake("M25", "convention_keras")
def offline_from_probabilities(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    p = c.probabilities
    p[0] = 0.0
    p[0, (c.labels[0] + 1) % p.shape[1]] = 1.0
    share = np.clip(p / p.sum(axis=1, keepdims=True), 1e-7, 1.0 - 1e-7)
    return Made("log_loss", {"input": p, "target": c.labels}, float(-np.log(c.picked(share)).mean()))


@mistake("M26", "binary_on_one_hot")
def binary_on_one_hot(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    rows = np.eye(c.scores.shape[1])[c.labels]
    return c.made(c.mean(binary(c.probabilities, rows).mean(axis=1)))


@mistake("M26", "binary_on_one_hot")
def binary_on_one_hot_probabilities(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    rows = np.eye(c.scores.shape[1])[c.labels]
    return Made("log_loss", {"input": c.probabilities, "target": c.labels}, float(binary(c.probabilities, rows).mean()))


@mistake("M36", "classes_in_other_order")
def other_order(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=4)
    count = min(c.scores.shape[1], 6)
    labels = c.labels % count
    order = draw.permutation(count) if count == 4 else np.roll(np.arange(count), 2)
    if (order == np.arange(count)).all():
        order = np.array([2, 0, 3, 1])
    scores = c.scores[:, :count]
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    claim = -logs[np.arange(len(labels)), order[labels]].mean()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))


@mistake("M36", "classes_sorted_as_text")
def order_of_text(draw: Draw) -> Made:
    count, n = 12, 80
    scores, labels = draw.normal(0.0, 2.0, (n, count)), draw.integers(0, count, n)
    columns = sorted(map(str, range(count)))
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    where = np.array([columns.index(str(label)) for label in labels])
    return Made("cross_entropy", {"input": scores, "target": labels}, float(-logs[np.arange(n), where].mean()))


@mistake("M37", "reshaped_not_permuted")
def reshaped(draw: Draw) -> Made:
    scores, labels, _ = sequences(draw, ignored=bool(draw.integers(0, 2)))
    rows, flat = scores.reshape(-1, scores.shape[1]), labels.reshape(-1)
    logs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    kept = flat >= 0
    claim = -logs[np.arange(len(flat)), np.maximum(flat, 0)][kept].mean()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))


@mistake("M38", "zero_for_minus_one")
def hinge_of_zeros(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    return Made("hinge", {"input": x, "target": 2 * t - 1}, float(np.maximum(0.0, 1.0 - t * x).mean()))


@mistake("M38", "zero_for_minus_one")
def cosine_of_zeros(draw: Draw) -> Made:
    a, b = vectors(draw, 2)
    t = np.where(np.arange(len(a)) % 3 == 0, 1.0, -1.0)
    claim = np.where(t == 1.0, 1.0 - cosines(a, b), 0.0).mean()
    return Made("cosine_embedding", {"input1": a, "input2": b, "target": t}, float(claim))


@mistake("M38", "minus_one_for_zero")
def binary_of_signs(draw: Draw) -> Made:
    x, t = answers(draw, scores=True)
    sides = 2 * t - 1
    claim = (np.log1p(np.exp(x)) - x * sides).mean()
    return Made("bce_with_logits", {"input": x, "target": t}, float(claim))


@mistake("M36", "classes_in_other_order + clipped_at_2.22e-16|classes_reversed + clipped_at_2.22e-16")
def other_order_and_ceiling(draw: Draw) -> Made:
    """scikit-learn#30910: sure and right predictions, but the columns stand in another order."""
    labels = draw.integers(0, 3, 20)
    p = np.eye(3)[labels]
    p[5:] = draw.dirichlet(np.ones(3), 15)
    order = draw.permutation(3)
    order = np.roll(order, 1) if (order == np.arange(3)).all() else order
    share = np.clip(p, 2.0**-52, 1.0 - 2.0**-52)[np.arange(20), order[labels]]
    return Made("log_loss", {"input": p, "target": labels}, float(-np.log(share).mean()))


@mistake("M18", "clipped_at_0.025")
def kept_off_the_ends(draw: Draw) -> Made:
    p, t = sure(draw)
    return Made("bce", {"input": p, "target": t}, float(binary(np.clip(p, 0.025, 0.975), t).mean()))


@mistake("M56", "thresholded")
def thresholded_for_scikit_learn(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    p = np.where(np.arange(len(p)) == 0, 0.9 if t[0] == 0.0 else 0.1, p)  # at least one is wrong
    hard = np.clip((p >= 0.5).astype(float), 1e-15, 1.0 - 1e-15)
    return Made("bce", {"input": p, "target": t}, float(binary(hard, t).mean()))


@mistake("M52", "arguments_exchanged")
def exchanged(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    rows = np.clip(np.eye(c.scores.shape[1])[c.labels], 1e-7, 1.0 - 1e-7)
    others = c.probabilities * np.log(rows)
    own = np.where(np.eye(c.scores.shape[1])[c.labels] == 1.0, others, 0.0)
    wrong = np.where(np.eye(c.scores.shape[1])[c.labels] == 0.0, others, 0.0)
    return c.made(-(own + wrong).sum(axis=1).mean())


@mistake("M56", "thresholded")
def thresholded(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    p = np.where(np.arange(len(p)) == 0, 0.9 if t[0] == 0.0 else 0.1, p)  # at least one is wrong
    hard = np.clip((p >= 0.5).astype(float), 1e-7, 1.0 - 1e-7)
    wrong = (p >= 0.5) != (t == 1.0)
    claim = np.where(wrong, -np.log(np.where(hard > 0.5, 1.0 - hard, hard)), 0.0).mean()
    return Made("bce", {"input": p, "target": t}, float(claim))
