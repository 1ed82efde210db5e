"""The multi-class margin loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import torch
from losscli.losses._inputs import ClassScores, ClassWeight
from losscli.losses.classification._truth import as_label, class_axis
from losscli.numerics.double_double import doubled, row_sums, two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, REAL, Domain
from losscli.schema.loss import Array, Option, Role, Units

ONE_OR_TWO = Domain("1 or 2", only=(1.0, 2.0))


def multi_margin(
    input: ClassScores,
    target: Annotated[Array, Role("u", LABEL, "the true class", makes_batch=True)],
    *,
    p: Annotated[int, Option(ONE_OR_TWO, "the power of what is missing to the margin")] = 1,
    margin: Annotated[float, Option(REAL, "by how much the true class should lead")] = 1.0,
    weight: ClassWeight = None,
) -> Units:
    """Wants the true class to lead every other by a margin.

    Use: to train a classifier of which exactly one class is true on its raw scores, as a support vector machine does.
    Formula: w_y / C · Σ_{c ≠ y} max(0, margin - input_y + input_c)^p, y = target.
    Inputs: scores (C) or (N, C), here also (N, C, d1, …); labels of the same shape without C; margin has the scores'
    unit. The mean divides by the number of samples, whatever their weights.
    Gradient: with respect to input_c w_y / C · p · max(0, …)^(p-1), 0 where the lead is just the margin; at the true
    class minus the sum of the others.
    Relations: multilabel_margin of a row with the single label y when p = 1 and margin = 1.
    Pitfalls: the sum is divided by all C classes, not by the C - 1 others: scikit-learn's hinge_loss and
    categorical_hinge take the largest other score alone, and divide by nothing; the weighted mean is not divided by
    Σ w_y as that of cross_entropy is; scores, not probabilities: those never lead by more than 1.
    Source: torch.nn.functional.multi_margin_loss; J. Weston and C. Watkins, Multi-class Support Vector Machines, 1998.
    """
    rows, label = np.arange(len(input)), as_label(target)
    per_class = 1.0 / input.shape[1]
    over = (two_sum(input, -input[rows, label][:, None]) + margin).high  # x_c - x_y + margin would cancel
    over[rows, label] = 0.0
    missing = np.maximum(over, 0.0)
    weights = np.ones(len(input)) if weight is None else weight[label]

    def pullback(up: Array) -> dict[str, Array]:
        gradient = 2.0 * missing if p == 2 else np.where(over > 0.0, 1.0, 0.0)
        gradient *= (weights * per_class * up)[:, None]
        gradient[rows, label] = -gradient.sum(axis=1)
        return {"input": gradient}

    parts = missing * missing if p == 2 else missing
    return Units(row_sums(doubled(parts)).high / input.shape[1] * weights, pullback)


def _kinks(input: Array, target: Array, p: int, margin: float) -> NDArray[np.bool_]:
    """Where the lead over a wrong class is just the margin; the square is smooth there."""
    rows, label = np.arange(len(input)), as_label(target)
    picked = input[rows, label][:, None]
    near = np.abs(input - picked + margin) <= 1e-12 * np.maximum(np.maximum(np.abs(input), np.abs(picked)), abs(margin))
    near[rows, label] = False
    return np.asarray(near.any(axis=1) & (p == 1))


def _as_multilabel(input: Array, target: Array, **_: Any) -> dict[str, Any]:
    """The label, ended by -1."""
    axis = class_axis(input)
    rows = np.full(input.shape, -1, dtype=np.int64)
    np.moveaxis(rows, axis, 0)[0] = target
    return {"input": input, "target": rows}


LOSS = define(
    multi_margin,
    kind="classification",
    conventions=(torch("MultiMarginLoss", "multi_margin_loss"),),
    kinks=_kinks,
    relations=(
        equals(
            "MultiMargin(x, y) = MultiLabelMargin(x, [y, -1, …])",
            "multilabel_margin",
            _as_multilabel,
            when="p == 1 and margin == 1 and weight is None",
        ),
    ),
    lines=(
        "lead = input[target] - others(input, target)",
        "missing = max(0, margin - lead)",
        "total = sum(missing ** p)",
        "loss = total / size(input), if weight is None",
        "loss = weight[target] * total / size(input), if weight is not None",
    ),
    example=("[[0.1,0.2,0.4,0.8]]", "[3]"),
)
