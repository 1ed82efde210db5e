"""Generalized cross-entropy on probabilities."""

from __future__ import annotations

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number


def generalized_cross_entropy(input: list[Number], target: int, q: Number) -> Number:
    return (1 - input[target] ** q) / q


FORMS = (per_unit(generalized_cross_entropy, inputs.DISTRIBUTIONS_AND_LABELS, q=0.7),)
