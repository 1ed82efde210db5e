"""The Kullback-Leibler divergence."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.numerics.doubled import log
from losscli.schema.domains import EXTENDED, PROBABILITY, TRUTH
from losscli.schema.loss import REDUCTIONS, Array, Option, Role, Units, define

_NOTHING = "a target probability of 0 adds 0, even where its log-probability is infinite (PyTorch prints nan)"


def kl_div(
    input: Annotated[Array, Role("u", EXTENDED, "log-probabilities of the model")],
    target: Annotated[
        Array,
        Role("u", PROBABILITY, "probabilities of the truth", unless="log_target"),
        Role("u", EXTENDED, "log-probabilities of the truth", when="log_target"),
    ],
    *,
    log_target: Annotated[bool, Option(TRUTH, "the target too holds log-probabilities")] = False,
) -> Units:
    """What it costs, in nats, to describe the target with the input's distribution; here element by element.

    Formula: t (log t - input), t = target; with log_target exp(target) (target - input). 0 where t is 0.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements; the divergence of each
    distribution is what `batchmean` gives: the sum over the size of the first axis.
    Gradient: -t; with respect to the target log t + 1 - input, with log_target t (target - input + 1).
    Accuracy: where log t and the input agree, their difference is good to a part in 2¹⁰⁰ of them.
    Relations: cross-entropy less the entropy of the target.
    Source: torch.nn.functional.kl_div; S. Kullback and R. A. Leibler, Ann. Math. Statist. 22 (1951).
    """
    share = np.exp(target) if log_target else target
    above = target - input if log_target else _log_minus(target, input)
    nothing = share == 0.0
    notes = (_NOTHING,) if np.any(nothing & np.isinf(target if log_target else input)) else ()

    def pullback(up: Array) -> dict[str, Array]:
        by_target = np.where(nothing, 0.0, share * (above + 1.0)) if log_target else above + 1.0
        return {"input": -share * up, "target": by_target * up}

    return Units(np.where(nothing, 0.0, share * above), pullback, notes)


def _log_minus(target: Array, input: Array) -> Array:
    """log target - input, with a logarithm of twice the precision where most of it cancels."""
    log_target = np.log(target)
    above = log_target - input
    near = np.abs(above) < 0.25 * np.abs(log_target)
    above[near] = (log(target[near]) - input[near]).high
    return above


LOSS = define(
    kl_div,
    class_name="KLDivLoss",
    function_name="kl_div",
    reductions=(*REDUCTIONS, "batchmean"),
)
