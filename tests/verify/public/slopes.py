"""Wrong gradients with respect to the input, as homework and hand-written backward passes have them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, distance, picked, sigmoid, slope, softmax


def _pulled(d: Data, p: Any = None) -> Any:
    """softmax - one-hot, the slope of cross-entropy of each row."""
    return (d.p if p is None else p) - d.hot


@slope(
    "cross_entropy", "mean_missing|gradient_of_sum|constant_ratio", "CS231n, assignment 1: dW /= num_train forgotten"
)
def not_divided(d: Data) -> Any:
    """The gradient was not divided by the number of samples."""
    return _pulled(d)


@slope("cross_entropy", "mean_twice|constant_ratio", "CS231n, assignment 2: dscores /= N twice")
def divided_twice(d: Data) -> Any:
    """The gradient was divided by the number of samples once too often."""
    return _pulled(d) / len(d.input) ** 2


@slope("cross_entropy", "one_hot_left_out", "CS231n, assignment 1: dscores[range(N), y] -= 1 forgotten")
def softmax_alone(d: Data) -> Any:
    """1 was not subtracted from the probability of the true class."""
    return d.p / len(d.input)


@slope("cross_entropy", "sign|constant_ratio", "Stack Overflow: gradient of softmax cross-entropy, y - p")
def target_minus_p(d: Data) -> Any:
    """The sign is turned round: y - p for p - y."""
    return -_pulled(d) / len(d.input)


@slope("cross_entropy", "true_class_only|other_classes_left_out", "Stack Overflow: derivative only for the true class")
def true_class_only(d: Data) -> Any:
    """Only the true class has a slope, the other classes have 0."""
    return _pulled(d) * d.hot / len(d.input)


@slope(
    "cross_entropy",
    "gradient_of_probabilities|gradient_of_probability",
    "ai.stackexchange: backpropagation through crossentropy and softmax",
)
def through_the_logarithm_alone(d: Data) -> Any:
    """The slope was taken with respect to the probabilities, not the scores: -y/p."""
    return -d.hot / d.p / len(d.input)


@slope(
    "cross_entropy", "softmax_diagonal_only|jacobian_diagonal", "fast.ai forum: Gradients for softmax are tiny (solved)"
)
def diagonal_of_the_jacobian(d: Data) -> Any:
    """Only the diagonal p(1 - p) of softmax' derivative was taken: -y(1 - p)."""
    return -d.hot * (1 - d.p) / len(d.input)


@slope("cross_entropy", "sigmoid_slope_applied|slope_of_activation_twice", "Stack Overflow: (p - y) * p * (1 - p)")
def activation_slope_again(d: Data) -> Any:
    """The slope p(1 - p) of the activation was multiplied once more."""
    return _pulled(d) * d.p * (1 - d.p) / len(d.input)


@slope("cross_entropy", "averaged_over_classes|constant_ratio", "Stack Overflow: (p - y) / p.size")
def divided_by_entries(d: Data) -> Any:
    """The gradient was divided by N·C, not by N."""
    return _pulled(d) / d.input.size


@slope("cross_entropy", "softmax_before", "GitHub, vahidk/EffectiveTensorflow#9: softmax applied twice")
def of_double_softmax(d: Data) -> Any:
    """Softmax was applied twice: the slope is taken at the probabilities, as if they were scores."""
    return _pulled(d, softmax(d.p)) / len(d.input)


@slope("cross_entropy", "predictions_times_target|product_for_difference", "Course homework: P * Y - Y")
def product_with_the_target(d: Data) -> Any:
    """P·Y - Y was taken, which is 0 but at the true class."""
    return (d.p * d.hot - d.hot) / len(d.input)


@slope("cross_entropy/weighted", "weight_forgotten", "Stack Overflow: backward of the weighted cross-entropy")
def weights_forgotten(d: Data) -> Any:
    """The class weights were not applied."""
    return _pulled(d) / len(d.input)


