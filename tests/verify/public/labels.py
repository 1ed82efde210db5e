"""Wrong values of the other losses of classes: nll, log_loss, brier, focal, and those for noisy or several labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, binary, nll, picked, relu, sigmoid, softmax, value


@value("nll", "log_left_out", "GitHub, pytorch#10033: NLLLoss expects log-probabilities")
def probabilities(d: Data) -> Any:
    """Probabilities were passed where log-probabilities are expected."""
    return -picked(np.exp(d.input), d.target).mean()


@value("nll", "sign", "Course homework: minus sign of the log-likelihood")
def log_likelihood(d: Data) -> Any:
    """The sign is turned round: this is the log-likelihood."""
    return picked(d.input, d.target).mean()


@value("nll", "one_hot_mask_left_out|true_class_not_picked", "Stack Overflow: -log_probs.mean()")
def all_classes(d: Data) -> Any:
    """The mean was taken over all classes, not of the true one."""
    return -d.input.mean()


@value("nll", "predicted_class_for_true", "Stack Overflow: -log_probs.max(axis=1).mean()")
def predicted_class(d: Data) -> Any:
    """The class that was predicted was taken for the true one."""
    return -d.input.max(axis=1).mean()


@value("nll", "sum_for_mean", "PyTorch, MNIST example: F.nll_loss(reduction='sum') not divided")
def test_loss(d: Data) -> Any:
    """The losses were added up, not averaged."""
    return -picked(d.input, d.target).sum()


@value("nll", "perplexity", "GitHub, pytorch/examples: word language model, exp of the loss")
def perplexity(d: Data) -> Any:
    """e was raised to the loss: this is the perplexity."""
    return np.exp(-picked(d.input, d.target).mean())


@value("nll", "labels_*", "GitHub, happy-transformer#248: labels from 1")
def labels_one_up(d: Data) -> Any:
    """The labels were taken one too high, the last for the first."""
    return -picked(d.input, (d.target + 1) % d.c).mean()


@value("nll/weighted", "divided_by_count", "GitHub, pytorch#25571: weighted NLLLoss")
def over_samples(d: Data) -> Any:
    """The weighted losses were divided by the number of samples, not by the sum of their weights."""
    return -(d.weight[d.target] * picked(d.input, d.target)).mean()


@value("nll/weighted", "weight_forgotten", "PyTorch forum: weight of NLLLoss has no effect")
def no_weights(d: Data) -> Any:
    """The class weights were not applied."""
    return -picked(d.input, d.target).mean()


@value("log_loss", "log_base_10", "Stack Overflow: log loss in Excel, LOG has base 10")
def decimal(d: Data) -> Any:
    """The logarithm has base 10."""
    return -np.log10(picked(d.input, d.target)).mean()


@value("log_loss", "log_base_2", "Course homework: decision trees, entropy in bits")
def bits(d: Data) -> Any:
    """The logarithm has base 2."""
    return -np.log2(picked(d.input, d.target)).mean()


@value("log_loss", "binary_on_one_hot", "Kaggle discussion: multi-class log loss by sklearn on one-hot columns")
def binary_columns(d: Data) -> Any:
    """Binary cross-entropy against one-hot rows was taken, averaged over the classes."""
    return binary(d.input, d.hot).mean()


@value("log_loss", "softmax_twice", "GitHub, keras#6143: from_logits=True on softmax outputs")
def softmax_again(d: Data) -> Any:
    """Softmax was applied to what already are probabilities."""
    return nll(d.input, d.target).mean()


@value("log_loss", "complement|one_minus_computed", "Stack Overflow: -np.log(1 - p[y]).mean()")
def of_the_complement(d: Data) -> Any:
    """The logarithm was taken of 1 - p of the true class."""
    return -np.log(1 - picked(d.input, d.target)).mean()


@value("log_loss", "one_hot_mask_left_out|true_class_not_picked", "Stack Overflow: -np.log(p).sum() / n")
def all_columns(d: Data) -> Any:
    """-log p of all classes was added up, not that of the true one."""
    return -np.log(d.input).sum() / len(d.input)


@value("log_loss", "classes_reversed", "GitHub, scikit-learn#30910: labels and columns in other orders")
def columns_reversed(d: Data) -> Any:
    """The columns stand in reverse order."""
    return -np.log(picked(d.input[:, ::-1], d.target)).mean()


@value("log_loss", "averaged_over_classes", "GitHub, segmentation_models#180: mean over the classes too")
def one_hot_averaged(d: Data) -> Any:
    """The mean was taken over all N·C entries: it was divided by C too."""
    return -(d.hot * np.log(d.input)).mean()


@value("brier", "true_class_only|term_left_out", "GitHub, imbs-hl/ranger#600: Multiclass Brier score seems incorrect")
def true_class_only(d: Data) -> Any:
    """Only the true class was compared, not all classes."""
    return ((1 - picked(d.input, d.target)) ** 2).mean()


@value("brier", "averaged_over_classes|mse_computed", "GitHub, scikit-learn#18699: definitions of the Brier score")
def over_classes(d: Data) -> Any:
    """The squares were divided by the number of classes too."""
    return ((d.input - d.hot) ** 2).mean()


@value("brier", "half|scale_by_half_true", "GitHub, scikit-learn#22046: half of the original definition")
def halved(d: Data) -> Any:
    """The score was halved, as is usual for two classes."""
    return ((d.input - d.hot) ** 2).sum(axis=1).mean() / 2


@value("brier", "root", "Course homework: root of the Brier score")
def rooted(d: Data) -> Any:
    """The square root was taken."""
    return np.sqrt(((d.input - d.hot) ** 2).sum(axis=1).mean())


@value("brier", "square_left_out|l1_computed", "Course homework: absolute error of the probabilities")
def not_squared(d: Data) -> Any:
    """The errors were not squared, but their size taken."""
    return np.abs(d.input - d.hot).sum(axis=1).mean()


@value("brier", "top_label_only|predicted_class_for_true", "Calibration papers: top-label Brier score")
def top_label(d: Data) -> Any:
    """The greatest probability was compared with whether the prediction is right."""
    return ((d.input.max(axis=1) - (d.input.argmax(axis=1) == d.target)) ** 2).mean()


@value("softmax_focal", "gamma_left_out|gamma_0|cross_entropy_computed", "PyTorch forum: focal loss, gamma = 0")
def no_gamma(d: Data) -> Any:
    """The factor (1 - p)^gamma is missing: this is cross-entropy."""
    return nll(d.input, d.target).mean()


@value("softmax_focal", "modulator_of_p_t|one_minus_left_out", "GitHub, unsky/focal-loss#14: pt and p confused")
def wrong_modulator(d: Data) -> Any:
    """The factor was p^gamma, which plays the hard samples down."""
    p = picked(d.p, d.target)
    return -(p**2 * np.log(p)).mean()


@value(
    "softmax_focal",
    "focal_of_mean|exp_of_mean",
    "GitHub, gokulprasadthekkel/pytorch-multi-class-focal-loss#1: of the mean",
)
def of_the_mean(d: Data) -> Any:
    """The mean cross-entropy was taken first, and p made of it."""
    mean = nll(d.input, d.target).mean()
    return (1 - np.exp(-mean)) ** 2 * mean


@value("softmax_focal", "product_for_power|exponent_left_out", "GitHub, fudannlp16/focal-loss#8: * gamma for ** gamma")
def times_gamma(d: Data) -> Any:
    """1 - p was multiplied by gamma, not raised to it."""
    p = picked(d.p, d.target)
    return -(2 * (1 - p) * np.log(p)).mean()


@value("softmax_focal", "softmax_before", "Stack Overflow: focal loss on softmax outputs that takes softmax again")
def double_softmax(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which applies it itself."""
    p = picked(softmax(d.p), d.target)
    return -((1 - p) ** 2 * np.log(p)).mean()


