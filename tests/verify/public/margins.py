"""Wrong values of losses with a margin on scores: the hinges, soft_margin, margin_ranking and their sisters."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, picked, relu, softmax, value


@value("hinge/noughts", "zero_for_minus_one", "Stack Overflow: hinge loss with labels 0 and 1")
def targets_of_noughts(d: Data) -> Any:
    """The targets were 0 and 1, where -1 and 1 are meant: every no costs 1."""
    return relu(1 - d.target * d.input).mean()


@value("hinge", "clamp_left_out", "Course homework: SVM, max(0, ...) forgotten")
def no_clamp(d: Data) -> Any:
    """max(0, …) was left out: rows beyond the margin count negatively."""
    return (1 - d.target * d.input).mean()


@value("hinge", "squared_hinge_computed|square", "Keras documentation: hinge and squared_hinge")
def squared(d: Data) -> Any:
    """The losses were squared: this is the squared hinge."""
    return (relu(1 - d.target * d.input) ** 2).mean()


@value("hinge", "margin_left_out|margin_0|one_left_out", "Course homework: perceptron and SVM")
def perceptron(d: Data) -> Any:
    """The margin of 1 was left out: this is the perceptron's loss."""
    return relu(-d.target * d.input).mean()


@value("hinge", "sign_of_margin|target_flipped", "Stack Overflow: hinge loss, max(0, 1 + y*f)")
def plus_for_minus(d: Data) -> Any:
    """The sign of y·f is turned round."""
    return relu(1 + d.target * d.input).mean()


@value("hinge", "active_only", "GitHub, omoindrot#55: mean over the active losses")
def violated_only(d: Data) -> Any:
    """The sum was divided by the number of losses that are not 0."""
    losses = relu(1 - d.target * d.input)
    return losses.sum() / (losses > 0).sum()


@value("hinge", "predictions_hardened|thresholded", "Wikipedia, Hinge loss: y should be the raw output, not the label")
def of_predicted_labels(d: Data) -> Any:
    """The predicted labels were taken in place of the scores: each error costs 2."""
    return relu(1 - d.target * np.sign(d.input)).mean()


@value("hinge", "clamp_after_mean|clamp_of_mean", "Stack Overflow: max(0, np.mean(1 - y * f))")
def clamp_after_mean(d: Data) -> Any:
    """max(0, …) was taken of the mean, not of each row."""
    return max(0.0, (1 - d.target * d.input).mean())


@value("hinge", "soft_margin_computed", "scikit-learn: SGDClassifier with loss='log_loss' for an SVM")
def logistic(d: Data) -> Any:
    """This is the logistic loss."""
    return np.log1p(np.exp(-d.target * d.input)).mean()


@value("squared_hinge", "half", "LIBLINEAR: L2-loss SVM with C/2")
def halved(d: Data) -> Any:
    """The mean was halved."""
    return (relu(1 - d.target * d.input) ** 2).mean() / 2


@value("squared_hinge", "square_left_out|hinge_computed", "Keras documentation: hinge and squared_hinge")
def not_squared(d: Data) -> Any:
    """The losses were not squared: this is the hinge."""
    return relu(1 - d.target * d.input).mean()


@value("squared_hinge", "clamp_left_out|mse_computed", "Course homework: (1 - y * f)**2")
def squares_of_all(d: Data) -> Any:
    """max(0, …) was left out: rows beyond the margin cost too."""
    return ((1 - d.target * d.input) ** 2).mean()


@value("squared_hinge", "square_of_mean|hinge_computed + square", "Stack Overflow: np.mean(np.maximum(0, m))**2")
def mean_squared(d: Data) -> Any:
    """The mean of the hinge losses was squared, not each of them."""
    return relu(1 - d.target * d.input).mean() ** 2


@value("squared_hinge", "square_misplaced|power_misplaced", "Stack Overflow: np.maximum(0, 1 - (y * f)**2)")
def product_squared(d: Data) -> Any:
    """y·f was squared, not what it lacks to 1."""
    return relu(1 - (d.target * d.input) ** 2).mean()


@value("soft_margin", "log_base_2", "Wikipedia, Loss functions for classification: logistic loss over log 2")
def bits(d: Data) -> Any:
    """The logarithm has base 2."""
    return np.log2(1 + np.exp(-d.target * d.input)).mean()


@value("soft_margin", "sign_of_margin|target_flipped", "Stack Overflow: SoftMarginLoss by hand, log(1 + exp(y*x))")
def plus_in_the_exponent(d: Data) -> Any:
    """The sign of the exponent is turned round."""
    return np.log1p(np.exp(d.target * d.input)).mean()