@slope(
    "cross_entropy/weighted",
    "divided_by_count|gradient_of_divided_by_count|constant_ratio",
    "GitHub, pytorch#8062: gradient and class weights",
)
def weighted_over_samples(d: Data) -> Any:
    """The weighted gradient was divided by the number of samples, not by the sum of their weights."""
    return d.weight[d.target][:, None] * _pulled(d) / len(d.input)


@slope(
    "cross_entropy/ignored",
    "rows_not_zeroed|ignore_index_forgotten",
    "Stack Overflow: backward with padding, mask forgotten",
)
def padding_has_a_slope(d: Data) -> Any:
    """The rows that are ignored have a slope: the mask was forgotten in the backward pass."""
    return _pulled(d) / (d.target != 0).sum()


@slope(
    "cross_entropy/ignored",
    "ignored_counted|gradient_of_ignored_counted|constant_ratio",
    "nanoGPT#334: padding in the mean",
)
def slope_over_all_rows(d: Data) -> Any:
    """The gradient was divided by the number of all rows, those that are ignored too."""
    return (d.target != 0)[:, None] * _pulled(d) / len(d.input)


@slope("mse", "half|factor_two_left_out|constant_ratio", "Coursera Machine Learning, week 1: gradient of 1/(2m)")
def without_the_two(d: Data) -> Any:
    """The factor 2 was left out, as if the loss were halved."""
    return d.error / len(d.error)


@slope("mse", "sign|gradient_of_target|constant_ratio", "Stack Overflow: gradient of the MSE, 2 (y - f) / n")
def turned(d: Data) -> Any:
    """The sign is turned round."""
    return -2 * d.error / len(d.error)


@slope("mse", "mean_missing|gradient_of_sum|constant_ratio", "Course homework: gradient of the MSE, 2 (f - y)")
def mse_not_divided(d: Data) -> Any:
    """The gradient was not divided by the number of elements."""
    return 2 * d.error


@slope("l1", "gradient_of_other_loss|mse_computed|gradient_of_mse", "Stack Overflow: derivative of the absolute error")
def slope_of_the_square(d: Data) -> Any:
    """This is the slope of the mean squared error."""
    return 2 * d.error / len(d.error)


@slope("rmse", "root_left_out|chain_rule_left_out|gradient_of_mse|constant_ratio", "Stack Overflow: gradient of RMSE")
def inner_slope(d: Data) -> Any:
    """The slope of the root was left out: this is the gradient of the mean squared error."""
    return 2 * d.error / len(d.error)


@slope("huber", "half_left_out|half_missing_below_delta", "Course homework: derivative of Huber, 2 e inside delta")
def twice_inside(d: Data) -> Any:
    """The slope is twice what it should be where |e| ≤ delta."""
    e = d.error
    return np.where(np.abs(e) <= d.delta, 2 * e, d.delta * np.sign(e)) / len(e)


@slope("huber", "delta_left_out|factor_left_out", "Stack Overflow: derivative of Huber, sign(e) outside delta")
def sign_without_delta(d: Data) -> Any:
    """Beyond delta the slope is sign(e), without the factor delta."""
    e = d.error
    return np.where(np.abs(e) <= d.delta, e, np.sign(e)) / len(e)


@slope(
    "huber",
    "sign_left_out|abs_left_out|sign_left_out_where_error_above_delta",
    "Stack Overflow: derivative of Huber, delta outside",
)
def delta_without_sign(d: Data) -> Any:
    """Beyond delta the sign was left out: large negative errors pull the wrong way."""
    e = d.error
    return np.where(np.abs(e) <= d.delta, e, d.delta) / len(e)


@slope("bce", "gradient_of_scores|gradient_of_score", "Course homework: logistic regression, dL/dz given as dL/dp")
def with_respect_to_the_score(d: Data) -> Any:
    """The slope was taken with respect to the score, not the probability: p - y."""
    return (d.input - d.target) / len(d.input)


@slope("bce", "no_term_left_out|term_left_out", "Stack Overflow: derivative of cross-entropy, -y/p")
def slope_of_the_yes_term(d: Data) -> Any:
    """Only the term of the yeses was differentiated: rows whose target is 0 have no slope."""
    return -d.target / d.input / len(d.input)