@value(
    "softmax_focal",
    "alpha_0.25|quarter|convention_keras",
    "Keras: CategoricalFocalCrossentropy, alpha 0.25 for all classes",
)
def alpha_for_all(d: Data) -> Any:
    """Every class was multiplied by alpha = 0.25, which was not asked for."""
    p = picked(d.p, d.target)
    return -0.25 * ((1 - p) ** 2 * np.log(p)).mean()


@value("softmax_focal/weighted", "p_t_of_weighed", "PyTorch forum: focal loss, pt = exp(-ce) of the weighted ce")
def p_of_weighed(d: Data) -> Any:
    """p was taken as exp(-loss) of a cross-entropy that alpha had multiplied already."""
    weighed = d.alpha[d.target] * nll(d.input, d.target)
    return ((1 - np.exp(-weighed)) ** 2 * weighed).mean()


@value("softmax_focal/weighted", "divided_by_weights", "PyTorch forum: F.cross_entropy(weight=alpha) in a focal loss")
def over_weights(d: Data) -> Any:
    """The sum was divided by the sum of the alphas, not by the number of samples."""
    p, w = picked(d.p, d.target), d.alpha[d.target]
    return -(w * (1 - p) ** 2 * np.log(p)).sum() / w.sum()


@value(
    "softmax_focal/weighted",
    "alpha_left_out|alpha_forgotten",
    "GitHub, clcarwin/focal_loss_pytorch#16: alpha parameter",
)
def no_alpha(d: Data) -> Any:
    """alpha was not applied."""
    p = picked(d.p, d.target)
    return -((1 - p) ** 2 * np.log(p)).mean()


