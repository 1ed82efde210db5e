"""What goes wrong with focal losses on yes or no; for diagnosing claims."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from losscli.losses._inputs import weighted
from losscli.losses.binary._bernoulli import balance
from losscli.schema.loss import Array, LossMistake

Parts = Callable[[Array, Array], tuple[Array, Array]]  # of input and target: the cross-entropy, and 1 - p_t

_MEAN_FIRST = "the mean cross-entropy was taken first, and p_t made of it: one number exp(-mean) for all samples"
_CURE_MEAN = "take the losses of samples (reduction none), their own p_t, and the mean last"
_CURE_ALPHA = "alpha multiplies what a yes costs, 1 - alpha what a no costs"

_ALPHAS: tuple[tuple[str, str, Callable[[Array, float], Array | float]], ...] = (
    ("on_no", "alpha multiplied the noes and 1 - alpha the yeses", lambda t, alpha: balance(1.0 - t, alpha)),
    ("on_both", "alpha multiplied yes and no alike", lambda _, alpha: alpha),
    ("left_out", "alpha was left out", lambda *_: 1.0),
    ("on_yes_alone", "alpha multiplied the yeses, and nothing the noes", lambda t, alpha: alpha * t + (1.0 - t)),
)


def focal_mistakes(parts: Parts, balanced: Callable[..., bool]) -> tuple[LossMistake, ...]:
    """Those of a loss that is made of these parts, and that alpha balances where `balanced` says so."""

    def balanced_by(weights: Callable[[Array, float], Array | float]) -> Callable[..., Array]:
        def losses(input: Array, target: Array, gamma: float, alpha: float) -> Array:
            cross, missing = parts(input, target)
            return weighted(weights(target, alpha), missing**gamma * cross)

        return losses

    def unfocused(input: Array, target: Array, alpha: float) -> Array:
        return weighted(balance(target, alpha), parts(input, target)[0])

    def of_truth(input: Array, target: Array, gamma: float, alpha: float) -> Array:
        cross, missing = parts(input, target)
        return weighted(balance(target, alpha), (1.0 - missing) ** gamma * cross)

    def of_mean(input: Array, target: Array, gamma: float) -> float:
        mean = float(parts(input, target)[0].mean())
        return float(mean * (1.0 - np.exp(-mean)) ** gamma)

    def of_weighed(input: Array, target: Array, gamma: float, alpha: float) -> Array:
        cross = weighted(balance(target, alpha), parts(input, target)[0])
        return np.asarray(cross * (1.0 - np.exp(-cross)) ** gamma)

    return (
        *(
            LossMistake(f"alpha_{name}", text, _CURE_ALPHA, balanced_by(weights), tier="S", given=balanced)
            for name, text, weights in _ALPHAS
        ),
        LossMistake("focal_of_mean", _MEAN_FIRST, _CURE_MEAN, of_mean, tier="S", given=lambda input: input.size > 1),
        LossMistake(
            "focal_of_mean_times_alpha",
            f"{_MEAN_FIRST}, times alpha",
            _CURE_MEAN,
            lambda input, target, gamma, alpha: alpha * of_mean(input, target, gamma),
            tier="S",
            given=lambda input: input.size > 1,
        ),
        LossMistake(
            "p_t_of_weighed",
            "p_t was taken as exp(-loss) of a cross-entropy that alpha had multiplied already",
            "take p_t from the plain cross-entropy",
            of_weighed,
            tier="S",
            given=balanced,
        ),
        LossMistake(
            "gamma_left_out",
            "easy samples were not played down: the factor (1 - p_t)^gamma is missing",
            "multiply by (1 - p_t)^gamma",
            unfocused,
            given=balanced,
        ),
        LossMistake(
            "modulator_of_p_t",
            "the factor was p_t^gamma, which plays the hard samples down",
            "multiply by (1 - p_t)^gamma",
            of_truth,
            given=balanced,
        ),
    )
