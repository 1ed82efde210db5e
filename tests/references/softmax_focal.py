"""The focal loss on raw scores of several classes."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log_softmax, times
from tests.references._reasons import CANCEL, GRADIENT


def softmax_focal(
    input: list[Number],
    target: int | list[Number],
    gamma: Number,
    alpha: list[Number] | None = None,
    label_smoothing: Number = 0,
) -> Number:
    alpha = alpha or [mp.mpf(1)] * len(input)
    truth = target if isinstance(target, list) else [mp.mpf(int(c == target)) for c in range(len(input))]
    truth = [(1 - label_smoothing) * share + label_smoothing / len(input) for share in truth]
    return -mp.fsum(
        times(share * heavy, times((1 - mp.exp(x)) ** gamma, x))
        for share, heavy, x in zip(truth, alpha, log_softmax(input), strict=True)
    )


def slope_terms(input: list[Number], target: int | list[Number], gamma: Number, **_: object) -> list[Number]:
    """With shares: p_k Σ of the others' m less m_k (1 - p_k), m_c = q_c (1-p_c)^γ (1 - γ p log(p) / (1-p))."""
    logs = log_softmax(input)
    steep = [
        share * (1 - mp.exp(x)) ** gamma * (1 - gamma * mp.exp(x) * x / (1 - mp.exp(x)))
        for share, x in zip(target if isinstance(target, list) else [], logs, strict=True)
    ]
    return [max(mp.exp(x) * (mp.fsum(steep) - m), m * (1 - mp.exp(x))) for x, m in zip(logs, steep, strict=True)]


FORMS = (
    per_unit(softmax_focal, inputs.ROWS_AND_LABELS, "labels", gamma=2.0),
    per_unit(softmax_focal, inputs.ROWS_AND_SHARES, "shares", gamma=2.0),
)
ABOVE_LIMIT = {GRADIENT: f"of shares, {CANCEL}"}
