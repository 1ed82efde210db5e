"""The categorical hinge loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import keras
from losscli.losses.classification._truth import as_label, class_axis, one_hot
from losscli.numerics.double_double import Doubled, doubled, row_dots, two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, PROBABILITY, REAL
from losscli.schema.loss import Array, Convention, Role, Units


def categorical_hinge(
    input: Annotated[Array, Role("u c", REAL, "raw scores, one a class")],
    target: Annotated[
        Array,
        Role("u", LABEL, "the true class"),
        Role("u c", PROBABILITY, "1 for the true class, 0 for the others, or probabilities"),
    ],
) -> Units:
    """Wants the true class to lead the strongest other by 1, and to score at least 1 itself.

    Use: to train a classifier of which exactly one class is true on its raw scores, as Keras does.
    Formula: max(0, max_c (1 - t_c) input_c - Σ_c t_c input_c + 1), t the target, of a label its one-hot row.
    Inputs: scores (C), (N, C) or (N, C, d1, …); labels of the same shape without C, or rows of the same shape.
    Gradient: 1 - t at the strongest other class, -t at each class; with respect to rows as the target -input at both.
    Where classes tie for the strongest they share it, and where the maximum with 0 is a tie half is passed on: the
    choices of torch.amax and torch.maximum.
    Relations: twice multi_margin of the two scores input_y and max(0, the largest other).
    Pitfalls: the true class takes part in the first maximum with a 0: where all others score below 0 the loss is
    1 - input_y, larger than scikit-learn's hinge_loss and optax's multiclass_hinge_loss, which have the maximum over
    the others alone; not divided by the number of classes, as multi_margin is; targets of -1 and 1, which Keras takes
    too, give another number: write 0 for -1.
    Source: keras.losses.CategoricalHinge.
    """
    rows = np.arange(len(input))
    if target.ndim == 1:
        label = as_label(target)
        against, favour = doubled(_against(input, target)), doubled(input[rows, label])
    else:
        against, favour = two_sum(-target, 1.0) * input, row_dots(target, input)
    at = against.high.argmax(axis=1)
    over = (Doubled(against.high[rows, at], against.low[rows, at]) - favour + 1.0).high

    def pullback(up: Array) -> dict[str, Array]:
        flow = (np.where(over > 0.0, 1.0, np.where(over == 0.0, 0.5, 0.0)) * up)[:, None]
        ties = against.high == against.high[rows, at][:, None]
        strongest = ties / ties.sum(axis=1, keepdims=True) * flow
        if target.ndim == 2:
            return {
                "input": strongest - target * (strongest + flow),  # 1 - 2 t at the strongest, with one rounding
                "target": -input * (strongest + flow),
            }
        strongest[rows, label] = -flow[:, 0]
        return {"input": strongest}

    return Units(np.maximum(over, 0.0), pullback)


def _against(input: Array, target: Array) -> Array:
    """What the classes say against the truth: 0 from a true one."""
    if target.ndim == 2:
        return (1.0 - target) * input
    return np.where(one_hot(as_label(target), input.shape[1]) == 1.0, 0.0, input)


def _kinks(input: Array, target: Array) -> NDArray[np.bool_]:
    """Where two classes tie for the strongest, or the loss just becomes 0."""
    rows = np.arange(len(input))
    against = _against(input, target)
    at = against.argmax(axis=1)
    strongest = against[rows, at]
    favour = input[rows, as_label(target)] if target.ndim == 1 else (target * input).sum(axis=1)
    slack = 1e-12 * np.maximum(1.0, np.abs(input).max(axis=1))
    ties = (against >= (strongest - slack)[:, None]).sum(axis=1) > 1
    return np.asarray(ties | (np.abs(strongest - favour + 1.0) <= slack))


def _as_two_classes(input: Array, target: Array) -> dict[str, Any]:
    axis = class_axis(input)
    scores = np.moveaxis(np.array(input, dtype=np.float64), axis, 0)
    label = np.expand_dims(as_label(target), 0)
    picked = np.take_along_axis(scores, label, 0)
    np.put_along_axis(scores, label, 0.0, 0)
    pair = np.concatenate([picked, scores.max(axis=0, keepdims=True)])
    return {"input": np.moveaxis(pair, 0, axis), "target": np.zeros(np.shape(target), dtype=np.int64)}


LOSS = define(
    categorical_hinge,
    kind="classification",
    aliases=("CategoricalHinge",),
    conventions=(
        Convention("torch", "the definition of Keras; PyTorch has no such loss"),
        keras("CategoricalHinge", "categorical_hinge"),
    ),
    kinks=_kinks,
    relations=(
        equals(
            "CategoricalHinge(x, y) = 2 · MultiMargin([x_y, max(0, the largest other)], 0)",
            "multi_margin",
            _as_two_classes,
            times=2,
            when="ndim(target) < ndim(input)",
            condition="labels as the target",
        ),
    ),
    lines=(
        "truth = distribution(target, input)",
        "against = max((1 - truth) * input)",
        "favour = sum(truth * input)",
        "loss = max(0, against - favour + 1)",
    ),
    example=("[[0.4,0.5,0.1]]", "[0]"),
)
