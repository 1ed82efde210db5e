"""Generalized cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import keras
from losscli.losses._inputs import ClassProbabilities
from losscli.losses.classification._truth import as_label, class_axis
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, Domain
from losscli.schema.loss import Array, Convention, Option, Role, Units

ABOVE_0_TO_1 = Domain("greater than 0, at most 1", low=0.0, high=1.0, low_open=True, typical=(0.05, 1.0))


def generalized_cross_entropy(
    input: ClassProbabilities,
    target: Annotated[Array, Role("u", LABEL, "the true class, which may be wrong")],
    *,
    q: Annotated[float, Option(ABOVE_0_TO_1, "near 0 for cross-entropy, 1 for the probability that is missing")] = 0.7,
) -> Units:
    """Lies between cross-entropy and the absolute error, and forgives labels that are wrong.

    Use: to train a classifier on labels of which some are wrong: the loss is at most 1/q.
    Formula: (1 - p_y^q) / q, p = input, y = target.
    Inputs: probabilities (C), (N, C) or (N, C, d1, …), taken as they are; labels of the same shape without C.
    Gradient: -p_y^(q-1) at the true class, 0 elsewhere; -inf where p_y is 0, -1 where q is 1.
    Relations: the limit for q to 0 is log_loss; with q = 1 it is 1 - p_y, the l1 of p_y and 1, which is half of the sum
    of all absolute errors where the row sums to one.
    Pitfalls: it takes probabilities, not raw scores, and labels, not one-hot rows; Keras has q = 0.5 by default, the
    paper 0.7.
    Source: Z. Zhang and M. Sabuncu, Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels,
    NeurIPS 2018; keras.losses.CategoricalGeneralizedCrossEntropy.
    """
    rows, label = np.arange(len(input)), as_label(target)
    picked = input[rows, label]
    value = -np.expm1(q * np.log(picked)) / q  # 1 - p^q would cancel near p = 1, and for a small q

    def pullback(up: Array) -> dict[str, Array]:
        # not p^(q-1): q - 1 may be rounded, and a power of a small p magnifies that
        slope = np.divide(picked**q, picked, out=np.full_like(picked, 1.0 if q == 1.0 else np.inf), where=picked > 0.0)
        gradient = np.zeros_like(input)
        gradient[rows, label] = -slope * up
        return {"input": gradient}

    return Units(value + 0.0, pullback)  # never -0.0


def _as_l1(input: Array, target: Array, q: float) -> dict[str, Any]:
    axis = class_axis(input)
    picked = np.take_along_axis(input, np.expand_dims(as_label(target), axis), axis)
    return {"input": np.squeeze(picked, axis), "target": np.ones(np.shape(target))}


LOSS = define(
    generalized_cross_entropy,
    kind="classification",
    aliases=("CategoricalGeneralizedCrossEntropy", "gce"),
    conventions=(
        Convention("torch", "Zhang and Sabuncu, equation 6; PyTorch has no such loss"),
        keras("CategoricalGeneralizedCrossEntropy", q=0.5),
    ),
    relations=(equals("GeneralizedCrossEntropy(p, y, q=1) = L1(p_y, 1)", "l1", _as_l1, when="q == 1"),),
    lines=(
        "p = input[target]",
        "missing = -expm1(q * log(p))",  # 1 - p^q
        "loss = missing / q",
    ),
    textbook=("p = input[target]", "loss = (1 - p ** q) / q"),
    example=("[[0.7,0.2,0.1]]", "[0]", "--q", "0.5"),
)
