"""Wrong values of bce and bce_with_logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, sigmoid, softmax, value


def _p_t(p: Any, t: Any) -> Any:
    return np.where(t == 1, p, 1 - p)


@value("bce", "sign", "Course homework: logistic regression, the cost comes out negative")
def minus_forgotten(d: Data) -> Any:
    """The sign is turned round."""
    return -binary(d.input, d.target).mean()


@value("bce", "log_base_2", "PyTorch forum: Manual calculation of binary cross entropy with logits")
def bits(d: Data) -> Any:
    """The logarithm has base 2."""
    return binary(d.input, d.target).mean() / np.log(2)


@value("bce", "log_base_10", "Stack Overflow: log loss in Excel, LOG has base 10")
def decimal(d: Data) -> Any:
    """The logarithm has base 10."""
    return binary(d.input, d.target).mean() / np.log(10)


@value("bce", "sum_for_mean", "Course homework: logistic regression, the cost grows with the data")
def not_averaged(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return binary(d.input, d.target).sum()


@value("bce", "target_flipped|complement", "Kaggle discussion: predict_proba[:, 0] taken for the yes")
def other_column(d: Data) -> Any:
    """The probability of a no was taken for that of a yes."""
    return binary(1 - d.input, d.target).mean()


@value("bce", "sigmoid_twice", "GitHub, itakurah/focal-loss-pytorch#5: sigmoid applied twice")
def sigmoid_again(d: Data) -> Any:
    """A sigmoid was applied to what already are probabilities."""
    return binary(sigmoid(d.input), d.target).mean()


@value("bce", "mse_computed|brier_computed", "Course homework: logistic regression with the squared error")
def squared(d: Data) -> Any:
    """The squared error was taken, not the cross-entropy."""
    return ((d.input - d.target) ** 2).mean()


@value("bce", "thresholded", "GitHub, scikit-learn#17399: log_loss of predict instead of predict_proba")
def hardened(d: Data) -> Any:
    """The probabilities were rounded to 0 and 1 first, and cut off at 1e-15."""
    return binary(np.clip(np.round(d.input), 1e-15, 1 - 1e-15), d.target).mean()


@value("bce/signs", "minus_one_for_zero", "PyTorch forum: BCELoss with targets of -1 and 1")
def targets_of_signs(d: Data) -> Any:
    """The targets were -1 and 1, where 0 and 1 are meant."""
    return binary(d.input, d.target).mean()


@value("bce/sure", "clipped_at_0.025", "Kaggle, Dogs vs Cats: np.clip(p, 0.025, 0.975) before the log loss")
def clipped(d: Data) -> Any:
    """The probabilities were cut off at 0.025 and 0.975."""
    return binary(np.clip(d.input, 0.025, 0.975), d.target).mean()


@value("bce", "parentheses_left_out|term_left_out", "Stack Overflow: y * log(p) + 1 - y * log(1 - p)")
def parentheses(d: Data) -> Any:
    """The parentheses of (1 - y) were left out."""
    return -(d.target * np.log(d.input) + 1 - d.target * np.log(1 - d.input)).mean()


@value("bce", "log1p_for_log|one_minus_left_out|sign_of_*", "Stack Overflow: np.log1p(p) for np.log(1 - p)")
def log_of_one_plus(d: Data) -> Any:
    """log(1 + p) was taken where log(1 - p) is meant."""
    return -(d.target * np.log(d.input) + (1 - d.target) * np.log1p(d.input)).mean()


@value("bce", "divided_by_positives", "RetinaNet and its ports: normalised by the number of positives")
def over_positives(d: Data) -> Any:
    """The sum was divided by the number of positives."""
    return binary(d.input, d.target).sum() / d.target.sum()


@value("bce", "class_weights", "scikit-learn: class_weight='balanced', n / (2 n_k)")
def balanced(d: Data) -> Any:
    """Each row was weighed with n / (2 · the number of its class)."""
    share = d.target.mean()
    return (binary(d.input, d.target) / np.where(d.target == 1, 2 * share, 2 * (1 - share))).mean()


@value("bce", "error_rate", "Course homework: 1 - accuracy reported as the loss")
def errors_counted(d: Data) -> Any:
    """The share of wrong predictions was reported."""
    return ((d.input > 0.5) != d.target).mean()


@value("bce", "log_left_out|l1_computed", "Course homework: logistic regression without the logarithm")
def no_logarithm(d: Data) -> Any:
    """The logarithm was left out: this is the mean of 1 - p_t."""
    return 1 - _p_t(d.input, d.target).mean()


@value(
    "bce/columns",
    "summed_over_classes|divided_by_samples|batchmean_for_mean",
    "GitHub, pytorch#9301: multi-label loss, sum or mean",
)
def labels_added(d: Data) -> Any:
    """The sum was divided by the number of rows, not by the number of elements."""
    return binary(d.input, d.target).sum() / len(d.input)


@value("bce/columns", "mean_of_batch_means", "PyTorch forum: epoch loss of a multi-label network")
def batches_of_labels(d: Data) -> Any:
    """The means of the batches were averaged, though the last batch is shorter."""
    return np.mean([batch.mean() for batch in d.batches(binary(d.input, d.target))])


@value("bce_with_logits", "sigmoid_before", "GitHub, cvg/glue-factory#89: sigmoid before BCEWithLogits")
def sigmoid_before(d: Data) -> Any:
    """A sigmoid was applied before the loss, which applies it itself."""
    return binary(sigmoid(d.p), d.target).mean()


@value("bce_with_logits/weighted", "pos_weight_on_negatives", "GitHub, pytorch#65702: pos_weight of BCEWithLogitsLoss")
def weight_on_noes(d: Data) -> Any:
    """pos_weight multiplied what a no costs, not what a yes does."""
    return (np.where(d.target == 1, 1, d.pos_weight) * binary(d.p, d.target)).mean()


@value("bce_with_logits/weighted", "pos_weight_inverse", "PyTorch forum: pos_weight = positives / negatives")
def inverse_weight(d: Data) -> Any:
    """What a yes costs was divided by pos_weight."""
    return (np.where(d.target == 1, 1 / d.pos_weight, 1) * binary(d.p, d.target)).mean()


@value("bce_with_logits/weighted", "pos_weight_on_both", "PyTorch forum: weight and pos_weight of BCEWithLogitsLoss")
def weight_on_both(d: Data) -> Any:
    """pos_weight multiplied every loss, that of a no too."""
    return d.pos_weight * binary(d.p, d.target).mean()


@value(
    "bce_with_logits/weighted", "pos_weight_forgotten", "GitHub, pytorch#5157: runs, but does not apply the weighting"
)
def weight_forgotten(d: Data) -> Any:
    """pos_weight was not applied."""
    return binary(d.p, d.target).mean()


@value(
    "bce_with_logits/weighted", "pos_weight_normalised", "TensorFlow: weighted_cross_entropy over the sum of weights"
)
def weight_normalised(d: Data) -> Any:
    """The sum was divided by the sum of the weights."""
    weights = np.where(d.target == 1, d.pos_weight, 1)
    return (weights * binary(d.p, d.target)).sum() / weights.sum()


@value(
    "bce_with_logits", "pos_weight_of_counts|class_weights", "PyTorch documentation: pos_weight = negatives / positives"
)
def weight_of_counts(d: Data) -> Any:
    """A yes was weighed with the number of noes over that of yeses, which was not asked for."""
    ratio = (1 - d.target).sum() / d.target.sum()
    return (np.where(d.target == 1, ratio, 1) * binary(d.p, d.target)).mean()


@value("bce_with_logits", "scores_taken_for_probabilities", "Keras: BinaryCrossentropy without from_logits=True")
def scores_clipped(d: Data) -> Any:
    """The raw scores were taken for probabilities and cut off at 1e-7."""
    return binary(np.clip(d.input, 1e-7, 1 - 1e-7), d.target).mean()


@value(
    "bce_with_logits/columns", "softmax_for_sigmoid|softmax_before", "AVE-ECCV18#15: MultilabelSoftMargin on softmax"
)
def softmax_over_labels(d: Data) -> Any:
    """A softmax over the labels was taken in place of the sigmoid of each."""
    return binary(softmax(d.input), d.target).mean()


@value("bce_with_logits", "target_left_out|term_left_out", "Stack Overflow: numerically stable BCE, log(1 + exp(x))")
def softplus_alone(d: Data) -> Any:
    """Only log(1 + exp x) was taken: x·y was not subtracted."""
    return np.log1p(np.exp(d.input)).mean()


@value(
    "bce_with_logits", "target_flipped|sign_of_scores", "Stack Overflow: stable BCE, log(1 + exp(-x)) and the sign of x"
)
def sign_of_scores(d: Data) -> Any:
    """The sign of the scores is turned round."""
    return binary(sigmoid(-d.input), d.target).mean()


@value("bce_with_logits", "label_smoothing_0.1", "Keras: BinaryCrossentropy(label_smoothing=0.1)")
def smoothed(d: Data) -> Any:
    """The targets were smoothed by 0.1."""
    return binary(d.p, 0.9 * d.target + 0.05).mean()


@value(
    "bce_with_logits", "active_only|positives_only", "PyTorch forum: loss[mask].mean() with the mask of the positives"
)
def mean_of_positives(d: Data) -> Any:
    """The mean was taken over the positives alone."""
    return binary(d.p, d.target)[d.target == 1].mean()
