"""Wrong values of mse, l1 and rmse: mostly of what is averaged, in which order, and over what."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, value


@value("mse", "half", "Coursera Machine Learning, week 1: the cost J with 1/(2m)")
def cost_of_the_course(d: Data) -> Any:
    """The mean was halved."""
    return (d.error**2).sum() / (2 * len(d.error))


@value("mse", "sum_for_mean", "GitHub, zdebruine/MMVAE#19: sum and mean of the reconstruction loss")
def squares_added(d: Data) -> Any:
    """The squares were added up and not divided by their number."""
    return (d.error**2).sum()


@value("mse", "root|rmse_computed", "GitHub, YerevaNN/BARTSmiles#2: RMSE and MSE in one table")
def root_reported(d: Data) -> Any:
    """The square root was taken: this is the RMSE."""
    return np.sqrt((d.error**2).mean())


@value(
    "mse", "l1_computed|root_of_each_element", "GitHub, chiphuyen/python-is-cool#7: Mean absolute error instead of MSE"
)
def root_of_each_square(d: Data) -> Any:
    """The root of each square was taken before the mean: this is the mean absolute error."""
    return np.sqrt(d.error**2).mean()


@value("mse", "broadcast", "GitHub, FARM#229: UserWarning, target size (N) is different to input size (N, 1)")
def column_against_row(d: Data) -> Any:
    """Predictions (N, 1) met targets (N): every prediction was compared with every target."""
    return ((d.input[:, None] - d.target) ** 2).mean()


@value("mse", "n_minus_one", "GitHub, olsrr#213: MSE of the table of variances")
def one_degree_of_freedom(d: Data) -> Any:
    """The sum was divided by n - 1."""
    return (d.error**2).sum() / (len(d.error) - 1)


@value("mse", "square_of_mean|mean_before_square", "Stack Overflow: Mean squared error in NumPy, np.mean(a - b)**2")
def mean_before_square(d: Data) -> Any:
    """The mean of the errors was squared, not the mean of the squares taken."""
    return d.error.mean() ** 2


@value("mse", "variance_for_mean", "Cross Validated: Is the MSE the variance of the residuals?")
def variance_of_errors(d: Data) -> Any:
    """The variance of the errors was taken, which leaves out their mean."""
    return d.error.var()


@value("mse", "mean_of_batch_means", "PyTorch forum: How is the loss for an epoch reported?")
def mean_over_batches(d: Data) -> Any:
    """The means of the batches were averaged, though the last batch is shorter."""
    return np.mean([batch.mean() for batch in d.batches(d.error**2)])


@value("mse", "sum_of_batch_means", "PyTorch forum: running_loss += loss.item() without a division")
def running_loss(d: Data) -> Any:
    """The means of the batches were added up and not divided by their number."""
    return sum(batch.mean() for batch in d.batches(d.error**2))


@value("mse", "batch_means_over_samples", "androidkt: How to calculate running loss, without * inputs.size(0)")
def running_loss_over_samples(d: Data) -> Any:
    """The means of the batches were added up and divided by the number of samples, which divides twice."""
    return sum(batch.mean() for batch in d.batches(d.error**2)) / len(d.error)


@value("mse", "last_batch|last_batch_alone", "PyTorch forum: print(loss.item()) after the loop over the batches")
def loss_of_the_last_batch(d: Data) -> Any:
    """Only the loss of the last batch was reported."""
    return d.batches(d.error**2)[-1].mean()


@value("mse", "last_batch_dropped", "PyTorch documentation, DataLoader: drop_last=True")
def short_batch_dropped(d: Data) -> Any:
    """The last, shorter batch was left out."""
    whole = len(d.error) // d.batch * d.batch
    return (d.error[:whole] ** 2).mean()


@value("mse", "factor_of_batch_size|multiplied_by_batch_size", "openillumi: Why you must multiply by the batch size")
def times_batch_size(d: Data) -> Any:
    """The mean was multiplied by the batch size and not divided by it again."""
    return (d.error**2).mean() * d.batch


@value("mse", "divided_twice", "GitHub, jinglescode#13: loss divided by the batch size twice")
def divided_again(d: Data) -> Any:
    """The mean was divided by the number of samples once more."""
    return (d.error**2).mean() / len(d.error)


@value("mse", "predictions_rounded", "Stack Overflow: MSE of predictions cast to int")
def whole_predictions(d: Data) -> Any:
    """The predictions were rounded to whole numbers first."""
    return ((np.round(d.input) - d.target) ** 2).mean()


@value(
    "mse/columns",
    "summed_over_classes|divided_by_samples|batchmean_for_mean",
    "PyTorch examples#234: VAE, sum over pixels",
)
def divided_by_rows(d: Data) -> Any:
    """The sum was divided by the number of rows, not by the number of elements."""
    return (d.error**2).sum() / len(d.error)


@value("mse/columns", "last_axis_first", "Keras 2: reduction SUM over the mean of the last axis")
def rows_averaged_then_added(d: Data) -> Any:
    """Each row was averaged, and the rows were added up."""
    return (d.error**2).mean(axis=1).sum()


@value("mse/columns", "norms|rmse_of_rows", "fast.ai forum: mse with np.linalg.norm")
def mean_of_lengths(d: Data) -> Any:
    """The length of each row's error was taken, not its square, and then their mean."""
    return np.linalg.norm(d.error, axis=1).mean()


@value("l1", "mse_computed", "Course homework: regression, MAE asked and MSE handed in")
def squared_for_absolute(d: Data) -> Any:
    """The errors were squared: this is the mean squared error."""
    return (d.error**2).mean()


