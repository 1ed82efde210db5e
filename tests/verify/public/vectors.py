"""Wrong losses of all samples, as people keep them with reduction='none'."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, cosines, distance, nll, picked, relu, sigmoid, softmax, vector


@vector("huber", "half_left_out|half_missing_below_delta", "Course homework: Huber loss, (y - f)^2 inside delta")
def squares_without_half(d: Data) -> Any:
    """The ½ of the square was left out: twice what it should be in all rows with |e| ≤ delta, right elsewhere."""
    e = np.abs(d.error)
    return np.where(e <= d.delta, e**2, d.delta * (e - d.delta / 2))


@vector(
    "huber", "offset_left_out|term_left_out", "GitHub, tum-vision/lsd_slam#120: is the huber norm calculation right?"
)
def lines_without_offset(d: Data) -> Any:
    """½ delta² was not subtracted: too large by a constant in all rows with |e| > delta, right elsewhere."""
    e = np.abs(d.error)
    return np.where(e <= d.delta, e**2 / 2, d.delta * e)


@vector(
    "huber", "abs_left_out_of_condition|abs_left_out", "GitHub, marlbenchmark/on-policy#47: confused about huber_loss"
)
def negative_rows_cost_nothing(d: Data) -> Any:
    """The condition asked for e > delta, not |e| > delta: rows with e < -delta cost nothing."""
    e = np.abs(d.error)
    return (e <= d.delta) * e**2 / 2 + (d.error > d.delta) * d.delta * (e - d.delta / 2)


@vector("smooth_l1", "torn_at_beta", "GitHub, pytorch#17447: review of SmoothL1Loss with beta")
def torn(d: Data) -> Any:
    """beta only moved the threshold: the branches do not meet."""
    e = np.abs(d.error)
    return np.where(e < d.beta, e**2 / 2, e - 0.5)


@vector("mse", "half|constant_ratio", "MXNet: L2Loss has a factor 1/2 (ShusenTang/Dive-into-DL#97)")
def halves(d: Data) -> Any:
    """Every loss was halved."""
    return d.error**2 / 2


@vector("mse", "root|l1_computed", "GitHub, accord-net#2034: root before the mean")
def roots(d: Data) -> Any:
    """The root of each loss was taken."""
    return np.sqrt(d.error**2)


@vector("l1", "abs_left_out|sign_left_out", "Stack Overflow: residuals kept in place of absolute errors")
def residuals(d: Data) -> Any:
    """The absolute value was left out: rows whose error is negative have the wrong sign."""
    return d.error


@vector("mse", "rows_reordered", "PyTorch forum: shuffle=True when the losses of all samples were kept")
def shuffled(d: Data) -> Any:
    """The same numbers in another order of the rows."""
    return (d.error**2)[np.random.default_rng(0).permutation(len(d.error))]


@vector(
    "mse", "losses_divided_by_count|constant_ratio", "Training loops: losses of a batch divided by its size already"
)
def divided_already(d: Data) -> Any:
    """Each loss was divided by the number of samples already."""
    return d.error**2 / len(d.error)


@vector("mape", "percent|constant_ratio|convention_keras", "Keras: MeanAbsolutePercentageError is a percentage")
def percentages(d: Data) -> Any:
    """Each loss was multiplied by 100."""
    return 100 * np.abs(d.error / d.target)


@vector("quantile", "sign_of_one_branch|abs_left_out|sign_left_out|sign_of_*", "GitHub, scikit-learn#8087: Sign error")
def branch_turned(d: Data) -> Any:
    """The sign of the second branch was not turned: rows predicted too high are negative."""
    e = -d.error
    return np.where(e > 0, d.quantile * e, (1 - d.quantile) * e)


@vector("log_cosh", "half_left_out|constant_offset|two_left_out", "Stack Overflow: log(exp(x) + exp(-x))")
def offset_by_log_two(d: Data) -> Any:
    """The ½ of cosh was left out: every loss is log 2 too large."""
    return np.log(np.exp(d.error) + np.exp(-d.error))


@vector(
    "bce",
    "no_term_left_out|negatives_cost_nothing|term_left_out",
    "Stack Overflow: binary cross entropy in NumPy, -y * np.log(p)",
)
def rows_of_noes_cost_nothing(d: Data) -> Any:
    """Only y·log p was taken: rows whose target is 0 cost nothing, the others are right."""
    return -d.target * np.log(d.input)


@vector("bce", "log_base_2|constant_ratio", "PyTorch forum: Manual calculation of binary cross entropy with logits")
def rows_in_bits(d: Data) -> Any:
    """The logarithm has base 2."""
    return binary(d.input, d.target) / np.log(2)


@vector("bce_with_logits/weighted", "pos_weight_on_negatives", "GitHub, pytorch#65702: pos_weight of BCEWithLogitsLoss")
def weights_on_noes(d: Data) -> Any:
    """pos_weight multiplied what a no costs, not what a yes does."""
    return np.where(d.target == 1, 1, d.pos_weight) * binary(d.p, d.target)


@vector("bce_with_logits", "sigmoid_before", "GitHub, Turoad/lanedet#32: sigmoid before BCEWithLogits")
def rows_of_double_sigmoid(d: Data) -> Any:
    """A sigmoid was applied before the loss, which applies it itself."""
    return binary(sigmoid(d.p), d.target)


@vector(
    "focal",
    "p_not_flipped|modulator_of_p|one_branch_everywhere|branches_exchanged_where_target_is_0",
    "PyTorch forum: focal loss with (1 - p)**gamma for every row",
)
def rows_not_flipped(d: Data) -> Any:
    """The factor was (1 - p)^gamma for noes too: rows whose target is 1 are right."""
    return np.where(d.target == 1, d.alpha, 1 - d.alpha) * (1 - d.input) ** 2 * binary(d.input, d.target)


@vector("hinge", "clamp_left_out", "Course homework: SVM, max(0, ...) forgotten")
def rows_without_clamp(d: Data) -> Any:
    """max(0, …) was left out: rows whose loss is 0 are negative, the others are right."""
    return 1 - d.target * d.input


@vector("squared_hinge", "square_left_out|hinge_computed|root", "Keras documentation: hinge and squared_hinge")
def rows_not_squared(d: Data) -> Any:
    """The losses were not squared: this is the hinge."""
    return relu(1 - d.target * d.input)


@vector("cross_entropy", "softmax_before", "GitHub, tflearn#562: Double application of softmax")
def rows_of_double_softmax(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which applies it itself."""
    return nll(d.p, d.target)


