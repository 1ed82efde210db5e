"""Wrong values of losses that compare vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, cosines, distance, relu, value


@value("contrastive", "target_flipped", "GitHub, VinhLoiIT/signet-pytorch#2: Your loss implementation might be wrong")
def same_for_different(d: Data) -> Any:
    """Pairs that belong together and pairs that do not are exchanged."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 0, r**2, relu(d.margin - r) ** 2).mean() / 2


@value(
    "contrastive", "double|half_left_out", "GitHub, adambielski/siamese-triplet#46: Implementation of Contrastive Loss"
)
def half_left_out(d: Data) -> Any:
    """The ½ was left out."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r**2, relu(d.margin - r) ** 2).mean()


@value("contrastive", "margin_forgotten|margin_1", "Keras example, siamese network: margin = 1")
def margin_of_one(d: Data) -> Any:
    """margin was left at 1."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r**2, relu(1 - r) ** 2).mean() / 2


@value("contrastive", "square_left_out", "GitHub, Kadenze/siamese_net#7: y * d + (1 - y) * max(margin - d, 0)")
def not_squared(d: Data) -> Any:
    """Neither branch was squared."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r, relu(d.margin - r)).mean() / 2


@value(
    "contrastive", "squared_distance_in_margin|squared_distances", "GitHub, BVLC/caffe#2308: legacy contrastive loss"
)
def squared_distance_in_margin(d: Data) -> Any:
    """The squared distance was taken from the margin, and the rest not squared."""
    square = ((d.input1 - d.input2) ** 2).sum(axis=1)
    return np.where(d.target == 1, square, relu(d.margin - square)).mean() / 2


@value("contrastive", "clamp_left_out", "PyTorch forum: contrastive loss without clamp")
def no_clamp(d: Data) -> Any:
    """max(0, …) was left out: pairs apart beyond the margin cost too."""
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r**2, (d.margin - r) ** 2).mean() / 2


@value(
    "contrastive", "averaged_over_components|mean_for_sum", "Stack Overflow: K.mean(K.square(a - b)) for the distance"
)
def components_averaged(d: Data) -> Any:
    """The squares of the components were averaged, not added up, in the distance."""
    r = np.sqrt(((d.input1 - d.input2) ** 2).mean(axis=1))
    return np.where(d.target == 1, r**2, relu(d.margin - r) ** 2).mean() / 2


@value("cosine_embedding", "targets_left_out", "GitHub, mlpack#2444: cosine embedding without the third input")
def targets_left_out(d: Data) -> Any:
    """1 - cos was taken for every pair, also for those that do not belong together."""
    return (1 - cosines(d.input1, d.input2)).mean()


@value("cosine_embedding", "zero_for_minus_one", "PyTorch forum: CosineEmbeddingLoss with labels 0 and 1")
def noughts(d: Data) -> Any:
    """The targets were 0 and 1, where -1 and 1 are meant: pairs of target 0 cost nothing."""
    return np.where(d.target == 1, 1 - cosines(d.input1, d.input2), 0).mean()


@value("cosine_embedding", "margin_forgotten|margin_0", "PyTorch documentation: margin is 0 by default")
def no_margin(d: Data) -> Any:
    """margin was left at 0."""
    c = cosines(d.input1, d.input2)
    return np.where(d.target == 1, 1 - c, relu(c)).mean()


@value(
    "cosine_embedding", "lengths_left_out|divisor_left_out", "Stack Overflow: dot product taken for cosine similarity"
)
def scalar_products(d: Data) -> Any:
    """The vectors were not divided by their lengths."""
    c = (d.input1 * d.input2).sum(axis=1)
    return np.where(d.target == 1, 1 - c, relu(c - d.margin)).mean()


@value("cosine_embedding", "target_flipped", "Stack Overflow: CosineEmbeddingLoss, -1 for similar pairs")
def pairs_exchanged(d: Data) -> Any:
    """Pairs that belong together and pairs that do not are exchanged."""
    c = cosines(d.input1, d.input2)
    return np.where(d.target == -1, 1 - c, relu(c - d.margin)).mean()


@value("cosine_similarity", "one_minus_cosine|one_minus", "SciPy documentation: cosine distance")
def cosine_distance(d: Data) -> Any:
    """1 - cos was taken: a distance, where the cosine is asked for."""
    return (1 - cosines(d.x1, d.x2)).mean()


@value("cosine_similarity", "sign|convention_keras", "GitHub, tensorflow#34577: sign of cosine_similarity")
def negative(d: Data) -> Any:
    """The sign is turned round, as in Keras."""
    return -cosines(d.x1, d.x2).mean()


@value("cosine_similarity", "lengths_left_out", "Stack Overflow: np.dot taken for cosine similarity")
def products(d: Data) -> Any:
    """The vectors were not divided by their lengths."""
    return (d.x1 * d.x2).sum(axis=1).mean()


@value(
    "cosine_similarity",
    "averaged_over_components|averaged_over_classes",
    "GitHub, keras#6677: cosine_proximity, mean over the last axis",
)
def mean_of_products(d: Data) -> Any:
    """The products were averaged over the components, not added up."""
    return cosines(d.x1, d.x2).mean() / d.x1.shape[1]


@value("cosine_similarity", "dim_0", "PyTorch forum: cosine_similarity(dim=0)")
def down_the_columns(d: Data) -> Any:
    """The cosine was taken of columns, not of rows."""
    return cosines(d.x1.T, d.x2.T).mean()


@value("cosine_similarity", "all_pairs|broadcast", "scikit-learn: cosine_similarity(X, Y).mean() of all pairs")
def of_all_pairs(d: Data) -> Any:
    """Every row of one was compared with every row of the other."""
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (d.x1, d.x2))
    return (a @ b.T).mean()


@value("triplet_margin", "squared_distances", "GitHub, davidsandberg/facenet#547: squared distances")
def squares(d: Data) -> Any:
    """The distances were squared, as in FaceNet."""
    near, far = ((d.anchor - d.positive) ** 2).sum(axis=1), ((d.anchor - d.negative) ** 2).sum(axis=1)
    return relu(near - far + d.margin).mean()


def _near(d: Data) -> Any:
    return distance(d.anchor, d.positive)


def _far(d: Data) -> Any:
    return distance(d.anchor, d.negative)


@value("triplet_margin", "active_only", "GitHub, omoindrot/tensorflow-triplet-loss#55: mean over valid triplets")
def active(d: Data) -> Any:
    """The sum was divided by the number of losses that are not 0."""
    losses = relu(_near(d) - _far(d) + d.margin)
    return losses.sum() / (losses > 0).sum()


@value(
    "triplet_margin", "margin_forgotten|margin_1", "PyTorch documentation, TripletMarginLoss: margin is 1 by default"
)
def default_margin(d: Data) -> Any:
    """margin was left at 1."""
    return relu(_near(d) - _far(d) + 1).mean()


@value(
    "triplet_margin",
    "positive_and_negative_swapped",
    "GitHub, reid-strong-baseline#16: Implementation of TripletMarginLoss",
)
def roles_exchanged(d: Data) -> Any:
    """Positive and negative are exchanged."""
    return relu(_far(d) - _near(d) + d.margin).mean()


@value("triplet_margin", "clamp_left_out", "Stack Overflow: triplet loss becomes negative")
def unclamped(d: Data) -> Any:
    """max(0, …) was left out: the loss becomes negative."""
    return (_near(d) - _far(d) + d.margin).mean()


@value("triplet_margin", "p_1", "PyTorch forum: TripletMarginLoss with p=1")
def city_block(d: Data) -> Any:
    """The distance was the sum of the absolute differences (p = 1)."""
    near, far = np.abs(d.anchor - d.positive).sum(axis=1), np.abs(d.anchor - d.negative).sum(axis=1)
    return relu(near - far + d.margin).mean()


@value("triplet_margin", "margin_root", "GitHub, Nanne/pytorch-NetVlad#57: sqrt() of the margin in Triplet loss")
def root_of_margin(d: Data) -> Any:
    """The root of the margin was taken."""
    return relu(_near(d) - _far(d) + d.margin**0.5).mean()


@value("triplet_margin", "clamp_after_mean|clamp_of_mean", "Stack Overflow: max(mean(pos) - mean(neg) + margin, 0)")
def clamp_of_means(d: Data) -> Any:
    """max(0, …) was taken of the mean, not of each triplet."""
    return max(0.0, (_near(d) - _far(d) + d.margin).mean())


def _similarities(d: Data) -> Any:
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (d.anchor, d.positive))
    return a @ b.T / d.temperature


def _diagonal_nll(scores: Any) -> Any:
    return np.log(np.exp(scores).sum(axis=1)) - np.diag(scores)


@value("info_nce", "temperature_forgotten|temperature_0.07", "GitHub, RElbers/info-nce-pytorch#6: about loss parameter")
def default_temperature(d: Data) -> Any:
    """temperature was left at 0.07."""
    return _diagonal_nll(_similarities(d) * d.temperature / 0.07).mean()


@value("info_nce", "temperature_1|temperature_left_out|factor_left_out", "Course homework: SimCLR without temperature")
def no_temperature(d: Data) -> Any:
    """The similarities were not divided by the temperature."""
    return _diagonal_nll(_similarities(d) * d.temperature).mean()


@value("info_nce", "lengths_left_out", "SimCLR ports: F.normalize forgotten")
def not_normalised(d: Data) -> Any:
    """The vectors were not divided by their lengths."""
    return _diagonal_nll(d.anchor @ d.positive.T / d.temperature).mean()


@value(
    "info_nce",
    "positive_left_out_of_denominator|true_class_left_out",
    "KevinMusgrave/pytorch-metric-learning#699: InfoNCE",
)
def positive_not_below(d: Data) -> Any:
    """The positive was left out of the denominator."""
    s = _similarities(d)
    return (np.log(np.exp(s).sum(axis=1) - np.exp(np.diag(s))) - np.diag(s)).mean()


@value("info_nce", "temperature_on_negatives_only", "GitHub, RElbers/info-nce-pytorch#17: temperature of the positive")
def temperature_of_negatives(d: Data) -> Any:
    """The temperature was not applied to the positives."""
    s = _similarities(d)
    np.fill_diagonal(s, np.diag(s) * d.temperature)
    return _diagonal_nll(s).mean()


@value("info_nce", "both_directions|symmetric_clip", "CLIP: mean of the losses of rows and columns")
def both_ways(d: Data) -> Any:
    """The mean of both directions was taken, rows and columns."""
    s = _similarities(d)
    return (_diagonal_nll(s).mean() + _diagonal_nll(s.T).mean()) / 2


@value("info_nce", "anchor_and_positive_swapped|softmax_over_samples", "Stack Overflow: contrastive loss, logits.T")
def other_way(d: Data) -> Any:
    """Anchors and positives are exchanged: the softmax went down the columns."""
    return _diagonal_nll(_similarities(d).T).mean()


@value("info_nce", "n_minus_one", "GitHub, lucidrains/contrastive-learner#2: denominator of nt_xent_loss")
def over_one_less(d: Data) -> Any:
    """The sum was divided by N - 1."""
    return _diagonal_nll(_similarities(d)).sum() / (len(d.anchor) - 1)