@slope("bce_with_logits", "target_left_out", "Course homework: logistic regression, p for p - y")
def target_forgotten(d: Data) -> Any:
    """The target was not subtracted."""
    return d.p / len(d.input)


@slope(
    "bce_with_logits",
    "sigmoid_slope_applied|slope_of_activation_twice",
    "Stack Overflow: backpropagation, error * p * (1 - p)",
)
def sigmoid_slope_applied(d: Data) -> Any:
    """The slope p(1 - p) of the sigmoid was multiplied, which cross-entropy cancels."""
    return (d.p - d.target) * d.p * (1 - d.p) / len(d.input)


@slope("bce_with_logits", "sigmoid_before", "Stack Overflow: sigmoid applied twice in the backward pass")
def of_double_sigmoid(d: Data) -> Any:
    """A sigmoid was applied to the probabilities again."""
    return (sigmoid(d.p) - d.target) / len(d.input)


@slope("hinge", "mask_left_out|clamp_left_out", "Course homework: SVM, the margin not asked in the gradient")
def mask_forgotten(d: Data) -> Any:
    """Rows beyond the margin have a slope: the condition was left out."""
    return -d.target / len(d.input)


@slope("squared_hinge", "half|factor_two_left_out|constant_ratio", "stdlib#13111: a factor 2 is missing")
def squared_without_two(d: Data) -> Any:
    """The factor 2 was left out."""
    return -d.target * np.maximum(0, 1 - d.target * d.input) / len(d.input)


def _lacking(d: Data) -> Any:
    lacking = (d.input - picked(d.input, d.target)[:, None] + 1 > 0).astype(float)
    lacking[np.arange(len(lacking)), d.target] = 0
    return lacking


@slope(
    "multi_margin", "true_class_slope_left_out|one_hot_left_out", "CS231n, assignment 1: dW[:, y[i]] -= X[i] forgotten"
)
def true_class_without_slope(d: Data) -> Any:
    """The true class has no slope: the number of classes that lack was not subtracted."""
    return _lacking(d) / d.input.size


@slope(
    "multi_margin", "true_class_subtracted_once|count_left_out", "CS231n, assignment 1: subtracted once, not per class"
)
def subtracted_once(d: Data) -> Any:
    """1 was subtracted at the true class, not the number of classes that lack."""
    return (_lacking(d) - d.hot) / d.input.size


@slope(
    "multi_margin",
    "summed_over_classes|constant_ratio|divisor_left_out",
    "CS231n, assignment 1: the loss is not divided by the classes",
)
def of_the_course(d: Data) -> Any:
    """The gradient was not divided by the number of classes."""
    lacking = _lacking(d)
    return (lacking - d.hot * lacking.sum(axis=1, keepdims=True)) / len(d.input)


@slope("kl_div", "gradient_of_probabilities|gradient_of_probability", "PyTorch forum: gradient of KLDivLoss, -t/p")
def over_the_probability(d: Data) -> Any:
    """The slope was taken with respect to the probabilities, not their logarithms: -t/p."""
    return -d.target / np.exp(d.input) / len(d.input)


@slope(
    "triplet_margin", "squared_distances|root_left_out", "Course homework: FaceNet, gradient 2 (negative - positive)"
)
def of_squared_distances(d: Data) -> Any:
    """The slope is that of the squared distances."""
    near, far = distance(d.anchor, d.positive) ** 2, distance(d.anchor, d.negative) ** 2
    return 2 * (near - far + d.margin > 0)[:, None] * (d.negative - d.positive) / len(d.anchor)


@slope("poisson_nll", "exp_left_out", "Course homework: Poisson regression, slope 1 - y")
def exponential_left_out(d: Data) -> Any:
    """The exponential was left out of the slope: 1 - y for exp(x) - y."""
    return (1 - d.target) / len(d.target)


@slope(
    "log_cosh", "tanh_left_out|gradient_of_other_loss|mse_computed + half", "Course homework: derivative of log cosh"
)
def error_for_tanh(d: Data) -> Any:
    """The error was taken in place of its tanh: this is the slope of half the squared error."""
    return d.error / len(d.error)