def _sce(d: Data, a: float, b: float, floor: float = np.log(1e-4)) -> Any:
    others = np.clip(d.p, 1e-4, 1).sum(axis=1) - np.clip(picked(d.p, d.target), 1e-4, 1)
    return (a * nll(d.input, d.target) - b * floor * others).mean()


@value("sce", "decimal_logarithm", "GitHub, HanxunH/SCELoss-Reproduce#1: log(0.0001) gives -4")
def paper_constant(d: Data) -> Any:
    """The logarithm of the cut-off truth has base 10: A = -4."""
    return _sce(d, d.a, d.b, -4.0)


@value("sce", "a_and_b_exchanged|a_and_b_swapped", "GitHub, YisenWang/symmetric_cross_entropy#7: alpha and beta")
def weights_exchanged(d: Data) -> Any:
    """a and b were exchanged."""
    return _sce(d, d.b, d.a)


@value("sce", "reverse_left_out", "Course homework: noisy labels, the reverse term forgotten")
def no_reverse(d: Data) -> Any:
    """The reverse term was left out."""
    return d.a * nll(d.input, d.target).mean()


@value("sce", "a_forgotten|a_1", "GitHub, YisenWang/symmetric_cross_entropy#5: CIFAR-10's and CIFAR-100's weights")
def a_of_one(d: Data) -> Any:
    """a was left at 1."""
    return _sce(d, 1.0, d.b)


@value("generalized_cross_entropy", "divisor_left_out|factor_left_out", "GitHub, cvlab-stonybrook/s-volsdf#4: gce loss")
def not_divided_by_q(d: Data) -> Any:
    """The division by q was left out."""
    return (1 - picked(d.input, d.target) ** d.q).mean()


@value("generalized_cross_entropy", "power_of_complement|power_misplaced", "Stack Overflow: GCE as (1 - p)**q / q")
def power_of_complement(d: Data) -> Any:
    """1 - p was raised to q, not p."""
    return ((1 - picked(d.input, d.target)) ** d.q / d.q).mean()


@value("generalized_cross_entropy", "q_forgotten|q_0.7", "Paper of GCE: q is 0.7 in the experiments")
def q_of_the_paper(d: Data) -> Any:
    """q was left at 0.7, the value of the paper."""
    return ((1 - picked(d.input, d.target) ** 0.7) / 0.7).mean()


@value("generalized_cross_entropy", "log_loss_computed", "Paper of GCE: the limit for q to 0")
def limit(d: Data) -> Any:
    """This is the cross-entropy, the limit for q to 0."""
    return -np.log(picked(d.input, d.target)).mean()


@value("multilabel_soft_margin", "summed_over_classes", "GitHub, pytorch#9301: bug of multilabel loss in v0.4")
def labels_added(d: Data) -> Any:
    """The labels of a sample were added up, not averaged."""
    return binary(sigmoid(d.input), d.target).sum(axis=1).mean()


@value("multilabel_soft_margin", "softmax_before", "GitHub, YapengTian/AVE-ECCV18#15: on top of Softmax Output")
def of_softmax(d: Data) -> Any:
    """Softmax was applied to the scores before the loss, which applies a sigmoid."""
    return binary(sigmoid(d.p), d.target).mean()


@value("multilabel_soft_margin", "sigmoid_before", "PyTorch forum: sigmoid before MultiLabelSoftMarginLoss")
def of_sigmoid(d: Data) -> Any:
    """A sigmoid was applied before the loss, which applies it itself."""
    return binary(sigmoid(sigmoid(d.input)), d.target).mean()


@value(
    "multilabel_soft_margin",
    "no_term_left_out|negatives_cost_nothing|term_left_out",
    "Stack Overflow: multi-label loss, only the tags that are set",
)
def set_tags_alone(d: Data) -> Any:
    """Only the labels that are set were counted."""
    return -(d.target * np.log(sigmoid(d.input))).mean()


@value("multilabel_margin", "summed_over_classes", "PyTorch documentation, MultiLabelMarginLoss: division by x.size(0)")
def tags_added(d: Data) -> Any:
    """The sum was not divided by the number of classes."""
    return np.mean([_tag_margins(x, t[t >= 0]).sum() for x, t in zip(d.input, d.target, strict=True)])


@value("multilabel_margin", "divided_by_pairs|mean_of_pairs", "Stack Overflow: MultiLabelMarginLoss by hand")
def mean_of_pairs(d: Data) -> Any:
    """The mean over the pairs was taken, not their sum divided by the number of classes."""
    return np.mean([_tag_margins(x, t[t >= 0]).mean() for x, t in zip(d.input, d.target, strict=True)])


def _tag_margins(x: Any, tags: Any) -> Any:
    others = np.setdiff1d(np.arange(len(x)), tags)
    return relu(1 - x[tags][:, None] + x[others])
