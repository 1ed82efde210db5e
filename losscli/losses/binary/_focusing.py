"""What goes wrong with focal losses on yes or no; for diagnosing claims."""

from __future__ import annotations

from losscli.losses.binary._bernoulli import BALANCE
from losscli.schema.define import mistake
from losscli.schema.loss import LossMistake

_MEAN_FIRST = "the mean cross-entropy was taken first, and p_t made of it: one number exp(-mean) for all samples"
_CURE_MEAN = "take the losses of samples (reduction none), their own p_t, and the mean last"
_CURE_ALPHA = "alpha multiplies what a yes costs, 1 - alpha what a no costs"
_CURE_GAMMA = "multiply by (1 - p_t)^gamma"
_ALPHAS = (
    ("on_no", "alpha multiplied the noes and 1 - alpha the yeses", "(1 - alpha) * target + alpha * (1 - target)"),
    ("on_both", "alpha multiplied yes and no alike", "alpha"),
    ("left_out", "alpha was left out", "1"),
    ("on_yes_alone", "alpha multiplied the yeses, and nothing the noes", "alpha * target + (1 - target)"),
)


def focal_mistakes(cross: str, missing: str, balanced: str) -> tuple[LossMistake, ...]:
    """Those of a loss of this cross-entropy and 1 - p_t, that alpha balances where `balanced` holds: formulas."""
    balanced_cross = f"({BALANCE}) * ({cross})"
    of_mean = f"mean({cross}) * (1 - exp(-mean({cross}))) ** gamma"
    several = "size(input) > 1"
    return (
        *(
            mistake(
                f"alpha_{name}",
                text,
                _CURE_ALPHA,
                f"({weights}) * (({missing}) ** gamma * ({cross}))",
                tier="S",
                given=balanced,
            )
            for name, text, weights in _ALPHAS
        ),
        mistake("focal_of_mean", _MEAN_FIRST, _CURE_MEAN, of_mean, tier="S", given=several),
        mistake(
            "focal_of_mean_times_alpha",
            f"{_MEAN_FIRST}, times alpha",
            _CURE_MEAN,
            f"alpha * ({of_mean})",
            tier="S",
            given=several,
        ),
        mistake(
            "p_t_of_weighed",
            "p_t was taken as exp(-loss) of a cross-entropy that alpha had multiplied already",
            "take p_t from the plain cross-entropy",
            f"({balanced_cross}) * (1 - exp(-({balanced_cross}))) ** gamma",
            tier="S",
            given=balanced,
        ),
        mistake(
            "gamma_left_out",
            "easy samples were not played down: the factor (1 - p_t)^gamma is missing",
            _CURE_GAMMA,
            balanced_cross,
            given=balanced,
        ),
        mistake(
            "modulator_of_p_t",
            "the factor was p_t^gamma, which plays the hard samples down",
            _CURE_GAMMA,
            f"({BALANCE}) * ((1 - ({missing})) ** gamma * ({cross}))",
            given=balanced,
        ),
    )
