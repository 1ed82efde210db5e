"""Something else taken for the truth, and samples counted that have none."""

from __future__ import annotations

import numpy as np

from tests.verify.mistaken.making import Draw, Made, answers, binary, classes, mistake, sequences, token_losses


@mistake("M53", "predicted_class_for_true")
def own_prediction(draw: Draw) -> Made:
    c = classes(draw, weights=False)
    return c.made(c.mean(c.nll.min(axis=1)))


@mistake("M53", "predicted_class_for_true")
def own_answer(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(-np.log(np.maximum(p, 1.0 - p)).mean()))


@mistake("M58", "top_label_only")
def greatest_probability(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    right = c.scores.argmax(axis=1) == c.labels
    claim = ((c.probabilities.max(axis=1) - right) ** 2).mean()
    return Made("brier", {"input": c.probabilities, "target": c.labels}, float(claim))


@mistake("M26", "true_class_not_picked")
def mean_of_all_classes(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    return c.made(c.mean(c.nll.mean(axis=1)))


@mistake("M26", "true_class_not_picked")
def sum_of_all_classes(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return Made("nll", {"input": -c.nll, "target": c.labels}, float(c.nll.sum(axis=1).mean()))


@mistake("M52", "predictions_for_targets")
def entropy_of_predictions(draw: Draw) -> Made:
    c = classes(draw, weights=False, least=3)
    return c.made(c.mean((c.probabilities * c.nll).sum(axis=1)))


@mistake("M52", "predictions_for_targets")
def entropy_of_answers(draw: Draw) -> Made:
    p, t = answers(draw, scores=False)
    return Made("bce", {"input": p, "target": t}, float(binary(p, p).mean()))


@mistake("M12", "padding_not_ignored")
def padding_is_a_class(draw: Draw) -> Made:
    scores, labels, _ = sequences(draw)
    claim = token_losses(scores, np.maximum(labels, 0)).mean()
    return Made("cross_entropy", {"input": scores, "target": labels}, float(claim))
