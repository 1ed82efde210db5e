"""The Kullback-Leibler divergence."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.numerics.doubled import log
from losscli.schema.domains import EXTENDED, PROBABILITY, TRUTH
from losscli.schema.loss import REDUCTIONS, Array, Convention, Equals, Option, Role, Step, Units, define

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

    Use: bringing a model's distribution to a given one: distillation, variational inference, policies.
    Formula: t (log t - input), t = target; with log_target exp(target) (target - input). 0 where t is 0.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements; the divergence of each
    distribution is what `batchmean` gives: the sum over the size of the first axis.
    Gradient: -t; with respect to the target log t + 1 - input, with log_target t (target - input + 1).
    Accuracy: where log t and the input agree, their difference is good to a part in 2¹⁰⁰ of them.
    Relations: cross-entropy less the entropy of the target, KL(p‖q) = CE(p, q) - H(p); with log_target the same of
    exp(target); cross-entropy itself where the target is one-hot.
    Pitfalls: the input is the model's and holds log-probabilities, not probabilities, with which equal distributions do
    not give 0 and the value may be negative;
    the default mean divides by all elements, C times too much: the divergence of a batch is `batchmean`;
    the order counts: KL(p‖q) is not KL(q‖p), and PyTorch's first argument is the second distribution;
    a single element may be negative, only the sum over distributions is not;
    Keras takes probabilities in the order (target, prediction), clips both to [1e-7, 1] and adds up each row;
    optax adds up the rows of (log-predictions, targets) and does not reduce;
    a softened distillation is often multiplied by the squared temperature.
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


def _steps(input: float, target: float, log_target: bool) -> list[Step]:
    share = float(np.exp(target)) if log_target else target
    if share == 0.0:
        return [Step("loss", "0, for a target probability of 0 adds nothing", 0.0)]
    log_share = target if log_target else float(np.log(target))
    steps = [
        Step("log-probability of the truth", "target" if log_target else "log target", log_share),
        Step("difference", "log-probability of the truth - input", log_share - input),
    ]
    name = "exp(target)" if log_target else "target"
    return [*steps, Step("loss", f"{name} · difference", share * (log_share - input))]


def _as_cross_entropy(input: Array, target: Array, **_: Any) -> dict[str, Any]:
    return {"input": input, "target": target}


def _minus_entropy(input: Array, target: Array, **_: Any) -> float:
    """-H(p) and, where the q of log q do not sum to 1, what cross-entropy's softmax adds by dividing by their sum."""
    axis = min(1, input.ndim - 1)
    shares = np.where(target > 0.0, target, 1.0)
    log_sum = np.log(np.exp(input - input.max()).sum(axis=axis)) + input.max()
    return float(np.sum(shares * np.log(shares)) - np.sum(target.sum(axis=axis) * log_sum))


LOSS = define(
    kl_div,
    class_name="KLDivLoss",
    function_name="kl_div",
    aliases=("kl_divergence",),
    reductions=(*REDUCTIONS, "batchmean"),
    conventions=(
        Convention(
            "optax",
            "optax/losses/_classification.py: kl_divergence adds up each row; the mean of rows is batchmean",
            reduction="batchmean",
            names=("optax.losses.kl_divergence", "optax.losses.kl_divergence_with_log_targets"),
        ),
    ),
    relations=(
        Equals(
            "KLDiv(log q, p) = CrossEntropy(log q, p) - H(p), as sums over distributions",
            "cross_entropy",
            _as_cross_entropy,
            plus=_minus_entropy,
            given=lambda input, log_target, **_: not log_target and input.ndim > 0,
            condition="targets that are probabilities, not logarithms",
            reduced=("sum", "sum"),
        ),
    ),
    steps=_steps,
    example=("[[-1.3863,-0.2877]]", "[[0.5,0.5]]", "-r", "batchmean"),
)
