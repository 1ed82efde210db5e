"""The negative log-likelihood on log-probabilities."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.schema.domains import EXTENDED, LABEL, NONNEGATIVE, WHOLE
from losscli.schema.loss import Array, Ignores, Option, Role, Units, define


def nll(
    input: Annotated[Array, Role("u c", EXTENDED, "log-probabilities, one a class")],
    target: Annotated[Array, Role("u", LABEL, "the true class")],
    *,
    weight: Annotated[Array | None, Option(NONNEGATIVE, "what each class counts", axes="c")] = None,
    ignore_index: Annotated[int, Option(WHOLE, "samples with this label are left out"), Ignores("target")] = -100,
) -> Units:
    """Minus the log-probability of the true class.

    Formula: -w_y input_y, in nats.
    Inputs: log-probabilities (C), (N, C) or (N, C, d1, …), unchecked, as in PyTorch; labels of the same shape
    without C.
    The mean divides by Σ w_y.
    Gradient: -w_y at the true class, 0 elsewhere.
    Relations: cross_entropy of the scores whose log_softmax the input is; log_loss of exp(input).
    Source: torch.nn.functional.nll_loss.
    """
    each, label = np.arange(len(input)), target.astype(np.intp, copy=False)
    heavy = np.ones(len(input)) if weight is None else weight[label]
    picked = input[each, label]
    value = 0.0 - np.multiply(heavy, picked, out=np.zeros_like(picked), where=heavy != 0.0)  # never -0.0

    def pullback(up: Array) -> dict[str, Array]:
        gradient = np.zeros_like(input)
        gradient[each, label] = -heavy * up
        return {"input": gradient}

    return Units(value, pullback)


def class_weights(target: Array, weight: Array | None) -> Array | None:
    """What each unit adds to the mean's denominator: the weight of its class."""
    return None if weight is None else weight[target.astype(np.intp, copy=False)]


LOSS = define(
    nll,
    class_name="NLLLoss",
    function_name="nll_loss",
    aliases=("negative_log_likelihood",),
    denominator=class_weights,
)
