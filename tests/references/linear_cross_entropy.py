"""Cross-entropy after a linear layer."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import whole
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT, SUMS
from tests.references.cross_entropy import cross_entropy


def after_a_layer(given: dict[str, Any]) -> list[Number]:
    """The cross-entropy of the scores, which are dot products without a rounding."""
    return [
        cross_entropy([mp.fdot(row, vector) for row in given["linear_weight"]], label)
        for vector, label in zip(given["input"], given["target"], strict=True)
    ]


FORMS = (whole(after_a_layer, inputs.HIDDEN, torch={}),)
ABOVE_LIMIT = {GRADIENT: SUMS}
