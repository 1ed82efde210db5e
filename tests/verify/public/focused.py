"""Wrong values of the focal losses of a yes or no."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, sigmoid, value


def _p_t(p: Any, t: Any) -> Any:
    return np.where(t == 1, p, 1 - p)


def _alpha_t(d: Data, alpha: float | None = None) -> Any:
    alpha = d.alpha if alpha is None else alpha
    return np.where(d.target == 1, alpha, 1 - alpha)


@value(
    "bce",
    "no_term_left_out|negatives_cost_nothing|term_left_out",
    "Stack Overflow: binary cross entropy in NumPy, -(y * np.log(p)).mean()",
)
def yes_term_alone(d: Data) -> Any:
    """Only y·log p was taken: rows whose target is 0 cost nothing."""
    return -(d.target * np.log(d.input)).mean()


@value("focal", "alpha_on_no", "GitHub, clcarwin/focal_loss_pytorch#10: alpha is not consistent with the paper")
def alpha_on_noes(d: Data) -> Any:
    """alpha multiplied the noes and 1 - alpha the yeses."""
    p_t = _p_t(d.input, d.target)
    return -((1 - _alpha_t(d)) * (1 - p_t) ** 2 * np.log(p_t)).mean()


@value("focal", "alpha_on_both", "GitHub, liuyuisanai/Focal-Loss#4: Seems incorrect use of alpha")
def alpha_on_both(d: Data) -> Any:
    """alpha multiplied yes and no alike."""
    p_t = _p_t(d.input, d.target)
    return -(d.alpha * (1 - p_t) ** 2 * np.log(p_t)).mean()


@value("focal", "alpha_left_out", "GitHub, kornia#2371: parameter alpha in focal loss")
def no_alpha(d: Data) -> Any:
    """alpha was left out."""
    p_t = _p_t(d.input, d.target)
    return -((1 - p_t) ** 2 * np.log(p_t)).mean()


@value("focal", "gamma_left_out|gamma_0", "Course homework: object detection, focal loss")
def no_gamma(d: Data) -> Any:
    """The factor (1 - p_t)^gamma is missing."""
    return -(_alpha_t(d) * np.log(_p_t(d.input, d.target))).mean()


@value("focal", "modulator_of_p_t|one_minus_left_out", "GitHub, unsky/focal-loss#14: pt and p confused")
def wrong_modulator(d: Data) -> Any:
    """The factor was p_t^gamma, which plays the hard samples down."""
    p_t = _p_t(d.input, d.target)
    return -(_alpha_t(d) * p_t**2 * np.log(p_t)).mean()


@value("focal", "product_for_power|exponent_left_out", "GitHub, fudannlp16/focal-loss#8: ((1 - y_pred) * gamma)")
def times_gamma(d: Data) -> Any:
    """1 - p_t was multiplied by gamma, not raised to it."""
    p_t = _p_t(d.input, d.target)
    return -(_alpha_t(d) * 2 * (1 - p_t) * np.log(p_t)).mean()


@value("focal", "focal_of_mean|focal_of_mean_times_alpha", "GitHub, kaidic/LDAM-DRW#6: focal loss of the reduced loss")
def of_the_mean(d: Data) -> Any:
    """The mean cross-entropy was taken first, and p_t made of it."""
    mean = binary(d.input, d.target).mean()
    return d.alpha * (1 - np.exp(-mean)) ** 2 * mean


@value(
    "focal",
    "p_not_flipped|modulator_of_p|one_branch_everywhere",
    "PyTorch forum: focal loss with (1 - p)**gamma for every row",
)
def p_not_flipped(d: Data) -> Any:
    """The factor was (1 - p)^gamma for noes too, where p^gamma is meant."""
    return (_alpha_t(d) * (1 - d.input) ** 2 * binary(d.input, d.target)).mean()


@value(
    "focal",
    "no_term_left_out|negatives_cost_nothing|term_left_out",
    "Stack Overflow: categorical focal loss used for a yes or no",
)
def focal_of_yeses(d: Data) -> Any:
    """Only the term of the yeses was taken."""
    return -(d.target * d.alpha * (1 - d.input) ** 2 * np.log(d.input)).mean()


@value(
    "focal",
    "gamma_and_alpha_swapped|alpha_and_gamma_swapped",
    "GitHub, qubvel/segmentation_models#258: positional arguments",
)
def options_exchanged(d: Data) -> Any:
    """alpha and gamma stand in each other's place."""
    p_t = _p_t(d.input, d.target)
    return -(_alpha_t(d, 2.0) * (1 - p_t) ** d.alpha * np.log(p_t)).mean()


