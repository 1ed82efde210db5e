"""The multi-label margin loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import torch
from losscli.losses._inputs import ClassScores
from losscli.losses.classification._truth import as_label, class_axis
from losscli.numerics.double_double import doubled, row_sums, two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import LABELS_THEN_END
from losscli.schema.loss import Array, Role, Step, Units

_TWICE = "a row of the target names a class twice, which counts twice (as in PyTorch)"


def multilabel_margin(
    input: ClassScores,
    target: Annotated[
        Array, Role("u c", LABELS_THEN_END, "the true classes, then -1; what follows counts for nothing")
    ],
) -> Units:
    """Wants each true class to lead each other class by 1.

    Use: to train a tagger, of whose classes any number may be true, on its raw scores.
    Formula: 1/C · Σ_{y in target} Σ_{c not in target} max(0, 1 - input_y + input_c), where a row of the target ends
    before its first -1.
    Inputs: scores (C) or (N, C), here also (N, C, d1, …); class indices of the same shape, filled up with -1.
    Gradient: with respect to input_c the number of true classes whose lead over c is too small, over C, with respect
    to input_y minus the number of other classes that y leads too little; a lead of just 1 is large enough.
    Relations: multi_margin of the label where each row has just one.
    Pitfalls: the target holds class indices, not a 0 or 1 a class: those rows, which multilabel_soft_margin takes, are
    read as the classes 0 and 1; an index after the first -1 is not seen; a class named twice counts twice;
    a row without labels costs 0, whatever its scores.
    Source: torch.nn.functional.multilabel_margin_loss.
    """
    rows, label = np.arange(len(input)), as_label(target)
    live = np.logical_and.accumulate(label >= 0, axis=1)
    places = range(int(live.sum(axis=1).max(initial=0)))
    true = np.where(live, label, 0)
    times = np.zeros(input.shape)  # how often a row names each class
    for place in places:
        times[rows, true[:, place]] += live[:, place]
    loss = doubled(np.zeros(len(input)))
    pull = np.zeros(input.shape)  # the gradient, C times: whole numbers
    for place in places:
        picked = input[rows, true[:, place]]
        over = (two_sum(input, -picked[:, None]) + 1.0).high  # x_c - x_y + 1 would cancel
        short = ~(over <= 0.0) & (times == 0.0) & live[:, place, None]  # NaN comes through
        loss = loss + row_sums(doubled(np.where(short, over, 0.0)))
        pull += short
        pull[rows, true[:, place]] -= short.sum(axis=1)
    classes = input.shape[1]

    def pullback(up: Array) -> dict[str, Array]:
        return {"input": pull * (up / classes)[:, None]}

    return Units(loss.high / classes, pullback, (_TWICE,) if np.any(times > 1.0) else ())


def _live(target: Array) -> list[int]:
    labels = [int(label) for label in target]
    return labels[: labels.index(-1)] if -1 in labels else labels


def _kinks(input: Array, target: Array) -> NDArray[np.bool_]:
    """Where a true class leads another by just 1."""
    kinks = np.zeros(len(input), dtype=bool)
    for unit, (scores, labels) in enumerate(zip(input, target, strict=True)):
        true = _live(labels)
        leads = scores[true][:, None] - np.delete(scores, true)[None, :]
        kinks[unit] = np.any(np.abs(leads - 1.0) <= 1e-12 * np.maximum(1.0, np.abs(scores).max()))
    return kinks


def _steps(input: Array, target: Array) -> list[Step]:
    true = _live(target)
    others = [c for c in range(len(input)) if c not in true]
    parts = [max(0.0, 1.0 - (input[y] - input[c])) for y in true for c in others]
    return [
        Step("true classes", "y, up to the first -1", np.array(true, dtype=float)),
        Step("other classes", "c", np.array(others, dtype=float)),
        Step(
            "leads", "x_y - x_c, for each y over each c", np.array([input[y] - input[c] for y in true for c in others])
        ),
        Step("missing to the margin", "max(0, 1 - lead)", np.array(parts)),
        Step("loss", f"Σ / {len(input)} classes", sum(parts) / len(input)),
    ]


def _single_labels(input: Array, target: Array) -> bool:
    labels = np.moveaxis(target, class_axis(target), 0)
    return bool(np.all(labels[0] >= 0) and (len(labels) == 1 or np.all(labels[1] == -1)))


LOSS = define(
    multilabel_margin,
    kind="classification",
    conventions=(torch("MultiLabelMarginLoss", "multilabel_margin_loss"),),
    kinks=_kinks,
    relations=(
        equals(
            "MultiLabelMargin(x, [y, -1, …]) = MultiMargin(x, y)",
            "multi_margin",
            lambda input, target: {"input": input, "target": np.take(target, 0, axis=class_axis(target))},
            when=_single_labels,
            condition="just one label a row",
        ),
    ),
    steps=_steps,
    example=("[[0.1,0.2,0.4,0.8]]", "[[3,0,-1,1]]"),
)
