"""Cross-entropy on probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import keras, sklearn
from losscli.losses._inputs import ClassProbabilities, LabelOrDistribution, LabelSmoothing
from losscli.losses.classification._mistakes import (
    ARGUMENTS_EXCHANGED,
    BINARY_ON_ONE_HOT,
    has_labels,
    of_probabilities,
)
from losscli.losses.classification._truth import IS_LABEL, TRUTH, as_label, as_probabilities, class_axis
from losscli.losses.classification._vectors import settles_vectors
from losscli.numerics.double_double import doubled, row_sums
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, Constant, Convention, Loss, LossMistake, Units


def log_loss(
    input: ClassProbabilities,
    target: LabelOrDistribution,
    *,
    label_smoothing: LabelSmoothing = 0.0,
    normalizes: Annotated[float, Constant("1 where each row is divided by its sum first")] = 0.0,
    clip: Annotated[float, Constant("probabilities are cut off at clip and 1 - clip; 0 for no bound")] = 0.0,
) -> Units:
    """Minus the logarithm of the probability that the true class was given.

    Use: to judge a classifier by the probabilities that it states, of which exactly one class is true.
    Formula: -log input_y, in nats; with a distribution as the truth -Σ_c q_c log input_c, where
    q = (1 - label_smoothing) · target + label_smoothing / C.
    Inputs: probabilities (C), (N, C) or (N, C, d1, …), by the convention torch taken as they are: neither clipped nor
    made to sum to one; labels of the same shape without C, or probabilities of the same shape. By the convention
    sklearn (N) beside labels of 0 and 1 is binary.
    Gradient: -q / input; with respect to probabilities as the truth -(1 - label_smoothing) log input; 0 where clipped.
    Relations: nll of log(input); cross_entropy of log(input), less the logarithm of the row's sum.
    Pitfalls: the convention keras divides each row by its sum and clips at 1e-7, sklearn clips at the machine epsilon
    of the stored type (2.2e-16 or 1.2e-7) and only warns about sums, so a certain and wrong row costs 16.118, 36.044
    or 15.942; raw scores belong to cross_entropy; sklearn's columns are the labels in sorted order: 10 comes
    before 2 where they are words; Keras in float32 cuts off at 1 - 1.19e-7, the float next to 1 - 1e-7.
    Source: sklearn.metrics.log_loss and keras.losses.CategoricalCrossentropy, less their clipping.
    """
    total = input.sum(axis=1, keepdims=True) if normalizes else None
    stated = input if total is None else input / total
    if target.ndim == 1 and label_smoothing == 0.0:
        units = _of_labels(stated, as_label(target), clip)
    else:
        truth = as_probabilities(target, input.shape[1], label_smoothing)
        units = _of_distributions(stated, truth, clip, kept=1.0 - label_smoothing, soft=target.ndim == 2)
    return units if total is None else _through_sums(units, stated, total)


def _of_labels(stated: Array, label: NDArray[np.intp], clip: float) -> Units:
    rows = np.arange(len(stated))
    picked = stated[rows, label]
    p = _clipped(picked, clip)

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.zeros_like(stated)
        gradient[rows, label] = np.where(p == picked, -up / p, 0.0)
        return {"input": gradient}

    cut = np.asarray(p > picked)
    return Units(0.0 - np.log(p), pullback, bounds=((_raised(clip), cut),) if cut.any() else ())  # never -0.0


def _of_distributions(stated: Array, truth: Array, clip: float, *, kept: float, soft: bool) -> Units:
    p = _clipped(stated, clip)
    nll = 0.0 - np.log(p)
    nothing = truth == 0.0

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.where(nothing | (p != stated), 0.0, -truth / p) * up[:, None]
        if not soft:
            return {"input": gradient}
        return {"input": gradient, "target": kept * nll * up[:, None] if kept else np.zeros_like(gradient)}

    cut = np.asarray(((p > stated) & (truth > 0.5)).any(axis=1))
    value = row_sums(doubled(np.where(nothing, 0.0, truth * nll))).high
    return Units(value, pullback, bounds=((_raised(clip), cut),) if cut.any() else ())


def _raised(clip: float) -> str:
    return f"the probability that its truth was given is raised to {clip:.2g}"


def _clipped(p: Array, clip: float) -> Array:
    return np.clip(p, clip, 1.0 - clip) if clip else p


def _through_sums(units: Units, stated: Array, total: Array) -> Units:
    """The same loss as a function of the rows before they were divided by their sums."""

    def pullback(up: Array) -> dict[str, Array]:
        gradients = units.pullback(up)
        slope = gradients["input"]
        return {**gradients, "input": (slope - (slope * stated).sum(axis=1, keepdims=True)) / total}

    return replace(units, pullback=pullback)


def epsilon_of(dtype: str) -> float:
    """The machine epsilon of the type that scikit-learn computes in: that of the data, float64 for integers."""
    return float(np.finfo(dtype if dtype in ("float16", "float32") else "float64").eps)


def _less_log_sum(input: Array, target: Array, **_: Any) -> Array:
    """-log Σ input for the whole of the truth: 0 where rows sum to one."""
    axis = class_axis(input)
    return np.asarray(-np.log(input.sum(axis=axis)) * (1.0 if target.ndim < input.ndim else target.sum(axis=axis)))


def _table(input: Array, label_smoothing: float, normalizes: float, clip: float) -> Array | None:
    if label_smoothing:
        return None
    stated = input / input.sum(axis=1, keepdims=True) if normalizes else input
    return 0.0 - np.log(_clipped(stated, clip))


def _as_binary() -> Loss:
    from losscli.losses.binary.bce import LOSS as BINARY

    return BINARY


LOSS = define(
    log_loss,
    kind="classification",
    unit="nats",
    aliases=("CategoricalCrossentropy", "SparseCategoricalCrossentropy", "categorical_crossentropy"),
    conventions=(
        Convention("torch", "torch.nn.functional.nll_loss of torch.log: no bound"),
        keras(
            "CategoricalCrossentropy",
            "SparseCategoricalCrossentropy",
            "categorical_crossentropy",
            "sparse_categorical_crossentropy",
            does="rows divided by their sums, then cut off at keras.config.epsilon()",
            normalizes=1.0,
            clip=1e-7,
        ),
        sklearn("log_loss", does="p is clipped at the epsilon of the stored type", clip=epsilon_of),
    ),
    relations=(
        equals(
            "log_loss(p, y) = NLL(log p, y)",
            "nll",
            {"input": "log(input)", "target": "target"},
            when="ndim(target) < ndim(input) and label_smoothing == 0",
            condition="labels as the target, no label smoothing",
        ),
        equals(
            "log_loss(p, y) = CrossEntropy(log p, y) - log Σ p, the latter 0 where rows sum to one",
            "cross_entropy",
            {"input": "log(input)", "target": "target"},
            plus=_less_log_sum,
            when=lambda input, label_smoothing, **_: (
                label_smoothing == 0.0 and bool(np.all(input.sum(axis=class_axis(input)) > 0.0))
            ),
            condition="no row of zeros, no label smoothing",
        ),
    ),
    lines=(
        "p = input, if normalizes == 0",
        "p = input / sum(input), if normalizes > 0",
        "p = min(max(p, clip), 1 - clip), if clip > 0",
        f"loss = -log(p[target]), if {IS_LABEL}",
        *TRUTH,
        f"loss = -sum(xlogy(truth, p)), if not ({IS_LABEL})",
    ),
    table=_table,
    mistakes=(
        LossMistake(
            "log_left_out",
            "minus the probability of the true class was taken, without its logarithm",
            "take the logarithm of the probability",
            of_probabilities,
            tier="A",
            given=has_labels,
        ),
        BINARY_ON_ONE_HOT,
        ARGUMENTS_EXCHANGED,
    ),
    settle=settles_vectors(_as_binary, other="bce"),
    example=("[[0.5,0.25,0.25],[0.125,0.125,0.75]]", "[0,1]"),
)
