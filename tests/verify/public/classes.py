"""Wrong values of cross_entropy: its softmax, its labels, its weights, its smoothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, nll, picked, sigmoid, softmax, value


@value("cross_entropy", "softmax_before", "GitHub, ariecattan/SciCo#2: Double-softmax in validation loss")
def double_softmax(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which applies it itself."""
    return nll(d.p, d.target).mean()


@value("cross_entropy", "log_left_out", "GitHub, pytorch#10033: NLLLoss on softmax, negative loss")
def probabilities_averaged(d: Data) -> Any:
    """The logarithm was left out: minus the probability of the true class was taken."""
    return -picked(d.p, d.target).mean()


@value("cross_entropy", "log_softmax_left_out", "GitHub, locuslab/e2e-model-learning#11: NLLLoss on raw scores")
def scores_averaged(d: Data) -> Any:
    """Softmax and logarithm were left out: minus the score of the true class was taken."""
    return -picked(d.input, d.target).mean()


@value("cross_entropy", "softmax_over_samples", "GitHub, euclidesdb#2: softmax over dim 0")
def softmax_down_the_column(d: Data) -> Any:
    """Softmax went over the samples, not over the classes."""
    return -np.log(picked(softmax(d.input, 0), d.target)).mean()


@value("cross_entropy", "softmax_over_everything", "CS231n, assignment 1: np.exp(f) / np.sum(np.exp(f)) of a matrix")
def softmax_of_the_matrix(d: Data) -> Any:
    """Softmax went over all numbers of the matrix: axis and keepdims were left out."""
    return -np.log(picked(softmax(d.input, None), d.target)).mean()


