"""Symmetric cross-entropy."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log, log_softmax


def sce(input: list[Number], target: int, a: Number, b: Number, clip: Number, bound: Number = 0) -> Number:
    """a · CE + b · RCE. RCE = -Σ p log(onehot, at least clip), where the tutorials' p too is at least clip."""
    logarithms = log_softmax(input)
    wrong = mp.fsum(max(mp.exp(x), bound) for c, x in enumerate(logarithms) if c != target)
    return -a * logarithms[target] - b * log(clip) * wrong


def clipped(input: list[Number], target: int, a: Number, b: Number, clip: Number) -> Number:
    return sce(input, target, a, b, clip, bound=clip)


def slope_terms(input: list[Number], clip: Number, b: Number, **_: Number) -> list[Number]:
    """What is cut off in RCE is pushed up by CE, and down with all that is not cut off: at most by b log(clip) p."""
    return [-b * log(clip) * mp.exp(x) if mp.exp(x) < clip else 0 for x in log_softmax(input)]


FORMS = (per_unit(sce, inputs.ROWS_AND_LABELS, a=1.0, b=1.0, clip=1e-4),)
