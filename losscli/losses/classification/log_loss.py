"""Cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.doubled import doubled, row_sums
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
    return _of_labels(input, target.astype(np.intp, copy=False)) if target.ndim == 1 else _of_shares(input, target)


def _of_labels(input: Array, label: NDArray[np.intp]) -> Units:
    each = np.arange(len(input))
    picked = input[each, label]

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.zeros_like(input)
        gradient[each, label] = -up / picked
        return {"input": gradient}

    return Units(0.0 - np.log(picked), pullback)  # never -0.0


def _of_shares(input: Array, truth: Array) -> Units:
    surprise = -np.log(input)
    nothing = truth == 0.0

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.where(nothing, 0.0, -truth / input)
        return {"input": gradient * up[:, None], "target": surprise * up[:, None]}

    return Units(row_sums(doubled(np.where(nothing, 0.0, truth * surprise))).high, pullback)


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
