"""The adaptive softmax."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import whole
from tests.references._formulas import Number, log_softmax
from tests.references._reasons import GRADIENT, SUMS

CUTOFFS = (3, 5)


def adaptive(input: list[Number], target: int, state: dict[str, Any]) -> Number:
    """The definition, class by class: the log-probability in the head, and for a rare class that in its cluster."""

    def through(name: str, vector: list[Number]) -> list[Number]:
        return [mp.fsum(a * b for a, b in zip(row, vector, strict=True)) for row in state[name]]

    scores = through("head.weight", input)
    if "head.bias" in state:
        scores = [score + offset for score, offset in zip(scores, state["head.bias"], strict=True)]
    if target < CUTOFFS[0]:
        return -log_softmax(scores)[target]
    cluster = 0 if target < CUTOFFS[1] else 1
    rare = through(f"tail.{cluster}.1.weight", through(f"tail.{cluster}.0.weight", input))
    return -log_softmax(scores)[CUTOFFS[0] + cluster] - log_softmax(rare)[target - CUTOFFS[cluster]]


def clustered(given: dict[str, Any]) -> list[Number]:
    return [adaptive(vector, label, given) for vector, label in zip(given["input"], given["target"], strict=True)]


FORMS = (whole(clustered, inputs.CLUSTERED, torch={}),)
ABOVE_LIMIT = {GRADIENT: SUMS}
