"""The identities that losses state hold, sample by sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.loss import Equals, Loss
from tests.laws.drawing import Question, draw

RELATIONS = [(loss, relation) for loss in losses() for relation in loss.relations]
ULPS = 16  # each side rounds some steps, and the view made of the inputs a few more
FITTING: dict[str, dict[str, Any]] = {  # options for which a relation holds that drawn ones seldom meet
    "Focal(gamma=0, alpha=1/2) = BCE / 2": {"gamma": 0.0, "alpha": 0.5},
    "SmoothL1(beta=0) = L1": {"beta": 0.0},
    "Huber(delta=inf) = MSE / 2": {"delta": np.inf},
    "SCE(a, b=0) = a · CrossEntropy": {"a": 0.7, "b": 0.0},
}


def asked(loss: Loss, relation: Equals) -> list[Question]:
    questions = [question for seed in range(3) for question in draw(loss, seed, (11,), "exact")]
    fitting = FITTING.get(relation.text)
    if fitting:
        questions = [
            Question(loss, question.inputs, {**question.options, **fitting}, "exact") for question in questions
        ]
    return questions


@pytest.mark.parametrize(("loss", "relation"), RELATIONS, ids=lambda x: x.name if isinstance(x, Loss) else x.text)
def test_relation_holds(loss: Loss, relation: Equals) -> None:
    held = 0
    for question in asked(loss, relation):
        named = {**{spec.name: spec.default for spec in loss.options}, **question.options, **question.inputs}
        if not relation.given(**named):
            continue
        held += 1
        view: dict[str, Any] = relation.view(**named)
        other = losscli.compute(relation.loss, reduction="none", convention="exact", **view).value
        ours = question.answer(reduction="none").value
        np.testing.assert_allclose(ours, relation.times(**named) * other, rtol=ULPS * 2.0**-52, err_msg=relation.text)
    assert held


def test_taught_identities() -> None:
    """Those that take sums or several losses, which no single relation states: see PUBLISHED, "Identities taught"."""
    random = np.random.default_rng(31)
    scores, labels = random.normal(0, 3, (20, 5)), random.integers(0, 5, 20)
    truth = random.dirichlet(np.ones(5), 20)
    log_softmax = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    one_hot = np.eye(5)[labels]

    def value(loss: str, *inputs: Any, **options: Any) -> float:
        return float(losscli.compute(loss, *inputs, **options).value)

    entropy = -np.mean((truth * np.log(truth)).sum(axis=1))
    sides = {
        "CE = KLDiv(log_softmax, one_hot, batchmean)": (
            value("cross_entropy", scores, labels),
            value("kl_div", log_softmax, one_hot, reduction="batchmean"),
        ),
        "KL(p‖q) = cross-entropy(p, q) - entropy(p)": (
            value("kl_div", log_softmax, truth, reduction="batchmean"),
            value("cross_entropy", scores, truth) - entropy,
        ),
        "BCE(sigmoid(x)) = BCEWithLogits(x)": (
            value("bce", 1.0 / (1.0 + np.exp(-scores)), one_hot),
            value("bce_with_logits", scores, one_hot),
        ),
        "log-loss = cross-entropy": (
            value("log_loss", np.exp(log_softmax), labels),
            value("cross_entropy", scores, labels),
        ),
        "CE with labels = CE with one-hot shares": (
            value("cross_entropy", scores, labels, label_smoothing=0.1),
            value("cross_entropy", scores, one_hot, label_smoothing=0.1),
        ),
        "cosine_embedding(1) = 1 - cosine_similarity": (
            value("cosine_embedding", scores, truth, np.ones(20), convention="exact"),
            1.0 - value("cosine_similarity", scores, truth, convention="exact", reduction="mean"),
        ),
    }
    for text, (one, other) in sides.items():
        assert one == pytest.approx(other, rel=1e-13), text
