"""Binary cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated

from losscli.losses._aten import EPSILON
from losscli.losses.binary._bernoulli import (
    CONVENTIONS,
    LOG_FLOOR,
    SLOPE_FLOOR,
    expected,
    log_odds_against,
    slope,
    surprises,
)
from losscli.schema.domains import PROBABILITY, REAL
from losscli.schema.loss import Array, Constant, Option, Role, Units, define


def bce(
    input: Annotated[Array, Role("u", PROBABILITY, "the probability of a yes")],
    target: Annotated[Array, Role("u", PROBABILITY, "1 for yes, 0 for no, or a share")],
    *,
    weight: Annotated[Array | None, Option(REAL, "what each element counts, broadcast to the input", axes="u")] = None,
    log_floor: Annotated[float, Constant(LOG_FLOOR)] = -100.0,
    slope_floor: Annotated[float, Constant(SLOPE_FLOOR)] = EPSILON,
) -> Units:
    """How surprised a coin of the given probability is by the truth.

    Formula: -weight (t log p + (1-t) log(1-p)), in nats, p = input, t = target; each logarithm
    is at least -100, as in PyTorch.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements, whatever their weights.
    Gradient: weight (p-t) / max(p(1-p), 1e-12), PyTorch's bound; with respect to the target weight (log(1-p) - log p).
    Relations: bce_with_logits of log(p / (1-p)). The convention exact has no bounds.
    Source: torch.nn.functional.binary_cross_entropy.
    """
    yes, no = surprises(input, log_floor)
    heavy = 1.0 if weight is None else weight

    def pullback(up: Array) -> dict[str, Array]:
        up = up * heavy
        return {
            "input": slope(input, target, slope_floor) * up,
            "target": log_odds_against(input, yes, no) * up,
        }

    return Units(expected(yes, no, target) * heavy, pullback)


LOSS = define(
    bce,
    class_name="BCELoss",
    function_name="binary_cross_entropy",
    aliases=("BinaryCrossentropy", "binary_crossentropy"),
    conventions=CONVENTIONS,
)
