"""Cross-entropy on raw scores."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log_softmax, times
from tests.references._reasons import CANCEL, GRADIENT


def smoothed(target: int | list[Number], classes: int, label_smoothing: Number) -> list[Number]:
    truth = target if isinstance(target, list) else [indicator(c == target) for c in range(classes)]
    return [(1 - label_smoothing) * share + label_smoothing / classes for share in truth]


def indicator(holds: bool) -> Number:
    return mp.mpf(int(holds))


def cross_entropy(
    input: list[Number],
    target: int | list[Number],
    weight: list[Number] | None = None,
    label_smoothing: Number = 0,
) -> Number:
    weight = weight or [mp.mpf(1)] * len(input)
    truth = smoothed(target, len(input), label_smoothing)
    return -mp.fsum(
        times(share * heavy, logarithm)
        for share, heavy, logarithm in zip(truth, weight, log_softmax(input), strict=True)
    )


def slope_terms(
    input: list[Number], target: int | list[Number], weight: list[Number] | None = None, label_smoothing: Number = 0
) -> list[Number]:
    """With shares a slope is softmax · Σ of the other shares, less the own share · what is left of softmax."""
    weight = weight or [mp.mpf(1)] * len(input)
    truth = smoothed(target, len(input), label_smoothing)
    shares = [share * heavy for share, heavy in zip(truth, weight, strict=True)]
    softmax = [mp.exp(logarithm) for logarithm in log_softmax(input)]
    return [
        max(chance * (mp.fsum(shares) - share), share * (1 - chance))
        for chance, share in zip(softmax, shares, strict=True)
    ]


FORMS = (
    per_unit(cross_entropy, inputs.ROWS_AND_LABELS, "labels", torch={}),
    per_unit(cross_entropy, inputs.ROWS_AND_SHARES, "shares", torch={}),
)
ABOVE_LIMIT = {GRADIENT: f"of shares, {CANCEL}: softmax and share"}
