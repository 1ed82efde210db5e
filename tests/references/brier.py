"""The Brier score."""

from __future__ import annotations

from mpmath import mp

from tests.references import Known, per_unit
from tests.references import _inputs as inputs
from tests.references._formulas import Number


def of_rows(input: list[Number], target: list[Number], scale: int = 1) -> Number:
    return mp.fsum((p - t) ** 2 for p, t in zip(input, target, strict=True)) * scale


def of_labels(input: list[Number], target: int) -> Number:
    return of_rows(input, [mp.mpf(int(c == target)) for c in range(len(input))])


FORMS = (
    per_unit(of_labels, inputs.DISTRIBUTIONS_AND_LABELS, "labels"),
    per_unit(of_rows, inputs.DISTRIBUTIONS_AND_SHARES, "shares"),
)
CHANCES, TRUTH = [[0.1], [0.9], [0.8], [0.3]], [[0.0], [1.0], [1.0], [0.0]]
KNOWN = (
    Known("brier_score_loss of scikit-learn, its documented example", (CHANCES, TRUTH), 0.0375),
    Known("the same unhalved", (CHANCES, TRUTH), 0.075, {"scale_by_half": "false"}),
    Known("the same of three classes", ([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]], [0, 1, 2]), 0.44 / 3.0),
)
