"""The Brier score."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from losscli.losses._frameworks import sklearn
from losscli.losses.classification._truth import as_probabilities, class_axis
from losscli.losses.classification._vectors import settles_vectors
from losscli.numerics.double_double import doubled, row_sums
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, PROBABILITY, one_of
from losscli.schema.loss import Array, Convention, Loss, Option, Role, Units

_NO_DISTRIBUTION = (
    "a row of the target does not sum to 1; for one probability a sample give a column, shape (N, 1), for both inputs"
)
_HALF = "scale_by_half == 'true' or scale_by_half == 'auto' and size(input) < 3"


def brier(
    input: Annotated[Array, Role("u c", PROBABILITY, "probabilities, one a class; or the probability of a yes")],
    target: Annotated[
        Array,
        Role("u", LABEL, "the true class"),
        Role("u c", PROBABILITY, "the true distribution over the classes; or 1 for yes, 0 for no"),
    ],
    *,
    scale_by_half: Annotated[
        str, Option(one_of("auto", "true", "false"), "whether to halve the sum; auto: with fewer than three classes")
    ] = "auto",
) -> Units:
    """How far the probabilities lie from the truth, squared.

    Use: to judge probabilities, of which it rewards nothing but the true ones; bounded, unlike log_loss.
    Formula: h Σ_c (p_c - t_c)², p = input, t = target, of a label its one-hot row; h is 1/2 with fewer than three
    classes, else 1, or as scale_by_half says. A single column stands for the two classes 1 - p and p: 2 h (p - t)².
    Inputs: probabilities (C), (N, C) or (N, C, d1, …), taken as they are; labels of the same shape without C, or rows
    of the same shape. For one probability a sample both are columns, (N, 1).
    Gradient: 2 h (p - t), 4 h (p - t) for a single column; with respect to rows as the target the negative.
    Relations: C · h times mse of the probabilities and the one-hot rows, as means (2 h times for a single column).
    Pitfalls: three scales are in use: the sum over the classes (from 0 to 2, Brier's own), half of it (for two classes
    the square of the one error), and the mean over the classes, which is mse; N probabilities of a yes beside N labels
    of 0 and 1 are binary under sklearn, and elsewhere mse, which is the same number, or columns (N, 1).
    Source: G. W. Brier, Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78 (1950);
    sklearn.metrics.brier_score_loss.
    """
    scale = _scale(input.shape[1], scale_by_half)
    truth = as_probabilities(target, input.shape[1])
    error = input - truth
    notes = (_NO_DISTRIBUTION,) if target.ndim == 2 and input.shape[1] > 1 and _off(target) else ()

    def pullback(up: Array) -> dict[str, Array]:
        gradient = 2.0 * scale * error * up[:, None]
        return {"input": gradient} if target.ndim == 1 else {"input": gradient, "target": -gradient}

    return Units(scale * row_sums(doubled(error * error)).high, pullback, notes)


def _scale(classes: int, scale_by_half: str) -> float:
    """What the sum of squares is multiplied by; a single column has one square for two classes."""
    half = classes < 3 if scale_by_half == "auto" else scale_by_half == "true"
    return (0.5 if half else 1.0) * (2.0 if classes == 1 else 1.0)


def _off(target: Array) -> bool:
    return bool(np.any(np.abs(target.sum(axis=1) - 1.0) > 1e-6))


def _as_mse(input: Array, target: Array, scale_by_half: str) -> dict[str, Any]:
    if target.ndim == input.ndim:
        return {"input": input, "target": target}
    axis = class_axis(input)
    rows = as_probabilities(np.ravel(target), input.shape[axis]).reshape(*np.shape(target), -1)
    return {"input": input, "target": np.moveaxis(rows, -1, axis)}


def _over_mse(input: Array, scale_by_half: str, **_: Any) -> float:
    classes = input.shape[class_axis(input)]
    return float(classes * _scale(classes, scale_by_half))


def _as_binary() -> Loss:
    from losscli.losses.regression.mse import LOSS as SQUARED

    return SQUARED


LOSS = define(
    brier,
    kind="classification",
    aliases=("brier_score_loss", "brier_score"),
    conventions=(
        Convention("torch", "scikit-learn's definition; PyTorch has no such loss"),
        sklearn("brier_score_loss"),
    ),
    relations=(
        equals(
            "Brier(p, t) = C · h · MSE(p, one_hot(t)), as means, h what the sum of squares is multiplied by",
            "mse",
            _as_mse,
            times=_over_mse,
            reduced=("mean", "mean"),
        ),
    ),
    lines=(
        "truth = distribution(target, input)",
        "error = input - truth",
        "total = sum(error ** 2), if size(input) > 1",
        "total = 2 * sum(error ** 2), if size(input) == 1",
        f"loss = total / 2, if {_HALF}",
        f"loss = total, if not ({_HALF})",
    ),
    settle=settles_vectors(_as_binary, other="mse"),
    example=("[[0.8,0.1,0.1],[0.2,0.7,0.1],[0.2,0.2,0.6]]", "[0,1,2]"),
)
