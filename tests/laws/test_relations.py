"""The identities that losses state hold, by the same judgement that `losscli relations` passes on a user's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.checks.relations import FAILS, HOLDS, Identity, relations
from losscli.losses.catalogue import losses
from losscli.schema.faults import LossError
from losscli.schema.loss import Equals, Loss
from tests.laws.drawing import Array, Question, draw
from tests.laws.running import bound

RELATIONS = [(loss, relation) for loss in losses() for relation in loss.relations]
N = 11


def with_options(**options: Any) -> Callable[[Question], Question]:
    return lambda question: replace(question, options={**question.options, **options})


def with_inputs(**options: Any) -> Callable[..., Callable[[Question], Question]]:
    """A question with some inputs of its own, and only these options."""
    return lambda **inputs: lambda question: replace(question, inputs={**question.inputs, **inputs}, options=options)


def frames(samples: int, labels: int) -> dict[str, Array]:
    """Frames and labels for as many samples; no label comes twice in a row."""
    random = np.random.default_rng(5)
    scores = random.normal(size=(3, samples, 4))
    return {
        "log_probs": scores - np.log(np.exp(scores).sum(axis=2, keepdims=True)),
        "targets": np.tile([1, 2, 3], (samples, 1))[:, : max(labels, 1)],
        "input_lengths": np.full(samples, 3),
        "target_lengths": np.full(samples, labels),
    }


# What drawn questions seldom meet: options of one value, and inputs that have a certain shape
FITTING: dict[str, Callable[[Question], Question]] = {
    "Focal(gamma=0, alpha=1/2) = BCE / 2": with_options(gamma=0.0, alpha=0.5),
    "SmoothL1(beta=0) = L1": with_options(beta=0.0),
    "Huber(delta=inf) = MSE / 2": with_options(delta=np.inf),
    "SCE(a, b=0) = a · CrossEntropy": with_options(a=0.7, b=0.0),
    "GeneralizedCrossEntropy(p, y, q=1) = L1(p_y, 1)": with_options(q=1.0),
    "SoftmaxFocal(gamma=0) = CrossEntropy(weight=alpha)": with_options(gamma=0.0),
    "Tversky(alpha=1/2, beta=1/2, smooth) = Dice(2 · smooth)": with_options(alpha=0.5, beta=0.5),
    "CrossEntropy([x0, x1], y) = BCEWithLogits(x1 - x0, y)": with_inputs()(
        input=np.random.default_rng(1).normal(0.0, 3.0, (N, 2)), target=np.arange(N) % 2
    ),
    "MultiLabelMargin(x, [y, -1, …]) = MultiMargin(x, y)": with_inputs()(
        input=np.random.default_rng(2).normal(size=(N, 4)),
        target=np.stack([np.arange(N) % 4, *[np.full(N, -1)] * 3], axis=1),
    ),
    "Σ CTC = Σ NLL(log_probs[t], targets[t])": with_inputs()(**frames(N, 3)),
    "Σ CTC = Σ NLL(log_probs[t], blank)": with_inputs()(**frames(N, 0)),
}


def judged(loss: Loss, relation: Equals) -> list[tuple[Question, Identity]]:
    """What is found of one relation, for drawn questions and for one that fits it."""
    alone = replace(loss, relations=(relation,))
    found = []
    for question in (question for seed in range(3) for question in draw(loss, seed, (N,), "exact")):
        fitting = FITTING.get(relation.text)
        for each in (question, *([fitting(question)] if fitting else [])):
            try:
                whole = bound(replace(each, loss=alone), "mean" if "mean" in loss.reductions else "sum")
                found += [(each, identity) for identity in relations(whole)]
            except LossError:
                continue  # drawn options that contradict the inputs
    return found


@pytest.mark.parametrize(("loss", "relation"), RELATIONS, ids=lambda x: x.name if isinstance(x, Loss) else x.text)
def test_relation_holds(loss: Loss, relation: Equals) -> None:
    verdicts = set()
    for question, identity in judged(loss, relation):
        verdicts.add(identity.verdict)
        sides = identity.worst or identity.reduced
        assert identity.verdict != FAILS, (question.options, identity.sample, sides and (sides.this, sides.other))
    assert HOLDS in verdicts, "no question fits it; FITTING may have one"


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