@value("focal", "sum_for_mean", "GitHub, torchvision#7760: reduction of the focal loss")
def focal_added(d: Data) -> Any:
    """The losses were added up, not averaged."""
    p_t = _p_t(d.input, d.target)
    return -(_alpha_t(d) * (1 - p_t) ** 2 * np.log(p_t)).sum()


@value("sigmoid_focal", "sigmoid_before", "GitHub, itakurah/focal-loss-pytorch#5: sigmoid before sigmoid_focal_loss")
def sigmoid_of_sigmoid(d: Data) -> Any:
    """A sigmoid was applied before the loss, which applies it itself."""
    p_t = _p_t(sigmoid(d.p), d.target)
    return -(_alpha_t(d, 0.25) * (1 - p_t) ** 2 * np.log(p_t)).mean()


@value("sigmoid_focal", "alpha_on_no|alpha_0.75", "GitHub, mkocabas/focal-loss-keras#6: alpha of the wrong class")
def alpha_of_the_other(d: Data) -> Any:
    """alpha multiplied the noes and 1 - alpha the yeses."""
    p_t = _p_t(d.p, d.target)
    return -(_alpha_t(d, 0.75) * (1 - p_t) ** 2 * np.log(p_t)).mean()


@value("sigmoid_focal", "alpha_on_yes_alone", "GitHub, zimenglan#8: alpha for the positives alone")
def alpha_on_yeses(d: Data) -> Any:
    """alpha multiplied the yeses, and nothing the noes."""
    p_t = _p_t(d.p, d.target)
    return -(np.where(d.target == 1, 0.25, 1) * (1 - p_t) ** 2 * np.log(p_t)).mean()


@value("sigmoid_focal", "divided_by_positives", "RetinaNet: normalised by the number of anchors with an object")
def focal_over_positives(d: Data) -> Any:
    """The sum was divided by the number of positives."""
    p_t = _p_t(d.p, d.target)
    return -(_alpha_t(d, 0.25) * (1 - p_t) ** 2 * np.log(p_t)).sum() / d.target.sum()


@value("sigmoid_focal", "p_t_of_weighed", "GitHub, andrijdavid/FocalLoss#2: p_t of the weighted loss")
def p_t_of_weighed(d: Data) -> Any:
    """p_t was taken as exp(-loss) of a cross-entropy that alpha had multiplied already."""
    weighed = _alpha_t(d, 0.25) * binary(d.p, d.target)
    return ((1 - np.exp(-weighed)) ** 2 * weighed).mean()


@value(
    "sigmoid_focal",
    "p_not_flipped|modulator_of_p|one_branch_everywhere",
    "PyTorch forum: focal loss, pt = torch.sigmoid(x)",
)
def scores_not_flipped(d: Data) -> Any:
    """The factor was (1 - p)^gamma for noes too, where p^gamma is meant."""
    return (_alpha_t(d, 0.25) * (1 - d.p) ** 2 * binary(d.p, d.target)).mean()


@value("sigmoid_focal", "gamma_1", "Stack Overflow: focal loss with one factor (1 - pt)")
def gamma_of_one(d: Data) -> Any:
    """gamma was 1."""
    p_t = _p_t(d.p, d.target)
    return -(_alpha_t(d, 0.25) * (1 - p_t) * np.log(p_t)).mean()