@value("cross_entropy", "sum_for_mean", "CS231n, assignment 1: softmax loss not divided by num_train")
def rows_added(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return nll(d.input, d.target).sum()


@value("cross_entropy", "log_base_2", "GitHub, facebookresearch/fairseq#466: loss in base 2")
def bits(d: Data) -> Any:
    """The logarithm has base 2."""
    return nll(d.input, d.target).mean() / np.log(2)


@value("cross_entropy", "averaged_over_classes", "GitHub, qubvel/segmentation_models#180: mean over the classes too")
def one_hot_averaged(d: Data) -> Any:
    """The mean was taken over all N·C entries of the one-hot product: it was divided by C too."""
    return -(d.hot * np.log(d.p)).mean()


@value("cross_entropy", "binary_on_one_hot", "GitHub, keras#3396: binary_crossentropy on softmax outputs")
def binary_of_softmax(d: Data) -> Any:
    """Binary cross-entropy of the softmax against one-hot rows was taken, averaged over the classes."""
    return binary(d.p, d.hot).mean()


@value(
    "cross_entropy",
    "binary_on_one_hot + summed_over_classes|binary_on_one_hot",
    "GitHub, 01-edu/public#3028: log loss of several classes",
)
def binary_added_over_classes(d: Data) -> Any:
    """The terms of the other classes, log(1 - p), were added too."""
    return binary(d.p, d.hot).sum(axis=1).mean()


@value("cross_entropy", "sigmoid_on_one_hot", "PyTorch forum: BCEWithLogitsLoss for classes that exclude each other")
def sigmoid_for_softmax(d: Data) -> Any:
    """Each score was taken for a yes or no of its own, averaged over the classes."""
    return binary(sigmoid(d.input), d.hot).mean()


@value("cross_entropy", "arguments_exchanged", "GitHub, isaaccorley/detcon#2: arguments of the cross-entropy exchanged")
def logarithm_of_the_labels(d: Data) -> Any:
    """Predictions and one-hot labels were exchanged: the logarithm was taken of the labels, cut off at 1e-7."""
    return -(d.p * np.log(np.clip(d.hot, 1e-7, 1 - 1e-7))).sum(axis=1).mean()


@value("cross_entropy", "labels_*", "GitHub, tensorflow#3739: labels from 1 to C")
def labels_one_down(d: Data) -> Any:
    """The labels were taken one too low, the first for the last."""
    return nll(d.input, (d.target - 1) % d.c).mean()


@value("cross_entropy", "one_hot_mask_left_out|true_class_not_picked", "Stack Overflow: -np.log(softmax(z)).mean()")
def all_classes(d: Data) -> Any:
    """The mean of -log p was taken over all classes, not of the true one."""
    return -np.log(d.p).mean()


@value(
    "cross_entropy",
    "true_score_not_subtracted|term_left_out|input_left_out",
    "CS231n, assignment 1: log of the sum alone",
)
def log_sum_alone(d: Data) -> Any:
    """Only the logarithm of the sum of exponentials was taken: the true score was not subtracted."""
    return np.log(np.exp(d.input).sum(axis=1)).mean()


@value(
    "cross_entropy",
    "maximum_not_added_back|maximum_on_one_side|largest_on_one_side",
    "Stack Overflow: stable softmax loss in NumPy",
)
def maximum_on_one_side(d: Data) -> Any:
    """The maximum was subtracted under the logarithm, but not from the true score."""
    top = d.input.max(axis=1, keepdims=True)
    return (np.log(np.exp(d.input - top).sum(axis=1)) - picked(d.input, d.target)).mean()


@value("cross_entropy", "perplexity", "GitHub, huggingface/evaluate#241: perplexity and loss")
def perplexity(d: Data) -> Any:
    """e was raised to the loss: this is the perplexity."""
    return np.exp(nll(d.input, d.target).mean())


@value(
    "cross_entropy", "entropy_computed|predictions_for_targets", "Stack Overflow: -(p * np.log(p)).sum(axis=1).mean()"
)
def entropy(d: Data) -> Any:
    """p·log p was taken: this is the entropy of the predictions, without the labels."""
    return -(d.p * np.log(d.p)).sum(axis=1).mean()


@value("cross_entropy", "predicted_class_for_true", "Stack Overflow: -np.log(softmax(z).max(axis=1)).mean()")
def predicted_class(d: Data) -> Any:
    """The class that was predicted was taken for the true one."""
    return -np.log(d.p.max(axis=1)).mean()


@value("cross_entropy", "classes_reversed", "GitHub, scikit-learn#30910: order of the columns of log_loss")
def columns_reversed(d: Data) -> Any:
    """The columns stand in reverse order."""
    return nll(d.input[:, ::-1], d.target).mean()


@value("cross_entropy", "classes_in_other_order", "GitHub, scikit-learn#6703: labels sorted otherwise than the columns")
def two_columns_exchanged(d: Data) -> Any:
    """Two of the columns, those of the classes 1 and 2, stand in each other's place."""
    order = np.arange(d.c)
    order[[1, 2]] = 2, 1
    return nll(d.input[:, order], d.target).mean()


@value("cross_entropy", "error_rate", "Course homework: the share of errors reported as the loss")
def errors_counted(d: Data) -> Any:
    """The share of wrong predictions was reported."""
    return (d.input.argmax(axis=1) != d.target).mean()


@value("cross_entropy", "temperature_2|scores_halved|temperature", "Distillation: loss of scores divided by T = 2")
def tempered(d: Data) -> Any:
    """The scores were divided by a temperature of 2."""
    return nll(d.input / 2, d.target).mean()


@value("cross_entropy", "label_smoothing_0.1", "torchvision, reference training: label_smoothing=0.1")
def smoothed(d: Data) -> Any:
    """The labels were smoothed by 0.1."""
    return (0.9 * nll(d.input, d.target) - 0.1 * np.log(d.p).mean(axis=1)).mean()


@value("cross_entropy", "label_smoothing_0.2", "PyTorch forum: validation loss with the smoothing of training")
def smoothed_more(d: Data) -> Any:
    """The labels were smoothed by 0.2."""
    return (0.8 * nll(d.input, d.target) - 0.2 * np.log(d.p).mean(axis=1)).mean()


@value("cross_entropy", "mean_of_batch_means", "GitHub, pytorch/tutorials#179: average loss of an epoch")
def mean_over_batches(d: Data) -> Any:
    """The means of the batches were averaged, though the last batch is shorter."""
    return np.mean([batch.mean() for batch in d.batches(nll(d.input, d.target))])


@value("cross_entropy", "sum_of_batch_means", "Stack Overflow: epoch loss of a PyTorch loop is far too large")
def batches_added(d: Data) -> Any:
    """The means of the batches were added up and not divided by their number."""
    return sum(batch.mean() for batch in d.batches(nll(d.input, d.target)))


@value(
    "cross_entropy",
    "mean_of_batch_means + floor|batches_rounded_down|divided_by_whole_batches",
    "GitHub, keras#632: loss of an epoch and the number of batches",
)
def division_rounded_down(d: Data) -> Any:
    """The means of all batches were divided by N // batch size, which leaves out the last, shorter one."""
    losses = nll(d.input, d.target)
    return sum(batch.mean() for batch in d.batches(losses)) / (len(losses) // d.batch)


@value("cross_entropy", "sum_divided_by_64|factor_of_batch_size", "Course homework: loss.sum() / 64 whatever N")
def over_sixty_four(d: Data) -> Any:
    """The sum was divided by 64, whatever the number of samples."""
    return nll(d.input, d.target).sum() / 64


@value(
    "cross_entropy",
    "divided_by_4|accumulation_4",
    "GitHub, huggingface/transformers#24725: loss over accumulation steps",
)
def over_accumulation_steps(d: Data) -> Any:
    """The mean was divided by 4 steps of gradient accumulation."""
    return nll(d.input, d.target).mean() / 4


@value("cross_entropy", "brier_computed|mse_on_one_hot|mse_computed", "Course homework: squared error of the softmax")
def squared_error_of_softmax(d: Data) -> Any:
    """The squared error of the softmax against one-hot rows was taken."""
    return ((d.p - d.hot) ** 2).sum(axis=1).mean()


@value(
    "cross_entropy",
    "multi_margin_computed|multi_margin_computed + summed_over_classes",
    "CS231n: SVM and softmax mixed up",
)
def hinge_for_softmax(d: Data) -> Any:
    """This is the multiclass hinge (SVM), not the softmax loss."""
    lacks = np.maximum(0, d.input - picked(d.input, d.target)[:, None] + 1)
    return (lacks.sum(axis=1) - 1).mean()


@value("cross_entropy", "class_weights|mean_of_class_means", "scikit-learn: class_weight='balanced', n / (k n_c)")
def balanced(d: Data) -> Any:
    """Each class was weighed with one over its number, which was not asked for."""
    weights = 1 / np.bincount(d.target, minlength=d.c)[d.target]
    return (weights * nll(d.input, d.target)).sum() / weights.sum()


@value("cross_entropy/weighted", "divided_by_count", "GitHub, pytorch#40560: weighted mean of CrossEntropyLoss")
def over_samples(d: Data) -> Any:
    """The weighted losses were divided by the number of samples, not by the sum of their weights."""
    return (d.weight[d.target] * nll(d.input, d.target)).mean()


@value("cross_entropy/weighted", "weight_forgotten", "PyTorch forum: weight given to the wrong criterion")
def no_weights(d: Data) -> Any:
    """The class weights were not applied."""
    return nll(d.input, d.target).mean()


@value("cross_entropy/weighted", "weights_inverse", "PyTorch forum: class weights, counts in place of 1/counts")
def inverse_weights(d: Data) -> Any:
    """One divided by each class weight was taken."""
    w = 1 / d.weight[d.target]
    return (w * nll(d.input, d.target)).sum() / w.sum()


@value("cross_entropy/weighted", "weights_of_predicted", "Stack Overflow: weights[pred.argmax(1)]")
def weights_of_predicted(d: Data) -> Any:
    """Each sample got the weight of the class that was predicted."""
    w = d.weight[d.input.argmax(axis=1)]
    return (w * nll(d.input, d.target)).sum() / w.sum()


@value(
    "cross_entropy/weighted",
    "weights_on_scores|weights_in_softmax",
    "Stack Overflow: tf.multiply(logits, class_weight)",
)
def weights_on_scores(d: Data) -> Any:
    """The weights multiplied the scores before the softmax, not the losses."""
    return nll(d.input * d.weight, d.target).mean()


@value("cross_entropy/weighted", "weights_normalised", "PyTorch forum: weights / weights.sum()")
def weights_to_one(d: Data) -> Any:
    """The class weights were scaled to add up to 1, and the sum was divided by the number of samples."""
    return (d.weight[d.target] / d.weight.sum() * nll(d.input, d.target)).mean()


@value("cross_entropy/ignored", "ignored_counted", "GitHub, nanoGPT#323: padding in the mean")
def padding_in_the_denominator(d: Data) -> Any:
    """Ignored rows add no loss, but were counted when the mean was taken."""
    return ((d.target != 0) * nll(d.input, d.target)).mean()


@value("cross_entropy/ignored", "ignore_index_forgotten", "GitHub, pytorch#12670: ignore_index of CrossEntropyLoss")
def padding_not_ignored(d: Data) -> Any:
    """ignore_index was not given: rows of the label 0 were counted."""
    return nll(d.input, d.target).mean()


@value("cross_entropy/smoothed", "smoothing_over_others", "GitHub, fastai#1814: Fix label smoothing")
def smoothing_over_others(d: Data) -> Any:
    """Label smoothing gave ε/(C - 1) to each other class and 1 - ε to the label."""
    truth = np.where(d.hot == 1, 0.9, 0.1 / (d.c - 1))
    return -(truth * np.log(d.p)).sum(axis=1).mean()


@value(
    "cross_entropy/smoothed",
    "smoothing_divided_twice",
    "GitHub, ildoonet/pytorch-randaugment#30: SmoothCrossEntropyLoss",
)
def smoothing_divided_twice(d: Data) -> Any:
    """Label smoothing took only ε/C from the label, and gave ε/C to every class."""
    truth = d.hot * (1 - 0.1 / d.c) + 0.1 / d.c
    return -(truth * np.log(d.p)).sum(axis=1).mean()


@value("cross_entropy/smoothed", "smoothing_without_epsilon", "GitHub, TimDettmers/ConvE#55: About Label Smoothing")
def smoothing_without_epsilon(d: Data) -> Any:
    """Label smoothing gave 1/C to every class, where ε/C is right."""
    return -((0.9 * d.hot + 1 / d.c) * np.log(d.p)).sum(axis=1).mean()


@value("cross_entropy/smoothed", "smoothing_not_on_label", "GitHub, eladhoffer/utils.pytorch#14: label smoothing")
def smoothing_taken_twice(d: Data) -> Any:
    """The label's share was lowered by ε/C once more."""
    truth = (0.9 - 0.1 / d.c) * d.hot + 0.1 / d.c
    return -(truth * np.log(d.p)).sum(axis=1).mean()


@value("cross_entropy/smoothed", "label_smoothing_forgotten", "PyTorch documentation: label_smoothing is 0 by default")
def not_smoothed(d: Data) -> Any:
    """label_smoothing was not given."""
    return nll(d.input, d.target).mean()


@value("cross_entropy/smoothed", "entropy_subtracted|kl_div_computed", "OpenNMT: label smoothing by KLDivLoss")
def divergence_of_smoothed(d: Data) -> Any:
    """The entropy of the smoothed labels was subtracted, as a KL divergence does."""
    truth = 0.9 * d.hot + 0.1 / d.c
    return (truth * (np.log(truth) - np.log(d.p))).sum(axis=1).mean()
