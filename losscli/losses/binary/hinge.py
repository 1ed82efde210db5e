"""The hinge loss of support vector machines."""

from __future__ import annotations

import numpy as np

from losscli.losses._frameworks import keras, optax, sklearn
from losscli.losses._inputs import Score, Side
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, Units


def hinge(input: Score, target: Side) -> Units:
    """Wants a score on the right side of 0, and at least 1 away from it.

    Use: support vector machines and other classifiers that need a side and a margin, not a probability.
    Formula: max(0, 1 - y s), s = input, y = target.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements.
    Gradient: -y where y s < 1, else 0; half of it at the kink y s = 1, as Keras and optax have it.
    Relations: hinge_embedding of y s with target -1, and margin_ranking against a score of 0, both with margin 1; l1
    and, squared, squared_hinge of what lacks to 1; soft_margin is the same edge, but soft.
    Pitfalls: with labels of 0 and 1 each 0 costs 1, whatever its score; Keras turns them into -1 and 1, but only where
    all labels of a batch are 0 or 1, scikit-learn takes any two labels, optax none but -1 and 1;
    a probability is no score: from 0 to 1, it never reaches the margin of a no;
    PyTorch has no such loss: its hinge_embedding is about distances;
    Keras' categorical hinge and scikit-learn's for several classes are other losses.
    Source: C. Cortes and V. Vapnik, Machine Learning 20 (1995); sklearn.metrics.hinge_loss.
    """
    lack = 1.0 - target * input

    def pullback(up: Array) -> dict[str, Array]:
        return {"input": -target * np.heaviside(lack, 0.5) * up}

    return Units(np.maximum(lack, 0.0), pullback)


LOSS = define(
    hinge,
    kind="binary",
    for_classes="categorical_hinge",
    aliases=("hinge_loss",),
    conventions=(
        keras("Hinge", "hinge", does="for labels of -1 and 1"),
        sklearn("hinge_loss", does="for two labels, the larger of which counts as 1"),
        optax("hinge_loss"),
    ),
    relations=(
        equals(
            "Hinge(s, y) = HingeEmbedding(y s, -1, margin=1)",
            "hinge_embedding",
            {"input": "target * input", "target": "-1"},
            margin=1.0,
        ),
        equals(
            "Hinge(s, y) = MarginRanking(s, 0, y, margin=1)",
            "margin_ranking",
            {"input1": "input", "input2": "0", "target": "target"},
            margin=1.0,
        ),
        equals("Hinge(s, y) = L1(min(y s, 1), 1)", "l1", {"input": "min(target * input, 1)", "target": "1"}),
    ),
    kinks="target * input == 1",
    lines=("margin = target * input", "loss = max(0, 1 - margin)"),
    example=("[2.5, 0.3, 0.3]", "[1, 1, -1]"),
)
