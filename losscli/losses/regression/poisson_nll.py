"""The negative log-likelihood of a Poisson distribution."""

from __future__ import annotations

from collections.abc import Iterator
from math import lgamma, pi
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, keras, torch
from losscli.numerics.double_double import Doubled, doubled, log, two_sum
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import NONNEGATIVE, REAL, TRUTH, Domain
from losscli.schema.loss import Array, Option, Role, Units

_OFFSET = Domain("0 or greater", low=0.0, typical=(0.0, 1e-3), edges=(0.0, 1e-8))
_LOG_2_PI = 1.8378770664093456, -7.756588316134483e-17  # to twice the working precision
_LARGEST = 2.0**900  # beyond it, products of two doubled numbers overflow
_NOTHING = "a rate of 0 costs nothing where the count is 0; 0·inf counts as 0 (PyTorch prints nan)"
_NO_COUNT = "a target below 0 is no count"


def poisson_nll(
    input: Annotated[
        Array,
        Role("u", REAL, "the logarithm of the expected count", when="log_input"),
        Role("u", NONNEGATIVE, "the expected count", unless="log_input"),
    ],
    target: Annotated[Array, Role("u", REAL, "how many it were")],
    *,
    log_input: Annotated[bool, Option(TRUTH, "the input is the logarithm of the expected count")] = True,
    full: Annotated[bool, Option(TRUTH, "add Stirling's approximation of log target!")] = False,
    eps: Annotated[float, Option(_OFFSET, "added to a rate before its logarithm is taken")] = 1e-8,
) -> Units:
    """Negative log-likelihood of a count under a Poisson distribution of the predicted rate.

    Use: counts of events, such as visits an hour or photons a pixel.
    Formula: exp(input) - target · input; without log_input it is input - target · log(input + eps);
    with full, plus target log target - target + log(2π target)/2 where target > 1.
    Inputs: two arrays of one shape, any rank. Targets need not be whole.
    Gradient: exp(input) - target; without log_input 1 - target / (input + eps).
    With respect to the target minus the log-rate; with full, plus log target + 1 / (2 target) where target > 1.
    Accuracy: where the terms cancel, their sum is good to a part in 2⁹⁵ of them.
    Relations: with log_input and input x it is the loss without, of exp(x), when eps = 0.
    Pitfalls: PyTorch takes the input for a logarithm unless log_input=False, Keras never does;
    full adds Stirling's approximation, not log target!: 0.6518 for 2! where log 2 is 0.6931, and nothing up to 1;
    without full it may be negative, and says nothing about how good a fit is;
    scikit-learn's mean_poisson_deviance is twice the distance from the best possible value of this loss.
    Source: torch.nn.functional.poisson_nll_loss. The convention exact has eps = 0.
    """
    rate = np.exp(input) if log_input else input
    log_rate = input if log_input else _log_of_sum(input, eps)
    none = target == 0.0
    term = np.where(none & np.isinf(log_rate), 0.0, target * log_rate)
    many = (target > 1.0) & full
    value = rate - term + np.where(many, _stirling(np.where(many, target, 1.0)), 0.0)

    size = np.abs(rate) + np.abs(term) + np.where(many, np.abs(target), 0.0)
    close = ((np.abs(value) < 0.2 * size) | many) & (size < _LARGEST) & (rate > 0.0)
    value[close] = _doubled_value(input[close], target[close], log_input, full, eps)
    endless = np.isnan(value) & np.isfinite(input) & np.isfinite(target)
    if endless.any():
        value[endless] = _overflowing(rate[endless], log_rate[endless], target[endless], many[endless])

    def pullback(up: Array) -> dict[str, Array]:
        if log_input:
            slope = _exp_minus(input, rate, target)
        else:
            above = (two_sum(input, -target) + eps).high
            slope = np.where(none, 1.0, above / (input + eps))
        by_target = -log_rate
        finite = many & np.isfinite(log_rate)
        by_target[finite] = _doubled_slope(input[finite], target[finite], log_input, eps)
        return {"input": slope * up, "target": by_target * up}

    notes = (_NOTHING,) if np.any(none & np.isinf(log_rate)) else ()
    made = () if log_input else tuple(_bounds(input, target, eps))
    return Units(value, pullback, (*notes, _NO_COUNT) if np.any(target < 0.0) else notes, bounds=made)


