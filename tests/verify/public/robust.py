"""Wrong values of losses with branches or options: huber, smooth_l1, log_cosh, quantile, and the likelihoods."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, value


def _line(d: Data, delta: float) -> Any:
    return delta * (np.abs(d.error) - delta / 2)


@value("huber", "half_left_out|half_missing_below_delta", "Course homework: Huber loss, (y - f)^2 inside delta")
def square_without_half(d: Data) -> Any:
    """The ½ of the square was left out: errors up to delta cost twice what they should."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2, _line(d, d.delta)).mean()


@value("huber", "double", "GitHub, ray#5047: factor of the Huber loss")
def both_branches_doubled(d: Data) -> Any:
    """Both branches are twice what they should be."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2, 2 * _line(d, d.delta)).mean()


@value(
    "huber", "offset_left_out|term_left_out", "GitHub, tum-vision/lsd_slam#120: is the huber norm calculation right?"
)
def offset_forgotten(d: Data) -> Any:
    """Beyond delta, ½ delta² was not subtracted: the branches do not meet."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2 / 2, d.delta * np.abs(d.error)).mean()


@value("huber", "delta_left_out|factor_left_out", "GitHub, PaddlePaddle/Paddle#44019: huber loss doc error")
def line_without_delta(d: Data) -> Any:
    """Beyond delta, the absolute error was not multiplied by delta."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2 / 2, np.abs(d.error) - d.delta**2 / 2).mean()


@value(
    "huber",
    "half_delta_for_delta_squared|exponent_left_out|parentheses_left_out",
    "Stack Overflow: Huber, delta*|e| - 0.5*delta",
)
def offset_not_squared(d: Data) -> Any:
    """Beyond delta, ½ delta was subtracted, not ½ delta²."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2 / 2, d.delta * np.abs(d.error) - d.delta / 2).mean()


@value(
    "huber", "abs_left_out_of_condition|abs_left_out", "GitHub, marlbenchmark/on-policy#47: confused about huber_loss"
)
def negative_errors_cost_nothing(d: Data) -> Any:
    """The second branch asked for e > delta, not |e| > delta: large negative errors cost nothing."""
    near, far = np.abs(d.error) <= d.delta, d.error > d.delta
    return (near * d.error**2 / 2 + far * _line(d, d.delta)).mean()


@value("huber", "abs_left_out_of_condition|abs_left_out", "Stack Overflow: np.where(y - pred < delta, ...)")
def condition_without_abs(d: Data) -> Any:
    """The condition was e < delta, not |e| < delta: all negative errors were squared."""
    return np.where(d.error < d.delta, d.error**2 / 2, _line(d, d.delta)).mean()


@value("huber", "smooth_l1_computed|divided_by_delta", "GitHub, pytorch#48595: HuberLoss and SmoothL1Loss")
def smooth_for_huber(d: Data) -> Any:
    """This is smooth L1 with beta = delta, which is Huber divided by delta."""
    return np.where(np.abs(d.error) <= d.delta, d.error**2 / 2 / d.delta, np.abs(d.error) - d.delta / 2).mean()


@value(
    "huber", "delta_forgotten|delta_1|smooth_l1_computed", "GitHub, huggingface/diffusers#7488: delta of the Huber loss"
)
def delta_of_one(d: Data) -> Any:
    """delta was left at 1."""
    return np.where(np.abs(d.error) <= 1, d.error**2 / 2, np.abs(d.error) - 0.5).mean()


@value("huber", "branches_exchanged", "Course homework: np.where with its last arguments exchanged")
def branches_exchanged(d: Data) -> Any:
    """The two branches stand in each other's place."""
    return np.where(np.abs(d.error) <= d.delta, _line(d, d.delta), d.error**2 / 2).mean()


@value("huber", "one_branch_everywhere|mse_computed + half", "Course homework: Huber loss, the second branch forgotten")
def square_everywhere(d: Data) -> Any:
    """The branch of the square was taken everywhere."""
    return (d.error**2).mean() / 2


