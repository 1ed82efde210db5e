"""Wrong values as training runs report them: processes, weights of classes, rows that do not match."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, nll, value


@value(
    "cross_entropy",
    "mean_of_rank_means|mean_of_batch_means",
    "GitHub, huggingface/accelerate#3193: mean of processes",
)
def mean_of_ranks(d: Data) -> Any:
    """The means of 4, 32 or 64 processes were averaged, though these have not equally many rows."""
    losses = nll(d.input, d.target)
    return np.mean([losses[rank :: d.batch].mean() for rank in range(d.batch)])


@value("cross_entropy", "rows_repeated|padded_shards", "PyTorch documentation: DistributedSampler pads")
def padded_ranks(d: Data) -> Any:
    """Rows from the beginning were counted again, so that 4, 32 or 64 processes get equally many."""
    losses = nll(d.input, d.target)
    missing = -len(losses) % d.batch
    return np.concatenate([losses, losses[:missing]]).mean()


@value("cross_entropy", "divided_by_8|divided_by_ranks", "PyTorch forum: all_reduce(SUM) of means, divided twice")
def divided_by_ranks_twice(d: Data) -> Any:
    """The mean was divided by the 8 processes once more."""
    return nll(d.input, d.target).mean() / 8


@value("cross_entropy", "class_major_memory|transposed|reshaped_not_permuted", "LightGBM: raw scores, class by class")
def class_by_class(d: Data) -> Any:
    """The scores lie in memory class by class, and were cut into rows as if they lay sample by sample."""
    return nll(d.input.T.reshape(d.input.shape), d.target).mean()


@value("cross_entropy", "class_weights|class_weights_root", "PyTorch forum: class weights 1 / sqrt(count)")
def root_of_counts(d: Data) -> Any:
    """Each class was weighed with one over the root of its number, which was not asked for."""
    weights = (1 / np.sqrt(np.maximum(np.bincount(d.target, minlength=d.c), 1)))[d.target]
    return (weights * nll(d.input, d.target)).sum() / weights.sum()


@value("cross_entropy", "mean_of_class_means|class_weights", "Balanced accuracy carried over to the loss")
def mean_of_class_means(d: Data) -> Any:
    """The mean of each class was taken, then the mean of these: rare classes count as much as common ones."""
    losses = nll(d.input, d.target)
    return np.mean([losses[d.target == label].mean() for label in np.unique(d.target)])


@value("cross_entropy", "ignore_index_0", "PyTorch forum: ignore_index=0 for the background, or for padding")
def first_class_left_out(d: Data) -> Any:
    """Rows of the class 0 were left out."""
    return nll(d.input, d.target)[d.target != 0].mean()


@value("cross_entropy", "shifted_*|rows_not_matched", "Stack Overflow: a header row lost on one side")
def one_row_down(d: Data) -> Any:
    """Each row was compared with the label of the row before it, as when one file lost its first row."""
    return nll(d.input[1:], d.target[:-1]).mean()


@value("cross_entropy", "rows_not_matched|targets_sorted", "Kaggle discussion: targets sorted, predictions not")
def targets_sorted(d: Data) -> Any:
    """The labels were sorted, and the predictions were not: rows do not belong together."""
    return nll(d.input, np.sort(d.target)).mean()


@value("cross_entropy/smoothed_ignored", "smoothing_counts_ignored", "fairseq: label_smoothed_nll_loss, ignored rows")
def smoothing_of_ignored(d: Data) -> Any:
    """The uniform part of label smoothing counts the ignored rows too."""
    kept = d.target != 0
    losses = 0.9 * kept * nll(d.input, d.target) - 0.1 * np.log(d.p).mean(axis=1)
    return losses.sum() / kept.sum()


@value("mse", "shifted_*|rows_not_matched", "Time series forum: predictions one step late")
def one_step_late(d: Data) -> Any:
    """Each prediction was compared with the target of the row before it."""
    return ((d.input[1:] - d.target[:-1]) ** 2).mean()


@value("mse", "rows_not_matched|targets_sorted", "Stack Overflow: sorted y_test against predictions")
def sorted_targets(d: Data) -> Any:
    """The targets were sorted, and the predictions were not: rows do not belong together."""
    return ((d.input - np.sort(d.target)) ** 2).mean()


@value(
    "mse",
    "targets_standardised|units|normalised_by_variance",
    "Stack Overflow: MSE of scaled targets, scaler not inverted",
)
def scaled_targets(d: Data) -> Any:
    """Predictions and targets were standardised by the targets' mean and deviation: the error has another unit."""
    return ((d.error / d.target.std()) ** 2).mean()