@value("l1", "abs_left_out|mean_error", "Stack Overflow: negative mean absolute error, np.mean(y - pred)")
def signed_errors(d: Data) -> Any:
    """The absolute value was left out: errors of opposite sign cancel."""
    return d.error.mean()


@value("l1", "abs_of_mean|mean_before_abs", "Stack Overflow: np.abs(np.mean(y - pred)) for MAE")
def absolute_of_mean(d: Data) -> Any:
    """The absolute value was taken of the mean, not of each error."""
    return abs(d.error.mean())


@value("l1", "median_for_mean", "scikit-learn documentation: median_absolute_error")
def median(d: Data) -> Any:
    """The median was taken in place of the mean."""
    return np.median(np.abs(d.error))


@value("l1", "rmse_computed|root_of_mean_square", "Kaggle discussion: MAE and RMSE differ")
def rms_for_absolute(d: Data) -> Any:
    """The root of the mean square was taken: this is the RMSE."""
    return np.sqrt((d.error**2).mean())


@value("l1", "half", "Deep3DFaceReconstruction#147: a factor 1/2 of the loss")
def halved(d: Data) -> Any:
    """The mean was halved, as if it were the square."""
    return np.abs(d.error).mean() / 2


@value(
    "l1/columns",
    "summed_over_classes|divided_by_samples|batchmean_for_mean",
    "SSD, smooth_l1 summed over the coordinates of a box",
)
def coordinates_added(d: Data) -> Any:
    """The sum was divided by the number of rows, not by the number of elements."""
    return np.abs(d.error).sum(axis=1).mean()


@value("l1/zeros", "zero_targets_left_out", "LibCity#219: masked MAE of traffic forecasting, true 0 is missing")
def zeros_masked(d: Data) -> Any:
    """Rows whose target is 0 were left out."""
    return np.abs(d.error[d.target != 0]).mean()


@value("l1/column", "broadcast", "GitHub, DeepProtein#1: target size (N) is different to input size (N, 1)")
def network_of_one_output(d: Data) -> Any:
    """Predictions (N, 1) met targets (N): every prediction was compared with every target."""
    return np.abs(d.input - d.target).mean()


@value("rmse", "root_left_out|mse_computed", "GitHub, fastai/fastbook#473: rmse is mse")
def square_reported(d: Data) -> Any:
    """The root was not taken."""
    return (d.error**2).mean()


@value(
    "rmse",
    "l1_computed|root_of_each_element|root_of_each_sample",
    "GitHub, facebookresearch/sparsh#9: RMSE Calculation",
)
def mean_of_roots(d: Data) -> Any:
    """The root of each square was taken before the mean: this is the mean absolute error."""
    return np.sqrt(d.error**2).mean()


@value(
    "rmse",
    "mean_of_batch_means|mean_of_batch_roots|mean_of_batch_losses",
    "GitHub, chaoshangcs/GTS#7: Problem of RMSE calculation",
)
def mean_of_batch_roots(d: Data) -> Any:
    """The RMSEs of the batches were averaged."""
    return np.mean([np.sqrt(batch.mean()) for batch in d.batches(d.error**2)])


@value(
    "rmse",
    "batch_means_over_samples|batch_roots_over_samples|batch_losses_over_samples",
    "GitHub, keras#1170: model.evaluate with 'rmse'",
)
def batch_roots_over_samples(d: Data) -> Any:
    """The RMSEs of the batches were added up and divided by the number of samples."""
    return sum(np.sqrt(batch.mean()) for batch in d.batches(d.error**2)) / len(d.error)


@value("rmse", "root_of_sum|sum_for_mean|norms", "DataScienceSpecialization/courses#119: corrected RMSE code")
def root_of_sum(d: Data) -> Any:
    """The root of the sum of squares was taken, not that of their mean."""
    return np.sqrt((d.error**2).sum())


@value("rmse", "divided_outside_the_root", "Stack Overflow: RMSE in Python, sqrt(sum) / n")
def divided_outside(d: Data) -> Any:
    """The sum was divided by n after the root, not under it."""
    return np.sqrt((d.error**2).sum()) / len(d.error)


@value("rmse", "n_minus_one", "Cross Validated: RMSE and the residual standard error")
def residual_standard_error(d: Data) -> Any:
    """The sum of the squares was divided by n - 1."""
    return np.sqrt((d.error**2).sum() / (len(d.error) - 1))


@value("rmse", "divided_by_range|normalised_by_range", "Wikipedia, Root mean square deviation: normalised by the range")
def normalised_by_range(d: Data) -> Any:
    """The RMSE was divided by the range of the targets."""
    return np.sqrt((d.error**2).mean()) / np.ptp(d.target)


@value("rmse", "variance_for_mean|deviation_for_root", "Cross Validated: RMSE and standard deviation of residuals")
def standard_deviation(d: Data) -> Any:
    """The standard deviation of the errors was taken, which leaves out their mean."""
    return d.error.std()


@value(
    "rmse/columns",
    "root_of_each_column|convention_sklearn",
    "scikit-learn: mean_squared_error(squared=False) of many outputs",
)
def mean_of_columns(d: Data) -> Any:
    """The root of each column's mean was taken, then the mean of these roots."""
    return np.sqrt((d.error**2).mean(axis=0)).mean()


@value("rmse/columns", "root_of_each_sample", "GitHub, evidentlyai/evidently#641: RMSE is wrong")
def mean_of_rows(d: Data) -> Any:
    """The root of each row's mean was taken, then the mean of these roots."""
    return np.sqrt((d.error**2).mean(axis=1)).mean()
