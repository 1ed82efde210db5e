"""Two mistakes at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, distance, nll, pair, picked, relu, sigmoid

_FORUM = "Course homework and forum questions: two of the mistakes beside this module in one program"


@pair("cross_entropy", "softmax_before + sum_for_mean", _FORUM)
def double_softmax_added(d: Data) -> Any:
    """Softmax was applied twice, and the losses were added up, not averaged."""
    return nll(d.p, d.target).sum()


@pair("cross_entropy", "softmax_before + log_base_2", _FORUM)
def double_softmax_in_bits(d: Data) -> Any:
    """Softmax was applied twice, and the logarithm has base 2."""
    return nll(d.p, d.target).mean() / np.log(2)


@pair("cross_entropy", "softmax_before + mean_of_batch_means", _FORUM)
def double_softmax_in_batches(d: Data) -> Any:
    """Softmax was applied twice, and the means of the batches were averaged."""
    return np.mean([batch.mean() for batch in d.batches(nll(d.p, d.target))])


@pair("cross_entropy", "softmax_before + perplexity", _FORUM)
def perplexity_of_double_softmax(d: Data) -> Any:
    """Softmax was applied twice, and e was raised to the loss."""
    return np.exp(nll(d.p, d.target).mean())


@pair("cross_entropy", "label_smoothing_0.1 + sum_for_mean", _FORUM)
def smoothed_and_added(d: Data) -> Any:
    """The labels were smoothed by 0.1, and the losses were added up."""
    return (0.9 * nll(d.input, d.target) - 0.1 * np.log(d.p).mean(axis=1)).sum()


@pair("cross_entropy", "label_smoothing_0.1 + mean_of_batch_means", _FORUM)
def smoothed_in_batches(d: Data) -> Any:
    """The labels were smoothed by 0.1, and the means of the batches were averaged."""
    losses = 0.9 * nll(d.input, d.target) - 0.1 * np.log(d.p).mean(axis=1)
    return np.mean([batch.mean() for batch in d.batches(losses)])


@pair("cross_entropy", "labels_* + sum_for_mean", _FORUM)
def other_labels_added(d: Data) -> Any:
    """The labels were taken one too low, and the losses were added up."""
    return nll(d.input, (d.target - 1) % d.c).sum()


@pair("cross_entropy", "log_left_out + averaged_over_classes", _FORUM)
def probabilities_over_classes(d: Data) -> Any:
    """The logarithm was left out, and it was divided by the number of classes too."""
    return -(d.hot * d.p).mean()


@pair("cross_entropy/weighted", "weight_forgotten + sum_for_mean", _FORUM)
def not_weighed_added(d: Data) -> Any:
    """The class weights were not applied, and the losses were added up."""
    return nll(d.input, d.target).sum()


@pair("cross_entropy/weighted", "softmax_before + divided_by_count", _FORUM)
def double_softmax_over_samples(d: Data) -> Any:
    """Softmax was applied twice, and the weighted losses were divided by the number of samples."""
    return (d.weight[d.target] * nll(d.p, d.target)).mean()


@pair("cross_entropy/weighted", "weights_inverse + divided_by_count", _FORUM)
def inverse_over_samples(d: Data) -> Any:
    """One divided by each weight was taken, and the sum was divided by the number of samples."""
    return (nll(d.input, d.target) / d.weight[d.target]).mean()


@pair("cross_entropy/ignored", "softmax_before + ignored_counted", _FORUM)
def double_softmax_of_padding(d: Data) -> Any:
    """Softmax was applied twice, and ignored rows were counted when the mean was taken."""
    return ((d.target != 0) * nll(d.p, d.target)).mean()


@pair("cross_entropy/ignored", "ignored_counted + perplexity", _FORUM)
def perplexity_of_padding(d: Data) -> Any:
    """Ignored rows were counted when the mean was taken, and e was raised to the loss."""
    return np.exp(((d.target != 0) * nll(d.input, d.target)).mean())


@pair("mse", "half + sum_for_mean", "Coursera Machine Learning: half the sum of squares")
def half_of_the_sum(d: Data) -> Any:
    """The sum was halved and not divided by the number of samples."""
    return (d.error**2).sum() / 2


@pair("mse", "root + mean_of_batch_means|mean_of_batch_roots", _FORUM)
def root_of_batches(d: Data) -> Any:
    """The means of the batches were averaged, and the root was taken of that."""
    return np.sqrt(np.mean([batch.mean() for batch in d.batches(d.error**2)]))


@pair("mse", "half + mean_of_batch_means", _FORUM)
def half_in_batches(d: Data) -> Any:
    """Every loss was halved, and the means of the batches were averaged."""
    return np.mean([batch.mean() for batch in d.batches(d.error**2)]) / 2


@pair("rmse", "root_left_out + sum_for_mean|root_left_out + root_of_sum|root_of_sum + square", _FORUM)
def sum_of_squares(d: Data) -> Any:
    """The root was not taken, and the squares were added up."""
    return (d.error**2).sum()


@pair("mape", "symmetric + percent", "Wikipedia, Symmetric mean absolute percentage error")
def symmetric_percent(d: Data) -> Any:
    """The errors were divided by the mean of prediction and target, and multiplied by 100."""
    return 100 * (2 * np.abs(d.error) / (np.abs(d.input) + np.abs(d.target))).mean()


@pair("mape", "divided_by_prediction + percent|input_and_target_swapped + percent", _FORUM)
def percent_of_predictions(d: Data) -> Any:
    """The errors were divided by the predictions, and multiplied by 100."""
    return 100 * np.abs(d.error / d.input).mean()


@pair("msle", "one_not_added + root|one_left_out + root", "Kaggle discussion: RMSLE with np.log")
def rmsle_without_one(d: Data) -> Any:
    """1 was not added before the logarithm, and the root was taken."""
    return np.sqrt(((np.log(d.input) - np.log(d.target)) ** 2).mean())


@pair("huber", "delta_forgotten + sum_for_mean|delta_1 + sum_for_mean", _FORUM)
def default_delta_added(d: Data) -> Any:
    """delta was left at 1, and the losses were added up."""
    return np.where(np.abs(d.error) <= 1, d.error**2 / 2, np.abs(d.error) - 0.5).sum()


@pair("bce", "sigmoid_twice + sum_for_mean", _FORUM)
def double_sigmoid_added(d: Data) -> Any:
    """A sigmoid was applied to probabilities, and the losses were added up."""
    return binary(sigmoid(d.input), d.target).sum()


@pair("bce", "target_flipped + log_base_2|complement + log_base_2", _FORUM)
def other_column_in_bits(d: Data) -> Any:
    """The probability of a no was taken for that of a yes, and the logarithm has base 2."""
    return binary(1 - d.input, d.target).mean() / np.log(2)


@pair("bce_with_logits/weighted", "sigmoid_before + pos_weight_forgotten", _FORUM)
def double_sigmoid_not_weighed(d: Data) -> Any:
    """A sigmoid was applied before the loss, and pos_weight was not."""
    return binary(sigmoid(d.p), d.target).mean()


@pair("sigmoid_focal", "alpha_left_out + divided_by_positives", _FORUM)
def no_alpha_over_positives(d: Data) -> Any:
    """alpha was left out, and the sum was divided by the number of positives."""
    p_t = np.where(d.target == 1, d.p, 1 - d.p)
    return -((1 - p_t) ** 2 * np.log(p_t)).sum() / d.target.sum()


@pair("focal", "alpha_on_no + sum_for_mean", _FORUM)
def wrong_alpha_added(d: Data) -> Any:
    """alpha multiplied the noes and 1 - alpha the yeses, and the losses were added up."""
    p_t = np.where(d.target == 1, d.input, 1 - d.input)
    return -(np.where(d.target == 1, 1 - d.alpha, d.alpha) * (1 - p_t) ** 2 * np.log(p_t)).sum()


@pair("kl_div", "distributions_exchanged + mean_for_batchmean", _FORUM)
def other_way_averaged(d: Data) -> Any:
    """The divergence was taken the other way round, and divided by N·C."""
    return (np.exp(d.input) * (d.input - np.log(d.target))).mean()


@pair("triplet_margin", "squared_distances + sum_for_mean", _FORUM)
def squares_added(d: Data) -> Any:
    """The distances were squared, and the losses were added up."""
    near, far = distance(d.anchor, d.positive) ** 2, distance(d.anchor, d.negative) ** 2
    return relu(near - far + d.margin).sum()


@pair(
    "multi_margin",
    "summed_over_classes + sum_for_mean|divisor_left_out + sum_for_mean",
    "CS231n, assignment 1: neither num_train nor the classes",
)
def everything_added(d: Data) -> Any:
    """The sum was divided neither by the number of classes nor by that of samples."""
    return (relu(d.input - picked(d.input, d.target)[:, None] + 1).sum(axis=1) - 1).sum()


@pair("brier", "averaged_over_classes + root|rmse_computed", _FORUM)
def root_over_classes(d: Data) -> Any:
    """The squares were divided by the number of classes too, and the root was taken."""
    return np.sqrt(((d.input - d.hot) ** 2).mean())