@value("soft_margin", "log_left_out", "Cross Validated: exponential loss of AdaBoost")
def exponential(d: Data) -> Any:
    """log(1 + …) was left out: this is the exponential loss."""
    return np.exp(-d.target * d.input).mean()


@value("soft_margin", "hinge_computed", "PyTorch forum: SoftMarginLoss and HingeLoss")
def hinge_for_soft(d: Data) -> Any:
    """This is the hinge loss."""
    return relu(1 - d.target * d.input).mean()


@value("soft_margin", "one_kept|one_added", "Stack Overflow: log(1 + exp(1 - y*x))")
def margin_in_the_exponent(d: Data) -> Any:
    """A margin of 1 was added in the exponent."""
    return np.log1p(np.exp(1 - d.target * d.input)).mean()


@value("hinge_embedding", "margin_forgotten|margin_1", "GitHub, pytorch#1378: margin in HingeEmbeddingLoss")
def margin_of_one(d: Data) -> Any:
    """margin was left at 1."""
    return np.where(d.target == 1, d.input, relu(1 - d.input)).mean()


@value("hinge_embedding", "clamp_left_out", "PyTorch forum: HingeEmbeddingLoss by hand")
def distances_beyond(d: Data) -> Any:
    """max(0, …) was left out: pairs beyond the margin count negatively."""
    return np.where(d.target == 1, d.input, d.margin - d.input).mean()


@value("hinge_embedding", "target_flipped", "PyTorch forum: siamese network, 1 for different pairs")
def same_and_different(d: Data) -> Any:
    """Same and different pairs are exchanged."""
    return np.where(d.target == 1, relu(d.margin - d.input), d.input).mean()


@value("hinge_embedding", "squared_distances|squares", "GitHub, siamese-triplet#46: Implementation of Contrastive Loss")
def contrastive_for_hinge(d: Data) -> Any:
    """Both branches were squared, as in the contrastive loss."""
    return np.where(d.target == 1, d.input**2, relu(d.margin - d.input) ** 2).mean()


@value("margin_ranking", "target_flipped|input1_and_input2_swapped", "Knowledge-Graph-Analysis-Programming-Exercises#1")
def order_exchanged(d: Data) -> Any:
    """The two inputs are exchanged, or the sign of the target."""
    return relu(d.target * (d.input1 - d.input2) + d.margin).mean()


@value(
    "margin_ranking", "margin_forgotten|margin_0", "PyTorch documentation, MarginRankingLoss: margin is 0 by default"
)
def no_margin(d: Data) -> Any:
    """The margin was left at 0."""
    return relu(-d.target * (d.input1 - d.input2)).mean()


@value("margin_ranking", "margin_subtracted|sign_of_margin", "Stack Overflow: ranking loss, - margin for + margin")
def margin_subtracted(d: Data) -> Any:
    """The margin was subtracted, not added."""
    return relu(-d.target * (d.input1 - d.input2) - d.margin).mean()


@value("margin_ranking", "zero_for_minus_one", "GitHub, seathiefwang/RankPose#4: labels only have value 0 or 1")
def labels_of_noughts(d: Data) -> Any:
    """The targets were 0 and 1, where -1 and 1 are meant: every 0 costs the margin."""
    return relu(np.where(d.target == 1, d.input2 - d.input1, 0) + d.margin).mean()


@value(
    "margin_ranking", "clamp_after_mean|clamp_of_mean", "GitHub, NTMC-Community/MatchZoo-py#159: mean before the margin"
)
def clamp_of_mean(d: Data) -> Any:
    """max(0, …) was taken of the mean, not of each pair."""
    return max(0.0, (-d.target * (d.input1 - d.input2) + d.margin).mean())


@value("margin_ranking", "active_only", "Learning to rank: mean over the violated pairs")
def violated_pairs(d: Data) -> Any:
    """The sum was divided by the number of losses that are not 0."""
    losses = relu(-d.target * (d.input1 - d.input2) + d.margin)
    return losses.sum() / (losses > 0).sum()


def _margins(d: Data) -> Any:
    """What each class lacks, the true one too, whose is the margin itself."""
    return relu(d.input - picked(d.input, d.target)[:, None] + 1)


@value(
    "multi_margin",
    "summed_over_classes|divisor_left_out",
    "CS231n, assignment 1: svm_loss_vectorized sums over the classes",
)
def not_divided_by_classes(d: Data) -> Any:
    """The sum over the classes was not divided by their number."""
    return (_margins(d).sum(axis=1) - 1).mean()