@value("huber", "pseudo_huber_computed", "Wikipedia, Huber loss: Pseudo-Huber loss function")
def pseudo(d: Data) -> Any:
    """This is the pseudo-Huber loss, a smooth approximation."""
    return (d.delta**2 * (np.sqrt(1 + (d.error / d.delta) ** 2) - 1)).mean()


@value("huber", "sum_for_mean", "GitHub, borgwang/tinynn#26: About Huber Loss")
def huber_added(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return np.where(np.abs(d.error) < d.delta, d.error**2 / 2, _line(d, d.delta)).sum()


@value("smooth_l1", "huber_computed", "GitHub, torch/nn#579: Smooth L1 loss vs Huber loss")
def huber_for_smooth(d: Data) -> Any:
    """This is Huber with delta = beta, which is smooth L1 times beta."""
    return np.where(np.abs(d.error) <= d.beta, d.error**2 / 2, _line(d, d.beta)).mean()


@value("smooth_l1", "torn_at_beta", "GitHub, pytorch#17447: review of SmoothL1Loss with beta")
def only_the_threshold_moved(d: Data) -> Any:
    """beta only moved the threshold: the branches do not meet."""
    return np.where(np.abs(d.error) < d.beta, d.error**2 / 2, np.abs(d.error) - 0.5).mean()


@value("smooth_l1", "sigma_for_beta", "GitHub, xuannianz/EfficientDet#93: about smooth L1 loss")
def sigma_of_fast_rcnn(d: Data) -> Any:
    """beta was taken for Fast R-CNN's sigma, of which beta is 1/sigma²."""
    square = d.beta**2
    return np.where(np.abs(d.error) < 1 / square, square * d.error**2 / 2, np.abs(d.error) - 0.5 / square).mean()


@value("smooth_l1", "beta_forgotten|beta_1|huber_computed", "PyTorch documentation, SmoothL1Loss: beta is 1 by default")
def beta_of_one(d: Data) -> Any:
    """beta was left at 1."""
    return np.where(np.abs(d.error) < 1, d.error**2 / 2, np.abs(d.error) - 0.5).mean()


@value("smooth_l1", "half_left_out|half_missing_below_beta", "Stack Overflow: smooth L1 in Keras")
def smooth_without_half(d: Data) -> Any:
    """The ½ of the square was left out."""
    return np.where(np.abs(d.error) < d.beta, d.error**2 / d.beta, np.abs(d.error) - d.beta / 2).mean()


@value("smooth_l1", "offset_left_out|term_left_out", "Course homework: object detection, smooth L1")
def smooth_without_offset(d: Data) -> Any:
    """Beyond beta, beta/2 was not subtracted."""
    return np.where(np.abs(d.error) < d.beta, d.error**2 / 2 / d.beta, np.abs(d.error)).mean()


@value(
    "smooth_l1",
    "division_by_beta_left_out|factor_left_out|divisor_left_out",
    "Stack Overflow: smooth L1 with beta, 0.5 * e**2",
)
def square_not_divided(d: Data) -> Any:
    """The square was not divided by beta, though the line was lowered by beta/2."""
    return np.where(np.abs(d.error) < d.beta, d.error**2 / 2, np.abs(d.error) - d.beta / 2).mean()


@value(
    "smooth_l1/columns",
    "summed_over_classes|divided_by_samples|batchmean_for_mean",
    "SSD: the loss of the boxes over the matched boxes",
)
def boxes(d: Data) -> Any:
    """The sum was divided by the number of rows, not by the number of elements."""
    return np.where(np.abs(d.error) < 1, d.error**2 / 2, np.abs(d.error) - 0.5).sum() / len(d.error)


@value("log_cosh", "half_left_out|constant_offset|two_left_out", "Stack Overflow: log cosh as log(exp(x) + exp(-x))")
def half_of_cosh_forgotten(d: Data) -> Any:
    """The ½ of cosh was left out: every loss is log 2 too large."""
    return np.log(np.exp(d.error) + np.exp(-d.error)).mean()


@value("log_cosh", "log_left_out", "Course homework: robust regression, cosh of the error")
def cosh_alone(d: Data) -> Any:
    """The logarithm was left out."""
    return np.cosh(d.error).mean()


@value(
    "log_cosh",
    "log_of_mean|log_after_mean",
    "datascience.stackexchange: LogCosh loss on PyTorch, torch.log(mean(cosh))",
)
def logarithm_of_the_mean(d: Data) -> Any:
    """The logarithm was taken of the mean, not of each cosh."""
    return np.log(np.cosh(d.error).mean())


@value("log_cosh", "log_base_10", "Stack Overflow: log cosh with math.log10")
def decimal_cosh(d: Data) -> Any:
    """The logarithm has base 10."""
    return np.log10(np.cosh(d.error)).mean()


@value(
    "log_cosh", "one_branch_everywhere|linear_everywhere|l1_computed + constant_offset", "Keras documentation: LogCosh"
)
def line_everywhere(d: Data) -> Any:
    """The approximation for large errors, |e| - log 2, was taken everywhere."""
    return (np.abs(d.error) - np.log(2)).mean()


@value("log_cosh", "one_branch_everywhere|mse_computed + half|quadratic_everywhere", "Keras documentation: LogCosh")
def parabola_everywhere(d: Data) -> Any:
    """The approximation for small errors, e²/2, was taken everywhere."""
    return (d.error**2).mean() / 2


@value(
    "quantile",
    "quantile_swapped|input_and_target_swapped|quantile_0.1",
    "GitHub, KalleBylin/temporal-fusion-transformers#1: Quantile loss",
)
def arguments_exchanged(d: Data) -> Any:
    """Prediction and target were exchanged: this is the loss of 1 - quantile."""
    return np.maximum(d.quantile * d.error, (d.quantile - 1) * d.error).mean()


@value(
    "quantile",
    "sign_of_one_branch|abs_left_out|sign_left_out|sign_of_*",
    "GitHub, scikit-learn#6076: bug in QuantileLossFunction",
)
def sign_of_one_branch(d: Data) -> Any:
    """The sign of the second branch was not turned: predictions too high make the loss negative."""
    e = -d.error
    return np.where(e > 0, d.quantile * e, (1 - d.quantile) * e).mean()


@value("quantile", "quantile_forgotten|quantile_0.5", "LightGBM: objective quantile with alpha left out")
def median_loss(d: Data) -> Any:
    """quantile was left at 0.5."""
    return 0.5 * np.abs(d.error).mean()


@value("quantile", "l1_computed", "Course homework: quantile regression by the absolute error")
def plain_absolute(d: Data) -> Any:
    """The absolute error was taken, without the quantile."""
    return np.abs(d.error).mean()


@value("quantile", "double", "M5 competition: pinball loss and the weighted interval score, twice the pinball")
def doubled_pinball(d: Data) -> Any:
    """There is a factor 2 too much."""
    return 2 * np.maximum(-d.quantile * d.error, (1 - d.quantile) * d.error).mean()


@value("quantile", "sum_for_mean", "GitHub, ml-stat-Sustech/TorchCP#27: Pinball loss not properly implemented")
def pinball_added(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return np.maximum(-d.quantile * d.error, (1 - d.quantile) * d.error).sum()


@value("quantile", "quantile_0.95", "Stack Overflow: quantile of a 90 % interval")
def quantile_of_the_interval(d: Data) -> Any:
    """The quantile was 0.95, the upper end of an interval of 90 %, not 0.9."""
    return np.maximum(-0.95 * d.error, 0.05 * d.error).mean()


@value(
    "quantile",
    "min_for_max|branches_exchanged|input_and_target_swapped + sign",
    "Course homework: pinball loss with np.minimum",
)
def least_for_greatest(d: Data) -> Any:
    """The smaller of the two branches was taken, not the larger."""
    return np.minimum(-d.quantile * d.error, (1 - d.quantile) * d.error).mean()


@value(
    "poisson_nll", "log_input_false + mean_exp|exp_left_out|log_input_false", "PyTorch forum: PoissonNLLLoss log_input"
)
def exponential_forgotten(d: Data) -> Any:
    """The exponential of the log-rate was left out."""
    return (d.input - d.target * d.input).mean()


@value(
    "poisson_nll/rates",
    "log_input_true|log_input_forgotten",
    "PyTorch forum: PoissonNLLLoss, log_input=True by default",
)
def rates_taken_for_logs(d: Data) -> Any:
    """The rates were taken for their logarithms, as log_input=True does."""
    return (np.exp(d.input) - d.target * d.input).mean()


@value("poisson_nll", "factorial_added|full_true", "XGBoost: count:poisson and poisson-nloglik with log y!")
def factorial_added(d: Data) -> Any:
    """The logarithm of target! was added, which the loss leaves out."""
    factorials = np.array([np.log(np.arange(1, int(t) + 1)).sum() for t in d.target])
    return (np.exp(d.input) - d.target * d.input + factorials).mean()


@value("poisson_nll", "target_left_out", "Course homework: Poisson regression")
def target_left_out(d: Data) -> Any:
    """The log-rate was not multiplied by the target."""
    return (np.exp(d.input) - d.input).mean()


@value("poisson_nll", "sign", "Stack Overflow: negative log likelihood of Poisson, log-likelihood reported")
def log_likelihood(d: Data) -> Any:
    """The sign is turned round: this is the log-likelihood."""
    return (d.target * d.input - np.exp(d.input)).mean()


@value("poisson_nll", "deviance_computed", "scikit-learn: mean_poisson_deviance and the half deviance")
def deviance(d: Data) -> Any:
    """This is the deviance, twice the loss less that of a perfect prediction."""
    t, rate = d.target, np.exp(d.input)
    return 2 * (np.where(t > 0, t * (np.log(np.maximum(t, 1)) - d.input), 0) - t + rate).mean()


@value("gaussian_nll", "deviation_for_variance|root_of_variance", "GitHub, unit8co/darts#1162: std used as variance")
def deviation_passed(d: Data) -> Any:
    """The standard deviation was taken where the variance is meant."""
    sigma = np.sqrt(d.var)
    return ((np.log(sigma) + d.error**2 / sigma) / 2).mean()


@value("gaussian_nll", "full_true|constant_offset", "GitHub, pytorch#53964: the constant of GaussianNLLLoss")
def constant_kept(d: Data) -> Any:
    """The constant log(2π)/2 was added, which the loss leaves out."""
    return ((np.log(2 * np.pi * d.var) + d.error**2 / d.var) / 2).mean()


@value("gaussian_nll", "double", "Kendall and Gal, heteroscedastic loss: a repository that drops the 1/2")
def half_forgotten(d: Data) -> Any:
    """The ½ was left out of both terms."""
    return (np.log(d.var) + d.error**2 / d.var).mean()


@value(
    "gaussian_nll",
    "half_left_out|half_missing_of_log|parentheses_left_out",
    "Stack Overflow: negative log likelihood of a normal in Keras",
)
def half_of_one_term(d: Data) -> Any:
    """The ½ was left out of the logarithm."""
    return (np.log(d.var) + d.error**2 / d.var / 2).mean()


@value("gaussian_nll", "log_left_out|term_left_out|mse_computed + half", "PyTorch forum: log of the variance forgotten")
def no_log_variance(d: Data) -> Any:
    """The logarithm of the variance was left out."""
    return (d.error**2 / d.var / 2).mean()


@value("gaussian_nll", "variance_taken_for_log", "PyTorch forum: GaussianNLLLoss and a network that predicts log var")
def log_variance_expected(d: Data) -> Any:
    """The variance was taken for its logarithm."""
    return ((d.var + d.error**2 * np.exp(-d.var)) / 2).mean()


@value("gaussian_nll", "square_left_out", "Stack Overflow: heteroscedastic regression, abs error over variance")
def error_not_squared(d: Data) -> Any:
    """The error was not squared, but its size taken."""
    return ((np.log(d.var) + np.abs(d.error) / d.var) / 2).mean()
