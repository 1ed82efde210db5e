"""Binary cross-entropy on probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._aten import EPSILON
from losscli.losses._frameworks import exact, keras, sklearn, torch
from losscli.losses.binary._bernoulli import (
    KERAS_BOUNDS,
    LOG_FLOOR,
    P_CEILING,
    P_FLOOR,
    SKLEARN_BOUNDS,
    SLOPE_FLOOR,
    TORCH_BOUNDS,
    UNBOUNDED,
    beyond,
    bounds,
    cut_kinks,
    expected,
    log_odds_against,
    nlls,
    slope,
    weighed,
    weightless,
)
from losscli.schema.define import define
from losscli.schema.domains import PROBABILITY, WEIGHT
from losscli.schema.loss import Array, Constant, Equals, LossMistake, Option, Role, Units


def bce(
    input: Annotated[Array, Role("u", PROBABILITY, "the probability of a yes")],
    target: Annotated[Array, Role("u", PROBABILITY, "1 for yes, 0 for no, or a probability")],
    *,
    weight: Annotated[
        Array | None, Option(WEIGHT, "what each element counts, broadcast to the input", axes="u")
    ] = None,
    log_floor: Annotated[float, Constant(LOG_FLOOR)] = -100.0,
    slope_floor: Annotated[float, Constant(SLOPE_FLOOR)] = EPSILON,
    p_floor: Annotated[float, Constant(P_FLOOR)] = 0.0,
    p_ceiling: Annotated[float, Constant(P_CEILING)] = 1.0,
) -> Units:
    """Negative log-likelihood of a yes or no under the predicted probability.

    Use: yes-or-no questions, one or many to a sample, where the model answers with probabilities; the pixels of an
    auto-encoder. On raw scores bce_with_logits keeps digits that a sigmoid has already lost.
    Formula: -weight (t log p + (1-t) log(1-p)), in nats, p = input, t = target; each logarithm
    is at least -100, as in PyTorch.
    Inputs: two arrays of one shape, any rank. The mean divides by the number of elements, whatever their weights.
    Gradient: weight (p-t) / max(p(1-p), 1e-12), PyTorch's bound; with respect to the target weight (log(1-p) - log p).
    Where keras or sklearn cuts p off, it is 0.
    Relations: bce_with_logits of log(p / (1-p)); twice focal with gamma 0 and alpha 1/2. The convention exact has no
    bounds.
    Pitfalls: one sure and wrong answer shows the library: 100 in PyTorch, 16.118 in Keras (p is cut off at 1e-7; in
    float32 15.942 where 1 was said for 0), 36.044 in scikit-learn (the spacing of float64 at 1; 15.942 in float32),
    34.539 before its version 1.2, infinity without bounds;
    probabilities rounded to 0 and 1 turn the loss into that number times the rate of errors;
    PyTorch's gradient is not that of its clamped value, and small where p(1-p) is under 1e-12;
    raw scores are no probabilities, and a second sigmoid is no error message;
    on one-hot rows of several classes it averages over the classes too, which is not cross-entropy.
    Source: torch.nn.functional.binary_cross_entropy.
    """
    p = np.clip(input, p_floor, p_ceiling)
    yes, no = nlls(p, log_floor)
    weights = 1.0 if weight is None else weight

    def pullback(up: Array) -> dict[str, Array]:
        up = up * weights
        flat = beyond(input, p_floor, p_ceiling)
        return {
            "input": weighed(up, np.where(flat, 0.0, slope(p, target, slope_floor))),
            "target": weighed(up, log_odds_against(p, yes, no)),
        }

    cross = expected(yes, no, target)
    made = tuple(bounds(input, target, yes, no, log_floor, p_floor, p_ceiling))
    return Units(weighed(weights, cross), pullback, weightless(weights, cross), bounds=made)


def _as_logits(input: Array, target: Array, weight: Array | None) -> dict[str, Any]:
    with np.errstate(divide="ignore"):
        return {"input": np.log(input / (1.0 - input)), "target": target, "weight": weight}


def _keeps_digits_as_a_logit(input: Array, **_: Any) -> bool:
    """A logit of 20, rounded, moves its loss by some 20 roundings."""
    certain = (input == 0.0) | (input == 1.0)
    return bool(np.all(certain | ((input >= 1e-9) & (input <= 1.0 - 1e-9))))


def _signs_for_yes_and_no(input: Array, target: Array, weight: Array | None, log_floor: float) -> Array:
    """The formula with -1 for a no, which it does not know."""
    yes, no = nlls(input, log_floor)
    sides = np.where(target == 0.0, -1.0, target)
    return weighed(1.0 if weight is None else weight, sides * yes + (1.0 - sides) * no)


LOSS = define(
    bce,
    kind="binary",
    unit="nats",
    aliases=("BinaryCrossentropy", "binary_crossentropy"),
    conventions=(
        torch("BCELoss", "binary_cross_entropy", does=TORCH_BOUNDS),
        exact(**UNBOUNDED),
        keras(
            "BinaryCrossentropy",
            "binary_crossentropy",
            does="p is clipped to [1e-7, 1 - 1e-7], keras.config.epsilon()",
            **KERAS_BOUNDS,
        ),
        sklearn("log_loss", does="p is clipped by numpy.finfo(dtype).eps; labels 0 and 1 only", **SKLEARN_BOUNDS),
    ),
    relations=(
        Equals(
            "BCE(p, t) = BCEWithLogits(log(p / (1-p)), t)",
            "bce_with_logits",
            _as_logits,
            given=_keeps_digits_as_a_logit,
            condition="probabilities are 0, 1 or from 1e-9 to 1 - 1e-9",
        ),
        Equals(
            "BCE = 2 · Focal(gamma=0, alpha=1/2)",
            "focal",
            lambda input, target, **_: {"input": input, "target": target, "gamma": 0.0, "alpha": 0.5},
            times=lambda **_: 2.0,
            given=lambda weight, **_: weight is None,
            condition="there is no weight",
        ),
    ),
    kinks=cut_kinks,
    lines=(
        "p = input, if p_floor == 0",
        "p = min(max(input, p_floor), p_ceiling), if p_floor > 0",
        "yes = -max(log(p), log_floor)",
        "no = -max(log1p(-p), log_floor)",
        "loss = target * yes + (1 - target) * no",
    ),
    mistakes=(
        LossMistake(
            "minus_one_for_zero",
            "the targets were -1 and 1, where 0 and 1 are expected",
            "make 0 of -1: (target + 1) / 2",
            _signs_for_yes_and_no,
            tier="A",
            given=lambda target: bool((target == 0.0).any()),
        ),
    ),
    example=("[0.9, 0.2, 0]", "[1, 0, 1]"),
)
