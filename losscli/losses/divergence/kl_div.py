"""The Kullback-Leibler divergence."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import optax, torch
from losscli.numerics.double_double import doubled, log
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import LOG_PROBABILITY, PROBABILITY, TRUTH
from losscli.schema.loss import REDUCTIONS, Array, Option, Role, Units

_NOTHING = "a target probability of 0 adds 0, even where its log-probability is infinite (PyTorch prints nan)"


def kl_div(
    input: Annotated[Array, Role("u", LOG_PROBABILITY, "log-probabilities of the model")],
    target: Annotated[
        Array,
        Role("u", PROBABILITY, "probabilities of the truth", unless="log_target"),
        Role("u", LOG_PROBABILITY, "log-probabilities of the truth", when="log_target"),
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
    p = np.exp(target) if log_target else target
    above = target - input if log_target else _log_minus(target, input)
    nothing = p == 0.0
    notes = (_NOTHING,) if np.any(nothing & np.isinf(target if log_target else input)) else ()

    def pullback(up: Array) -> dict[str, Array]:
        over = above + 1.0
        near = np.abs(over) < 0.25
        log_p = doubled(target[near]) if log_target else log(target[near])
        over[near] = (log_p - input[near] + 1.0).high
        by_target = np.where(nothing, 0.0, p * over) if log_target else over
        return {"input": -p * up, "target": by_target * up}

    return Units(np.where(nothing, 0.0, p * above), pullback, notes)


def _log_minus(target: Array, input: Array) -> Array:
    """log target - input, with a logarithm of twice the precision where most of it cancels."""
    log_target = np.log(target)
    above = log_target - input
    near = np.abs(above) < 0.25 * np.abs(log_target)
    above[near] = (log(target[near]) - input[near]).high
    return above


def _minus_entropy(input: Array, target: Array, **_: Any) -> float:
    """-H(p) and, where the q of log q do not sum to 1, what cross-entropy's softmax adds by dividing by their sum."""
    axis = min(1, input.ndim - 1)
    p = np.where(target > 0.0, target, 1.0)
    log_sum = np.log(np.exp(input - input.max()).sum(axis=axis)) + input.max()
    return float(np.sum(p * np.log(p)) - np.sum(target.sum(axis=axis) * log_sum))


_P = "where(log_target, exp(target), target)"
_LOG_P = "where(log_target, target, log(target))"
_TEMPERATURES = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0)


LOSS = define(
    kl_div,
    kind="divergence",
    unit="nats",
    aliases=("kl_divergence",),
    reductions=(*REDUCTIONS, "batchmean"),
    conventions=(
        torch("KLDivLoss", "kl_div"),
        optax(
            "kl_divergence",
            "kl_divergence_with_log_targets",
            does="adds up each row; the mean of rows is batchmean",
            reduction="batchmean",
        ),
    ),
    relations=(
        equals(
            "KLDiv(log q, p) = CrossEntropy(log q, p) - H(p), as sums over distributions",
            "cross_entropy",
            plus=_minus_entropy,
            when="ndim(input) > 0 and not log_target",
            condition="targets that are probabilities, not logarithms",
            reduced=("sum", "sum"),
        ),
    ),
    lines=(
        "p = target, if not log_target",
        "p = exp(target), if log_target",
        "log_p = log(target), if not log_target",
        "log_p = target, if log_target",
        "loss = p * (log_p - input), if p > 0",
        "loss = 0, if p == 0",
    ),
    mistakes=(
        mistake(
            "distributions_exchanged",
            "the divergence was taken the other way round: of the model from the truth, KL(input‖target)",
            "PyTorch's input is the model's log-probabilities, the target the truth",
            f"exp(input) * (input - {_LOG_P})",
            tier="S",
        ),
        mistake(
            "probabilities_for_logs",
            "the model's probabilities were passed where their logarithms are expected",
            "pass log_softmax, not softmax, as the input",
            f"{_P} * ({_LOG_P} - exp(input))",
            tier="S",
            given="all(input <= 0)",
        ),
        mistake(
            "entropy_left_out",
            "this is cross-entropy: the entropy of the truth was not taken from it",
            "subtract the entropy of the target",
            f"-{_P} * input",
            tier="A",
        ),
        *(
            mistake(
                f"temperature_squared_{temperature:g}",
                f"it was multiplied by T² = {temperature**2:g}, as in distillation at the temperature {temperature:g}",
                "multiply by T² on both sides, or on neither",
                f"{temperature**2} * {_P} * ({_LOG_P} - input)",
                tier="A",
            )
            for temperature in _TEMPERATURES
        ),
        *(
            mistake(
                f"temperature_not_squared_{temperature:g}",
                f"it was divided by T² = {temperature**2:g}: distilled at temperature {temperature:g} without its T²",
                "multiply a distillation at temperature T by T²",
                f"{temperature**-2} * {_P} * ({_LOG_P} - input)",
                tier="A",
            )
            for temperature in _TEMPERATURES[:3]
        ),
    ),
    example=("[[-1.3863,-0.2877]]", "[[0.5,0.5]]", "-r", "batchmean"),
)