def _bounds(rate: Array, target: Array, eps: float) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Where counts came at a rate that is next to nothing beside eps."""
    eps_alone = (rate < eps) & (target != 0.0)
    if eps_alone.any():
        yield f"its rate is 0 or nearly so, and eps = {eps:g} stands in for it", eps_alone


def _log_of_sum(rate: Array, eps: float) -> Array:
    """log(rate + eps), the rounding of the sum made good: next to 1 it would be all of the logarithm."""
    total = two_sum(rate, eps)
    return np.log(total.high) + np.where(total.low == 0.0, 0.0, total.low / total.high)


def _stirling(target: Array) -> Array:
    return target * np.log(target) - target + 0.5 * np.log(2.0 * pi * target)


def _exp(x: Array) -> Doubled:
    """e^x to twice the working precision: the float64 next to it, raised by what its logarithm lacks."""
    near = np.exp(x)
    return doubled(near) + near * (-log(near) + x).high


def _log_rate(input: Array, log_input: bool, eps: float) -> Doubled:
    if log_input:
        return doubled(input)
    total = two_sum(input, eps)
    return log(total.high) + total.low / total.high


def _doubled_value(input: Array, target: Array, log_input: bool, full: bool, eps: float) -> Array:
    """The same formula, for terms that are much larger than the sum."""
    log_rate = _log_rate(input, log_input, eps)
    value = (_exp(input) if log_input else doubled(input)) - log_rate * target
    many = target > 1.0
    if not full or not many.any():
        return value.high
    log_target = log(np.where(many, target, 1.0))
    half = (log_target + _LOG_2_PI[0] + _LOG_2_PI[1]) * 0.5
    return np.where(many, (value + (log_target * target - target) + half).high, value.high)


def _overflowing(rate: Array, log_rate: Array, target: Array, many: NDArray[np.bool_]) -> Array:
    """The same of terms that are infinite as float64, where their sum need not be, or has the sign of the largest."""
    log_target = np.log(np.where(many, target, 1.0))
    excess = log_rate - np.where(many, log_target - 1.0, 0.0)
    term = target * excess
    half = np.where(many, 0.5 * (np.log(2.0 * pi) + log_target), 0.0)
    largest = np.where(log_rate > np.log(np.abs(target)) + np.log(np.abs(excess)), np.inf, -np.inf)
    return np.where(np.isinf(rate) & (term == np.inf), largest, rate - term + half)


def _doubled_slope(input: Array, target: Array, log_input: bool, eps: float) -> Array:
    """The derivative with respect to counts above 1, with Stirling's terms."""
    half = doubled(np.full_like(target, 0.5)) / doubled(target)
    return (log(target) - _log_rate(input, log_input, eps) + half).high


def _exp_minus(input: Array, rate: Array, target: Array) -> Array:
    """exp(input) - target, which cancels at the optimum."""
    above = rate - target
    close = (np.abs(above) < 0.25 * rate) & (rate < _LARGEST)
    above[close] = (_exp(input[close]) - target[close]).high
    return above


def _kinks(input: Array, target: Array, log_input: bool, full: bool, eps: float) -> NDArray[np.bool_]:
    """Where Stirling's terms set in, and where nothing is expected and nothing comes: any count would cost infinity."""
    unexpected = np.equal(input, 0.0) & (not log_input and eps == 0.0)
    return np.equal(target, 1.0) & full | np.equal(target, 0.0) & unexpected


def _with_factorial(input: Array, target: Array, log_input: bool, eps: float) -> Array:
    rate, log_rate = (np.exp(input), input) if log_input else (input, np.log(input + eps))
    return np.asarray(rate - target * log_rate + np.vectorize(lgamma, otypes=[float])(target + 1.0))


LOSS = define(
    poisson_nll,
    kind="regression",
    aliases=("poisson",),
    conventions=(
        torch("PoissonNLLLoss", "poisson_nll_loss", does="log_input, eps = 1e-8"),
        exact("no eps", eps=0.0),
        keras("Poisson", "poisson", does="the input is a rate, eps = 1e-7", log_input=False, full=False, eps=1e-7),
    ),
    kinks=_kinks,
    relations=(
        equals(
            "PoissonNLL(x, log_input) = PoissonNLL(exp(x)), eps = 0",
            "poisson_nll",
            {"input": "exp(input)", "target": "target"},
            log_input=False,
            full="full",
            eps=0.0,
            when="log_input and all(abs(input) < 700)",
            condition="log_input, and exp(input) does not overflow",
        ),
    ),
    mistakes=(
        mistake(
            "factorial_added",
            "the logarithm of target! was added, which does not depend on the prediction",
            "leave it out, or pass full=True, which adds Stirling's approximation of it",
            _with_factorial,
            given="all(target >= 0) and all(target < 1e300)",
        ),
    ),
    lines=(
        "rate = exp(input), if log_input",
        "rate = input, if not log_input",
        "log_rate = input, if log_input",
        "log_rate = log(input + eps), if not log_input",
        "loss = rate - target * log_rate, if not full or target <= 1",
        "stirling = target * log(target) - target + log(2 * pi * target) / 2, if full and target > 1",
        "loss = rate - target * log_rate + stirling, if full and target > 1",
    ),
    example=("[0.5,1.2,-0.3]", "[2,3,0]"),
)
