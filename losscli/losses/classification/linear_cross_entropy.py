"""Cross-entropy on the scores that a linear layer makes of hidden vectors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as pairs
from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import torch
from losscli.losses._inputs import ClassWeight, IgnoreIndex, LabelSmoothing
from losscli.losses.classification._linear import (
    label_nll,
    label_slopes,
    row_blocks,
    scaled_rows,
    scores_of,
    slope_product,
    softmax_parts,
)
from losscli.losses.classification._softmax import nlls, probabilities, slopes, softmax_steps
from losscli.losses.classification._truth import as_label, as_probabilities
from losscli.numerics.double_double import doubled, row_sums
from losscli.numerics.logsumexp import LogSumExp
from losscli.numerics.products import add_at, zeros
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, PROBABILITY, REAL
from losscli.schema.loss import Array, Option, Role, Step, Units


def linear_cross_entropy(
    input: Annotated[Array, Role("n? d", REAL, "hidden vectors")],
    linear_weight: Annotated[Array, Role("c ... d", REAL, "the matrix that makes scores of them, one row a class")],
    target: Annotated[
        Array,
        Role("n? ...", LABEL, "the true class"),
        Role("n? c ...", PROBABILITY, "the true distribution over the classes"),
    ],
    *,
    linear_bias: Annotated[Array | None, Option(REAL, "added to the scores", axes="c ...")] = None,
    weight: ClassWeight = None,
    ignore_index: IgnoreIndex = -100,
    label_smoothing: LabelSmoothing = 0.0,
) -> Units:
    """Cross-entropy after a linear layer, whose scores never are in memory as a whole.

    Use: to train or judge a model with very many classes, such as words, where the scores would not fit.
    Formula: cross_entropy of x = linear_weight · input + linear_bias: -Σ_c q_c w_c log softmax(x)_c, in nats, where
    q is the target, smoothed: q = (1 - label_smoothing) · target + label_smoothing / C.
    Inputs: vectors (D) or (N, D); a matrix (C, D), or (C, d1, …, D) where each sample has several positions; labels
    (N, d1, …), or probabilities (N, C, d1, …). The mean divides by Σ w_y with labels, by the number of positions with
    probabilities.
    Gradient: with s = softmax(x) Σ_c q_c w_c - q w for each position: s · linear_weight; with respect to the matrix
    Σ s ⊗ input; to probabilities -(1 - label_smoothing) w log softmax(x).
    Accuracy: the scores have twice the working precision, so the loss keeps its digits where dot products cancel, to
    D 2⁻⁶² of their terms' magnitudes. Gradients are sums of rounded terms: good to a few ulp of those magnitudes.
    Relations: cross_entropy of the scores.
    Pitfalls: the rows of the matrix are the classes, as torch.nn.Linear stores it: a (D, C) matrix must be transposed;
    the layer's bias is easily forgotten; scores computed in float32 or bfloat16 are off by far more than the loss is.
    Source: torch.nn.functional.linear_cross_entropy (PyTorch 2.13); E. Wijmans et al., Cut Your Losses in
    Large-Vocabulary Language Models, ICLR 2025.
    """
    smooth = label_smoothing
    losses = [
        _values(parts, _truth(target, rows, place), weight, smooth)
        for rows, place, parts in _softmaxes(input, linear_weight, linear_bias)
    ]
    places = linear_weight.shape[1]
    value = np.concatenate([np.zeros(0), *losses]).reshape(places, len(input)).T.reshape(-1)

    def pullback(up: Array) -> dict[str, Array]:
        up = up.reshape(len(input), places)
        by_input, by_matrix = zeros(input.shape), zeros(linear_weight.shape)
        by_target = np.empty(target.shape)
        for rows, place, parts in _softmaxes(input, linear_weight, linear_bias):
            truth, flow = _truth(target, rows, place), up[rows, place]
            slope = scaled_rows(_slopes(parts, truth, weight, smooth), flow)
            add_at(by_input, rows, slope_product(slope, linear_weight[:, place]))
            add_at(by_matrix, (slice(None), place), slope_product(slope.T, input[rows]))
            if truth.ndim == 2:
                by_truth = nlls(parts) * ((1.0 - smooth) * (1.0 if weight is None else weight))
                by_target[rows, :, place] = scaled_rows(by_truth, flow)
        gradients = {"input": by_input.high + by_input.low, "linear_weight": by_matrix.high + by_matrix.low}
        return {**gradients, "target": by_target} if target.ndim == 3 else gradients

    return Units(value, pullback)


def _softmaxes(input: Array, matrix: Array, bias: Array | None) -> Iterator[tuple[slice, int, LogSumExp]]:
    """The softmax of one run of samples after the other, for each of their positions in turn."""
    classes, places, _ = matrix.shape
    for place, rows in pairs(range(places), row_blocks(len(input), classes)):
        offset = None if bias is None else bias[:, place]
        yield rows, place, softmax_parts(scores_of(input[rows], matrix[:, place], offset))


def _truth(target: Array, rows: slice, place: int) -> Array:
    """Labels, or rows of probabilities."""
    return target[rows, place] if target.ndim == 2 else target[rows, :, place]


def _values(parts: LogSumExp, truth: Array, weight: Array | None, smooth: float) -> Array:
    if truth.ndim == 1 and not smooth:
        nll = label_nll(parts, as_label(truth))
        return nll if weight is None else nll * weight[as_label(truth)]
    return row_sums(doubled(_weighted_truth(truth, parts.exponentials.shape[1], weight, smooth) * nlls(parts))).high


def _slopes(parts: LogSumExp, truth: Array, weight: Array | None, smooth: float) -> Array:
    if truth.ndim == 1 and not smooth:
        slope = label_slopes(parts, as_label(truth))
        return slope if weight is None else slope * weight[as_label(truth)][:, None]
    return slopes(*probabilities(parts), _weighted_truth(truth, parts.exponentials.shape[1], weight, smooth))


def _weighted_truth(truth: Array, classes: int, weight: Array | None, smooth: float) -> Array:
    rows = as_probabilities(truth, classes, smooth)
    return rows if weight is None else rows * weight


def _denominators(target: Array, weight: Array | None) -> Array | None:
    return None if weight is None or target.ndim == 3 else weight[as_label(target)].reshape(-1)


def _steps(
    input: Array,
    linear_weight: Array,
    target: Array,
    linear_bias: Array | None,
    weight: Array | None,
    label_smoothing: float,
    at: int,
) -> list[Step]:
    row, place = divmod(at, linear_weight.shape[1])
    scores = linear_weight[:, place] @ input[row]
    lines = [Step("hidden vector", "h = input", input[row]), Step("scores", "linear_weight · h", scores)]
    if linear_bias is not None:
        scores = scores + linear_bias[:, place]
        lines.append(Step("scores with bias", "linear_weight · h + linear_bias", scores))
    more, log_softmax = softmax_steps(scores)
    truth = as_probabilities(_truth(target, slice(row, row + 1), place), len(scores), label_smoothing)[0]
    weighted = truth if weight is None else truth * weight
    return [
        *lines,
        *more[1:],
        Step("truth", "q = (1 - label_smoothing) · target + label_smoothing / C" if label_smoothing else "q", truth),
        *([] if weight is None else [Step("weights", "w", weight)]),
        Step("loss", "-Σ q log-softmax" if weight is None else "-Σ q w log-softmax", -(weighted * log_softmax).sum()),
    ]


def _as_cross_entropy(
    input: Array, linear_weight: Array, target: Array, linear_bias: Array | None, **options: Any
) -> dict[str, Any]:
    features = linear_weight.shape[-1]
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    scores = scores_of(input.reshape(-1, features), linear_weight.reshape(-1, features), bias).high
    return {"input": scores.reshape(*input.shape[:-1], *linear_weight.shape[:-1]), "target": target, **options}


LOSS = define(
    linear_cross_entropy,
    kind="classification",
    unit="nats",
    aliases=("cut_cross_entropy", "fused_linear_cross_entropy"),
    denominator=_denominators,
    units="n ...",
    conventions=(torch("LinearCrossEntropyLoss", "linear_cross_entropy"),),
    relations=(equals("LinearCrossEntropy(h, W, y) = CrossEntropy(W h, y)", "cross_entropy", _as_cross_entropy),),
    steps=_steps,
    example=("[[1,2],[0,-1]]", "[[1,0],[0,1],[1,1]]", "[2,0]"),
)
