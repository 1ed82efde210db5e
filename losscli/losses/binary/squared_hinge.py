"""The squared hinge loss."""

from __future__ import annotations

import numpy as np

from losscli.losses._frameworks import keras
from losscli.losses._inputs import Score, Side
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, Units


def squared_hinge(input: Score, target: Side) -> Units:
    """The square of what a score lacks to be on the right side of 0 by 1.

    Use: support vector machines that shall be smooth, as scikit-learn's LinearSVC is by default.
    Formula: max(0, 1 - y s)², s = input, y = target.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements.
    Gradient: -2 y max(0, 1 - y s).
    Relations: the square of hinge; mse of min(y s, 1) and 1.
    Pitfalls: the square of the mean hinge is another number: squares come first;
    with labels of 0 and 1 each 0 costs 1, whatever its score; Keras turns them into -1 and 1, but only where all labels
    of a batch are 0 or 1;
    one score far on the wrong side weighs as much as very many near ones.
    Source: keras.losses.SquaredHinge; C.-J. Hsieh et al., ICML 2008 (L2-loss linear SVM).
    """
    lack = np.maximum(1.0 - target * input, 0.0)

    def pullback(up: Array) -> dict[str, Array]:
        return {"input": -2.0 * target * lack * up}

    return Units(lack * lack, pullback)


LOSS = define(
    squared_hinge,
    kind="binary",
    for_classes="multi_margin",
    aliases=("SquaredHinge",),
    conventions=(keras("SquaredHinge", "squared_hinge", does="for labels of -1 and 1"),),
    relations=(
        equals("SquaredHinge(s, y) = MSE(min(y s, 1), 1)", "mse", {"input": "min(target * input, 1)", "target": "1"}),
    ),
    lines=("margin = target * input", "lack = max(0, 1 - margin)", "loss = lack ** 2"),
    textbook=("loss = max(0, 1 - target * input) ** 2",),
    example=("[2.5, 0.3, 0.3]", "[1, 1, -1]"),
)
