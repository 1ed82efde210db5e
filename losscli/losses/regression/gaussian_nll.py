"""The negative log-likelihood of a normal distribution."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import exact, torch
from losscli.numerics.double_double import Doubled, doubled, log, two_sum
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import REAL, TRUTH, Domain
from losscli.schema.loss import Array, Option, Role, Units

_VARIANCE = Domain("0 or greater", low=0.0, typical=(0.1, 3.0))
_FLOOR = Domain("0 or greater", low=0.0, typical=(0.0, 0.05), edges=(0.0, 1e-6))
_OF_VARIANCE = "(log({0}) + (input - target) ** 2 / {0} + full * log(2 * pi)) / 2"
_LOG_2_PI = 1.8378770664093456, -7.756588316134483e-17  # to twice the working precision


def gaussian_nll(
    input: Annotated[Array, Role("u", REAL, "the predicted mean")],
    target: Annotated[Array, Role("u", REAL, "what happened", spreads="axis")],
    var: Annotated[Array, Role("u", _VARIANCE, "the predicted variance", spreads="variance")],
    *,
    full: Annotated[bool, Option(TRUTH, "add the constant log(2π)/2")] = False,
    eps: Annotated[float, Option(_FLOOR, "the least variance")] = 1e-6,
) -> Units:
    """Negative log-likelihood of the target under a normal distribution of the predicted mean and variance.

    Use: regression that also says how sure it is.
    Formula: (log v + (input - target)² / v) / 2, with v = max(var, eps); with full, plus log(2π)/2.
    Inputs: two arrays of one shape, any rank, the target's with an axis of length 1 if it is the same along it, and
    their variances: of that shape, with an axis of length 1, without the last axis, or one number for all.
    Gradient: (input - target) / v; with respect to the variance (1 - (input - target)²/v) / (2v), as in PyTorch also
    where var is below eps, although the loss is flat there.
    Accuracy: where the terms cancel, their sum is good to a part in 2¹⁰⁰ of them.
    Relations: mse / 2 when var = 1; mse of input/√v and target/√v, halved, plus log(v)/2.
    Pitfalls: the variance is wanted, not the standard deviation, nor its logarithm;
    without full the constant 0.918939 is left out;
    it has no lower bound: where predictions are exact, a variance near 0 makes it as negative as eps lets it.
    Source: torch.nn.functional.gaussian_nll_loss; D. A. Nix and A. S. Weigend, ICNN 1994. The convention exact has
    eps = 0.
    """
    v = np.maximum(var, eps)
    error = input - target
    ratio = np.where(error == 0.0, 0.0, error / v * error)  # not error² / v: 1e200² overflows
    log_v = np.log(v)
    total = np.where(ratio == np.inf, np.inf, log_v + ratio)
    if full:
        total += _LOG_2_PI[0]
    close = (np.abs(total) < 0.25 * np.abs(log_v)) & (v > 0.0)
    total[close] = _doubled_total(input[close], target[close], v[close], full)

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.where(error == 0.0, 0.0, error / v) * up
        over = 1.0 - ratio
        close = np.abs(over) < 0.25
        over[close] = (-_doubled_ratio(input[close], target[close], v[close]) + 1.0).high
        by_var = over / v
        beyond = ratio == np.inf  # a ratio that overflows need not do so once it is divided by v
        by_var[beyond] = -((error[beyond] / v[beyond]) ** 2)
        return {"input": slope, "target": -slope, "var": 0.5 * by_var * up}

    below = var < eps
    made = ((f"its variance is below eps = {eps:g}, which stands in for it", below),) if below.any() else ()
    return Units(0.5 * total, pullback, bounds=made)


def _doubled_total(input: Array, target: Array, v: Array, full: bool) -> Array:
    """The same sum, for terms that are much larger than it."""
    total = log(v) + _doubled_ratio(input, target, v)
    return (total + _LOG_2_PI[0] + _LOG_2_PI[1]).high if full else total.high


def _doubled_ratio(input: Array, target: Array, v: Array) -> Doubled:
    """(input - target)² / v, scaled by a power of two that keeps squares in range."""
    error = two_sum(input, -target)
    _, exponent = np.frexp(error.high)
    scale = np.ldexp(1.0, np.clip(-exponent, -490, 490))
    error = error.scaled(scale)
    return error * error / doubled(v * scale * scale)


def _constant(full: bool) -> float:
    return 0.5 * _LOG_2_PI[0] if full else 0.0


def _scaled(input: Array, target: Array, var: Array, eps: float, **_: object) -> dict[str, Array]:
    root = np.sqrt(_variances(input, var, eps))
    return {"input": (input - target) / root, "target": np.zeros_like(input)}


def _variances(input: Array, var: Array, eps: float) -> Array:
    """One for each element, bounded."""
    var = np.maximum(var, eps)
    if var.ndim and var.shape == np.shape(input)[:-1]:
        var = var[..., None]
    return np.broadcast_to(var, np.shape(input))


LOSS = define(
    gaussian_nll,
    kind="regression",
    conventions=(
        torch("GaussianNLLLoss", "gaussian_nll_loss", does="the variance is at least eps, unseen by the gradient"),
        exact(eps=0.0),
    ),
    kinks="var == eps and eps > 0",
    relations=(
        equals(
            "GaussianNLL(var) = MSE(input/√var, target/√var) / 2 + log(var)/2",
            "mse",
            _scaled,
            times=0.5,
            plus=lambda input, var, full, eps, **_: 0.5 * np.log(_variances(input, var, eps)) + _constant(full),
            when="all(max(var, eps) > 0)",
            condition="var > 0; plus log(2π)/2 with full",
        ),
    ),
    lines=(
        "v = max(var, eps)",
        "difference = input - target",
        "ratio = difference / v * difference, if difference != 0",
        "ratio = 0, if difference == 0",
        "loss = (log(v) + ratio) / 2, if not full",
        "loss = (log(v) + ratio + log(2 * pi)) / 2, if full",
    ),
    textbook=("loss = log(var) / 2 + (input - target) ** 2 / (2 * var)",),
    mistakes=(
        mistake(
            "deviation_for_variance",
            "the standard deviation was passed where the variance is expected",
            "square the standard deviation",
            _OF_VARIANCE.format("sqrt(max(var, eps))"),
        ),
        mistake(
            "variance_for_deviation",
            "what is a variance was squared once more, as if it were a standard deviation",
            "pass the variance as it is",
            _OF_VARIANCE.format("max(var ** 2, eps)"),
        ),
    ),
    example=("[1.0,2.5,0.3]", "[1.2,2.0,0.3]", "[0.5,0.2,1.0]"),
)
