"""Cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.schema.domains import LABEL, PROBABILITY
from losscli.schema.loss import Array, Equals, Role, Units, define


def log_loss(
    input: Annotated[Array, Role("u c", PROBABILITY, "probabilities, one a class")],
    target: Annotated[
        Array,
        Role("u", LABEL, "the true class"),
        Role("u c", PROBABILITY, "the true distribution over the classes"),
    ],
) -> Units:
    """Minus the logarithm of the probability that the true class was given.

    Formula: -log input_y, in nats; with a distribution as the truth -Σ_c target_c log input_c.
    Inputs: probabilities (C), (N, C) or (N, C, d1, …), taken as they are: neither clipped nor made to sum to one;
    labels of the same shape without C, or probabilities of the same shape.
    Gradient: -target / input; with respect to probabilities as the truth -log input.
    Relations: nll of log(input); cross_entropy of log(input) where each row sums to one.
    Source: sklearn.metrics.log_loss and keras.losses.CategoricalCrossentropy, less their clipping.
    """
    if target.ndim == 1:
        truth = np.zeros_like(input)
        truth[np.arange(len(input)), target.astype(np.intp, copy=False)] = 1.0
    else:
        truth = target
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = -np.log(input)
        value = np.where(truth == 0.0, 0.0, truth * surprise).sum(axis=1)

    def pullback(up: Array) -> dict[str, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            gradient = np.where(truth == 0.0, 0.0, -truth / input) * up[:, None]
            return {"input": gradient} if target.ndim == 1 else {"input": gradient, "target": surprise * up[:, None]}

    return Units(value, pullback)


def _as_nll(input: Array, target: Array) -> dict[str, Any]:
    with np.errstate(divide="ignore"):
        return {"input": np.log(input), "target": target}


LOSS = define(
    log_loss,
    aliases=("CategoricalCrossentropy", "SparseCategoricalCrossentropy", "categorical_crossentropy"),
    relations=(
        Equals(
            "log_loss(p, y) = NLL(log p, y)", "nll", _as_nll, given=lambda input, target, **_: target.ndim < input.ndim
        ),
    ),
)
