"""Inputs and options that several losses have, and how weights multiply."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.schema.domains import EXTENDED, LABEL, PROBABILITY, REAL, SCORES, SIGN, WEIGHT, WHOLE
from losscli.schema.loss import Array, Ignores, Option, Role

Predicted = Annotated[Array, Role("u", REAL, "what the model predicted")]
Observed = Annotated[Array, Role("u", REAL, "what happened")]
Weight = Annotated[Array | None, Option(WEIGHT, "weight of each element", axes="u")]

Score = Annotated[Array, Role("u", SCORES, "raw scores")]
Logit = Annotated[Array, Role("u", EXTENDED, "raw scores (logits)")]
Probability = Annotated[Array, Role("u", PROBABILITY, "the probability of a yes")]
Side = Annotated[Array, Role("u", SIGN, "1 for yes, -1 for no")]
Truth = Annotated[Array, Role("u", PROBABILITY, "1 for yes, 0 for no, or a probability")]

ClassScores = Annotated[Array, Role("u c", SCORES, "raw scores, one a class")]
ClassLogits = Annotated[Array, Role("u c", EXTENDED, "raw scores (logits), one a class")]
ClassProbabilities = Annotated[Array, Role("u c", PROBABILITY, "probabilities, one a class")]
Label = Annotated[Array, Role("u", LABEL, "the true class")]
LabelOrDistribution = Annotated[
    Array,
    Role("u", LABEL, "the true class"),
    Role("u c", PROBABILITY, "the true distribution over the classes"),
]
ClassWeight = Annotated[Array | None, Option(WEIGHT, "weight of each class", axes="c")]
IgnoreIndex = Annotated[int, Option(WHOLE, "samples with this label are left out"), Ignores("target")]
LabelSmoothing = Annotated[float, Option(PROBABILITY, "the part of the truth spread evenly over all classes")]

Vectors = Annotated[Array, Role("u d", REAL, "vectors")]


def weighted(weight: Array | float | None, values: Array) -> Array:
    """weight · values, with 0 · inf = 0."""
    if weight is None:
        return values
    product: Array = np.where(np.equal(weight, 0.0), 0.0, weight * values)
    return product
