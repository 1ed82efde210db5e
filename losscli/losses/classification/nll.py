"""The negative log-likelihood on log-probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import torch
from losscli.losses._inputs import ClassWeight, IgnoreIndex, Label
from losscli.losses.classification._mistakes import (
    ARGUMENTS_EXCHANGED,
    BINARY_ON_ONE_HOT,
    WEIGHTS,
    has_labels,
    of_probabilities,
)
from losscli.losses.classification._softmax import log_sum_exp
from losscli.losses.classification._truth import as_label, class_axis, class_weights
from losscli.schema.define import define, equals
from losscli.schema.domains import LOG_PROBABILITY
from losscli.schema.loss import Array, LossMistake, Role, Units


def nll(
    input: Annotated[Array, Role("u c", LOG_PROBABILITY, "log-probabilities, one a class")],
    target: Label,
    *,
    weight: ClassWeight = None,
    ignore_index: IgnoreIndex = -100,
) -> Units:
    """Minus the log-probability of the true class.

    Use: to train or judge a classifier that ends in a log_softmax.
    Formula: -w_y input_y, in nats, y = target.
    Inputs: log-probabilities (C), (N, C) or (N, C, d1, …), unchecked, as in PyTorch; labels of the same shape
    without C.
    The mean divides by Σ w_y.
    Gradient: -w_y at the true class, 0 elsewhere.
    Relations: cross_entropy of the scores whose log_softmax the input is; log_loss of exp(input).
    Pitfalls: nothing checks that the input holds log-probabilities: probabilities give a loss from -1 to 0, raw scores
    any number, and a negative loss is the sign of either; the weighted mean divides by Σ w_y, not by N;
    ignored samples leave the denominator too; labels count from 0.
    Source: torch.nn.functional.nll_loss.
    """
    rows, label = np.arange(len(input)), as_label(target)
    weights = np.ones(len(input)) if weight is None else weight[label]
    picked = input[rows, label]
    value = 0.0 - np.multiply(weights, picked, out=np.zeros_like(picked), where=weights != 0.0)  # never -0.0

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.zeros_like(input)
        gradient[rows, label] = -weights * up
        return {"input": gradient}

    return Units(value, pullback)


def _less_log_sum(input: Array, target: Array, weight: Array | None, **_: Any) -> Array:
    """-w_y log Σ exp(input): 0 for log-probabilities."""
    weights = 1.0 if weight is None else weight[as_label(target)]
    return np.asarray(-weights * log_sum_exp(input, class_axis(input)))


LOSS = define(
    nll,
    kind="classification",
    unit="nats",
    aliases=("negative_log_likelihood",),
    denominator=class_weights,
    conventions=(torch("NLLLoss", "nll_loss"),),
    relations=(
        equals(
            "NLL(l, y) = CrossEntropy(l, y) - w_y log Σ exp(l), the latter 0 for log-probabilities",
            "cross_entropy",
            weight="weight",
            plus=_less_log_sum,
            when="all(finite(input)) and all(target != ignore_index)",
            condition="finite inputs, nothing ignored",
        ),
    ),
    lines=(
        "log_probability = input[target]",
        "loss = -log_probability, if weight is None",
        "loss = -weight[target] * log_probability, if weight is not None",
    ),
    table=lambda input: -input,
    mistakes=(
        LossMistake(
            "log_left_out",
            "probabilities were passed where log-probabilities are expected, which gives a negative loss",
            "pass log-probabilities: log_softmax of the scores",
            of_probabilities,
            tier="A",
            given=has_labels,
        ),
        BINARY_ON_ONE_HOT,
        ARGUMENTS_EXCHANGED,
        *WEIGHTS,
    ),
    example=("[[-0.5,-1.0],[-2.0,-0.25]]", "[0,1]"),
)