@vector("cross_entropy/ignored", "ignore_index_forgotten", "GitHub, pytorch#17801: ignore_index and reduction='none'")
def ignored_rows_cost(d: Data) -> Any:
    """ignore_index was not given: rows of the label 0 should cost 0."""
    return nll(d.input, d.target)


@vector("cross_entropy/weighted", "weight_forgotten", "PyTorch forum: weight with reduction='none'")
def rows_not_weighed(d: Data) -> Any:
    """The class weights were not applied."""
    return nll(d.input, d.target)


@vector(
    "cross_entropy/weighted",
    "losses_divided_by_weights|divided_by_weights|constant_ratio",
    "PyTorch forum: reduction='none' over the weights",
)
def rows_over_mean_weight(d: Data) -> Any:
    """Each weighted loss was divided by the mean weight already."""
    w = d.weight[d.target]
    return w * nll(d.input, d.target) / w.mean()


@vector("nll", "labels_*", "GitHub, PyABSA#375: labels from 1")
def rows_of_other_labels(d: Data) -> Any:
    """The labels were taken one too low, the first for the last."""
    return -picked(d.input, (d.target - 1) % d.c)


@vector("multi_margin", "true_class_counted|constant_offset", "CS231n, assignment 1: margins[arange, y] = 0 forgotten")
def rows_with_the_true_class(d: Data) -> Any:
    """The true class was counted: every loss is too large by 1/C."""
    return relu(d.input - picked(d.input, d.target)[:, None] + 1).mean(axis=1)


@vector(
    "multi_margin", "summed_over_classes|constant_ratio|divisor_left_out", "CS231n, assignment 1: sums over the classes"
)
def rows_summed(d: Data) -> Any:
    """The sum over the classes was not divided by their number."""
    return relu(d.input - picked(d.input, d.target)[:, None] + 1).sum(axis=1) - 1


@vector("softmax_focal", "modulator_of_p_t|one_minus_left_out", "GitHub, unsky/focal-loss#14: pt and p confused")
def rows_of_wrong_modulator(d: Data) -> Any:
    """The factor was p^gamma, which plays the hard samples down."""
    p = picked(softmax(d.input), d.target)
    return -(p**2) * np.log(p)


@vector("triplet_margin", "clamp_left_out", "Stack Overflow: triplet loss becomes negative")
def rows_below_zero(d: Data) -> Any:
    """max(0, …) was left out: rows whose loss is 0 are negative, the others are right."""
    return distance(d.anchor, d.positive) - distance(d.anchor, d.negative) + d.margin


@vector("cosine_embedding", "zero_for_minus_one", "GitHub, pytorch#23782: labels 0 and 1")
def rows_of_noughts(d: Data) -> Any:
    """The targets were 0 and 1, where -1 and 1 are meant: rows of target 0 cost nothing."""
    return np.where(d.target == 1, 1 - cosines(d.input1, d.input2), 0)


@vector(
    "contrastive",
    "double|constant_ratio|half_left_out",
    "GitHub, adambielski/siamese-triplet#46: Implementation of Contrastive Loss",
)
def rows_doubled(d: Data) -> Any:
    """The ½ was left out."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r**2, relu(d.margin - r) ** 2)
