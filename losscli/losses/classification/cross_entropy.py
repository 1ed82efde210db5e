"""Cross-entropy on raw scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import keras, optax, torch
from losscli.losses._inputs import ClassLogits, ClassWeight, IgnoreIndex, LabelOrDistribution, LabelSmoothing
from losscli.losses.classification._mistakes import (
    ON_SCORES,
    SMOOTHINGS,
    WEIGHTS,
    nll_of_scores,
)
from losscli.losses.classification._softmax import (
    CERTAIN,
    SOFTMAX,
    TEXTBOOK,
    log_softmax,
    nlls,
    probabilities,
    slopes,
)
from losscli.losses.classification._truth import IS_LABEL, TRUTH, as_label, as_probabilities, class_axis, class_weights
from losscli.numerics.double_double import doubled, row_sums
from losscli.numerics.logsumexp import logsumexp
from losscli.schema.define import define, equals
from losscli.schema.loss import Array, Units

_ZERO_TIMES_INFINITY = (
    "a class of weight 0 has an infinite log-probability; 0·inf counts as 0 (PyTorch prints nan)"  # optax once did too
)
_PLAIN_LABELS = (
    "ndim(input) == 2 and ndim(target) == 1 and weight is None and label_smoothing == 0 and all(target != ignore_index)"
)


def cross_entropy(
    input: ClassLogits,
    target: LabelOrDistribution,
    *,
    weight: ClassWeight = None,
    ignore_index: IgnoreIndex = -100,
    label_smoothing: LabelSmoothing = 0.0,
) -> Units:
    """Negative log-likelihood of the true class under the softmax of the scores.

    Use: to train or judge a classifier of which exactly one class is true, on the scores before any softmax.
    Formula: -Σ_c q_c w_c log softmax(input)_c, in nats, where q is the truth, smoothed:
    q = (1 - label_smoothing) · target + label_smoothing / C, and a label y stands for all on class y.
    Inputs: scores (C), (N, C) or (N, C, d1, …); labels of the same shape without C, or probabilities of the same shape.
    The mean divides by Σ w_y with labels, by the number of samples with probabilities.
    Gradient: softmax(input) Σ_c q_c w_c - q w; with respect to probabilities as the target
    -(1 - label_smoothing) w log softmax(input).
    Accuracy: 4 ulp, of the smallest losses too. With probabilities as the target the slope is a difference of two of
    them: good to some ulp of these.
    Relations: nll of log_softmax(input); kl_div of log_softmax(input) plus the entropy of the target; with two classes
    bce_with_logits of the difference of their scores; log_loss of softmax(input).
    Pitfalls: scores that went through a softmax before are squeezed: with C classes the loss then lies between
    log(1 + (C-1)/e) and log(C - 1 + e); probabilities belong to log_loss, log-probabilities to nll;
    the weighted mean divides by Σ w_y, not by N, but by N if the same targets are one-hot rows;
    ignored samples leave the denominator too; labels count from 0; classes lie on axis 1, or see --class-axis;
    there are several label smoothings: ε / (C - 1) on the other classes is label_smoothing = ε C / (C - 1) here.
    Source: torch.nn.functional.cross_entropy; the softmax with temperature 1.
    """
    if target.ndim == 1 and label_smoothing == 0.0:
        return _of_labels(input, as_label(target), weight)
    truth = as_probabilities(target, input.shape[1], label_smoothing)
    return _of_distributions(input, truth, weight, kept=1.0 - label_smoothing, soft=target.ndim == 2)


def _of_labels(scores: Array, label: NDArray[np.intp], weight: Array | None) -> Units:
    rows = np.arange(len(scores))
    picked = scores[rows, label]
    parts = logsumexp(scores)
    value = parts.gap(picked, label) + parts.log_others
    if weight is not None:
        value = np.multiply(value, weight[label], out=np.zeros_like(value), where=weight[label] != 0.0)  # 0 · inf = 0

    def pullback(up: Array) -> dict[str, Array]:
        if weight is not None:
            up = up * weight[label]
        softmax, elsewhere = parts.exponentials, parts.elsewhere(label)
        scale = up / (1.0 + parts.others)
        softmax *= scale[:, None]
        softmax[rows, parts.at] = scale
        softmax[rows, label] = -elsewhere * scale
        return {"input": softmax}

    notes = (CERTAIN,) if np.any(np.isposinf(picked) & (value == 0.0)) else ()
    return Units(value, pullback, notes)


def _of_distributions(scores: Array, truth: Array, weight: Array | None, *, kept: float, soft: bool) -> Units:
    weighted = truth if weight is None else truth * weight
    parts = logsumexp(scores, keep_below=True)
    nll = nlls(parts)
    impossible = np.isinf(nll) & (weighted == 0.0)
    notes = (_ZERO_TIMES_INFINITY,) if impossible.any() else ()
    value = row_sums(doubled(np.where(impossible, 0.0, weighted * nll))).high

    def pullback(up: Array) -> dict[str, Array]:
        gradient = slopes(*probabilities(parts), weighted)
        gradient *= up[:, None]
        if not soft:
            return {"input": gradient}
        weights = kept if weight is None else kept * weight
        return {"input": gradient, "target": np.where(weights == 0.0, 0.0, weights * nll) * up[:, None]}

    return Units(value, pullback, notes)


def _as_nll(input: Array, target: Array, **options: Any) -> dict[str, Any]:
    del options["label_smoothing"]
    return {"input": log_softmax(input, class_axis(input)), "target": target, **options}


def _as_kl_div(input: Array, target: Array, label_smoothing: float, **_: Any) -> dict[str, Any]:
    return {"input": log_softmax(input, 1), "target": as_probabilities(target, input.shape[1], label_smoothing)}


def _entropy(input: Array, target: Array, label_smoothing: float, **_: Any) -> float:
    """That of the truth, in the mean over the samples."""
    truth = as_probabilities(target, input.shape[1], label_smoothing)
    return float(-(truth * np.log(np.where(truth > 0.0, truth, 1.0))).sum() / len(truth))


def _table(input: Array, label_smoothing: float) -> Array | None:
    return None if label_smoothing else nll_of_scores(input)


LOSS = define(
    cross_entropy,
    kind="classification",
    unit="nats",
    aliases=("softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels", "safe_softmax_cross_entropy", "ce"),
    denominator=class_weights,
    conventions=(
        torch("CrossEntropyLoss", "cross_entropy"),
        keras(
            "CategoricalCrossentropy(from_logits=True)",
            "SparseCategoricalCrossentropy(from_logits=True)",
            does="both with from_logits=True",
        ),
        optax("softmax_cross_entropy", "safe_softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels"),
    ),
    relations=(
        equals(
            "CrossEntropy(x, y) = NLL(log_softmax(x), y)",
            "nll",
            _as_nll,
            when="ndim(target) < ndim(input) and label_smoothing == 0",
            condition="labels as the target, no label smoothing",
        ),
        equals(
            "CrossEntropy(x, y) = KLDiv(log_softmax(x), one_hot(y)), as batchmean",
            "kl_div",
            _as_kl_div,
            when=_PLAIN_LABELS,
            condition="scores of shape (N, C), labels none of which is ignored, no weights, no label smoothing",
            reduced=("mean", "batchmean"),
        ),
        equals(
            "CrossEntropy(x, q) = KLDiv(log_softmax(x), q) + entropy(q), as batchmean",
            "kl_div",
            _as_kl_div,
            plus=_entropy,
            when="ndim(input) == 2 and ndim(target) == 2 and weight is None",
            condition="scores of shape (N, C), probabilities as the target, smoothed or not, no weights",
            reduced=("mean", "batchmean"),
        ),
        equals(
            "CrossEntropy([x0, x1], y) = BCEWithLogits(x1 - x0, y)",
            "bce_with_logits",
            lambda input, target, **_: {"input": input[:, 1] - input[:, 0], "target": target.astype(np.float64)},
            when=f"{_PLAIN_LABELS} and size(input) == 2 * size(target) and all(finite(input))",
            condition="two classes, shape (N, 2), labels none of which is ignored, no weights, no label smoothing;"
            " finite scores",
        ),
    ),
    lines=(
        *SOFTMAX,
        f"loss = -log_softmax[target], if {IS_LABEL} and weight is None",
        f"loss = -weight[target] * log_softmax[target], if {IS_LABEL} and weight is not None",
        *TRUTH,
        f"loss = -sum(truth * log_softmax), if not ({IS_LABEL}) and weight is None",
        f"loss = -sum(truth * weight * log_softmax), if not ({IS_LABEL}) and weight is not None",
    ),
    textbook=(
        TEXTBOOK,
        f"loss = -log_softmax[target], if {IS_LABEL} and weight is None",
        f"loss = -weight[target] * log_softmax[target], if {IS_LABEL} and weight is not None",
    ),
    table=_table,
    mistakes=(*ON_SCORES, *SMOOTHINGS, *WEIGHTS),
    example=("[[0.1,0.2,0.3]]", "[1]"),
)