@value("multi_margin", "true_class_counted", "PyTorch forum: MultiMarginLoss by hand, j == y not skipped")
def true_class_counted(d: Data) -> Any:
    """The true class was counted: it costs the margin in every row."""
    return _margins(d).mean()


@value(
    "multi_margin", "true_class_counted + summed_over_classes", "CS231n notes: what if the sum were over all classes?"
)
def course_without_skip(d: Data) -> Any:
    """The true class was counted, and the sum not divided by the number of classes: it is larger by 1."""
    return _margins(d).sum(axis=1).mean()


@value("multi_margin", "margin_left_out|margin_0", "CS231n, assignment 1: delta forgotten")
def delta_left_out(d: Data) -> Any:
    """The margin was left out."""
    return relu(d.input - picked(d.input, d.target)[:, None]).mean()


@value(
    "multi_margin", "max_for_sum|categorical_hinge_computed|max_for_mean", "Crammer and Singer: the worst class alone"
)
def worst_class(d: Data) -> Any:
    """The largest lack was taken, not the sum over the classes."""
    lacks = _margins(d)
    lacks[np.arange(len(lacks)), d.target] = 0
    return lacks.max(axis=1).mean()


@value("multi_margin", "sign_of_margin|sign_of_*", "CS231n, assignment 1: correct score minus scores")
def difference_turned(d: Data) -> Any:
    """The score of the true class was not subtracted from the others, but they from it."""
    lacks = relu(picked(d.input, d.target)[:, None] - d.input + 1)
    lacks[np.arange(len(lacks)), d.target] = 0
    return lacks.mean()


@value("multi_margin", "p_2", "CS231n notes: the squared hinge (L2-SVM)")
def squared_lacks(d: Data) -> Any:
    """The lacks were squared, as with p = 2."""
    return ((_margins(d) ** 2).sum(axis=1) - 1).mean() / d.c


@value("multi_margin", "divided_by_others", "Stack Overflow: MultiMarginLoss divides by C, not C - 1")
def over_other_classes(d: Data) -> Any:
    """The sum was divided by C - 1, not by C."""
    return (_margins(d).sum(axis=1) - 1).mean() / (d.c - 1)


@value("multi_margin", "softmax_before", "PyTorch forum: MultiMarginLoss on softmax outputs")
def softmax_before(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which wants them raw."""
    p = softmax(d.input)
    return (relu(p - picked(p, d.target)[:, None] + 1).sum(axis=1) - 1).mean() / d.c


@value("multi_margin", "sum_for_mean", "CS231n, assignment 1: loss /= num_train forgotten")
def rows_added(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return (_margins(d).sum(axis=1) - 1).sum() / d.c


@value(
    "categorical_hinge",
    "true_class_counted|factor_left_out",
    "Stack Overflow: Keras categorical_hinge by hand, np.max(y_pred)",
)
def true_class_in_the_maximum(d: Data) -> Any:
    """The true class took part in the maximum of the others."""
    return relu(d.input.max(axis=1) - picked(d.input, d.target) + 1).mean()


@value("categorical_hinge", "multi_margin_computed + summed_over_classes|sum_for_max", "CS231n and Keras hinge differ")
def sum_over_classes(d: Data) -> Any:
    """The sum over the other classes was taken, not the largest."""
    return (_margins(d).sum(axis=1) - 1).mean()


@value("categorical_hinge", "margin_left_out|one_left_out", "Course homework: multiclass SVM, + 1 forgotten")
def one_left_out(d: Data) -> Any:
    """The margin of 1 was left out."""
    others = np.where(d.hot == 1, 0, d.input).max(axis=1)
    return relu(others - picked(d.input, d.target)).mean()


@value("categorical_hinge", "mean_for_max", "Stack Overflow: categorical_hinge, K.mean for K.max")
def mean_of_others(d: Data) -> Any:
    """The mean of the other scores was taken, not the largest."""
    others = np.where(d.hot == 1, 0, d.input).mean(axis=1)
    return relu(others - picked(d.input, d.target) + 1).mean()


@value("categorical_hinge", "softmax_before", "Stack Overflow: categorical_hinge after a softmax layer")
def hinge_of_probabilities(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which wants them raw."""
    others = np.where(d.hot == 1, 0, d.p).max(axis=1)
    return relu(others - picked(d.p, d.target) + 1).mean()
