"""Wrong values of mape and msle, whose errors are relative."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, value


@value("mape", "percent|convention_keras", "scikit-learn#15007: MAPE as a percentage")
def percentage(d: Data) -> Any:
    """The mean was multiplied by 100."""
    return 100 * np.abs(d.error / d.target).mean()


@value(
    "mape",
    "divided_by_prediction|input_and_target_swapped",
    "GitHub, tsai#152: mape(y, pred) with the arguments exchanged",
)
def over_predictions(d: Data) -> Any:
    """The errors were divided by the predictions, not by what happened."""
    return np.abs(d.error / d.input).mean()


@value("mape", "symmetric", "Wikipedia, Symmetric mean absolute percentage error")
def symmetric(d: Data) -> Any:
    """The errors were divided by the mean of prediction and target."""
    return (2 * np.abs(d.error) / (np.abs(d.input) + np.abs(d.target))).mean()


@value("mape", "symmetric_without_half|symmetric + half|symmetric", "Stack Overflow: sMAPE in Python, without the 2")
def symmetric_without_two(d: Data) -> Any:
    """The errors were divided by the sum of the sizes of prediction and target."""
    return (np.abs(d.error) / (np.abs(d.input) + np.abs(d.target))).mean()


@value("mape", "abs_left_out|abs_of_target_left_out", "GitHub, TimeMixer#97: MAPE with negative targets")
def negative_targets(d: Data) -> Any:
    """The absolute value of the target was left out: negative targets make negative losses."""
    return (np.abs(d.error) / d.target).mean()


@value("mape", "weighted_by_size", "Wikipedia, Mean absolute percentage error: WMAPE")
def weighted(d: Data) -> Any:
    """The errors were added up and divided by the sum of the targets' sizes."""
    return np.abs(d.error).sum() / np.abs(d.target).sum()


@value("mape", "one_added", "Kaggle discussion: MAPE with y + 1 to avoid a division by 0")
def one_added(d: Data) -> Any:
    """1 was added to the size of each target."""
    return (np.abs(d.error) / (np.abs(d.target) + 1)).mean()


@value("mape/zeros", "zero_targets_left_out", "GitHub, alteryx/evalml#1510: MAPE of y_true != 0")
def zero_targets_dropped(d: Data) -> Any:
    """Rows whose target is 0 were left out."""
    return np.abs(d.error / np.where(d.target == 0, np.inf, d.target)).sum() / (d.target != 0).sum()


@value("mape/zeros", "zero_targets_cost_nothing", "GitHub, awslabs/gluonts#1225: MAPE metric calculation")
def zero_targets_counted(d: Data) -> Any:
    """Rows whose target is 0 cost nothing, but were counted when the mean was taken."""
    return np.abs(d.error / np.where(d.target == 0, np.inf, d.target)).mean()


@value("msle", "one_not_added", "Kaggle discussion: RMSLE with log for log1p")
def plain_logarithm(d: Data) -> Any:
    """1 was not added before the logarithm."""
    return ((np.log(d.input) - np.log(d.target)) ** 2).mean()


@value("msle", "logarithm_left_out|mse_computed", "GitHub, JackStat/ModelMetrics#21: rmsle returns rmse")
def no_logarithm(d: Data) -> Any:
    """No logarithm was taken: this is the mean squared error."""
    return (d.error**2).mean()


@value("msle", "root", "GitHub, Lightning-AI/pytorch-lightning#3162: RMSLE metric appears to be incorrect")
def rmsle(d: Data) -> Any:
    """The root was taken: this is the RMSLE."""
    return np.sqrt(((np.log1p(d.input) - np.log1p(d.target)) ** 2).mean())


@value("msle", "log_base_10|logarithm_of_base_10", "Stack Overflow: RMSLE in Excel, where LOG has base 10")
def decimal(d: Data) -> Any:
    """The logarithms have base 10."""
    return ((np.log10(1 + d.input) - np.log10(1 + d.target)) ** 2).mean()


@value("msle", "log_of_error|log_of_difference", "Stack Overflow: RMSLE as np.log(np.abs(y - pred) + 1)")
def logarithm_of_the_error(d: Data) -> Any:
    """The logarithm was taken of the error, not of prediction and target."""
    return (np.log1p(np.abs(d.error)) ** 2).mean()


@value("msle", "square_left_out|l1_of_logs", "Kaggle, mean absolute log error")
def absolute_logs(d: Data) -> Any:
    """The errors of the logarithms were not squared, but their size taken."""
    return np.abs(np.log1p(d.input) - np.log1p(d.target)).mean()
