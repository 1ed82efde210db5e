"""What goes wrong with losses over classes that are the logarithm of a probability; for diagnosing claims.

`nll` is -log p of every class, which a loss's table holds.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np
from numpy.typing import NDArray

from losscli.losses.classification._softmax import nlls
from losscli.losses.classification._truth import as_label
from losscli.numerics.logsumexp import logsumexp
from losscli.schema.loss import Array, LossMistake

Pair = tuple[Array, Array | None]

_EPSILON = 1e-7  # what Keras cuts probabilities off at


def nll_of_scores(input: Array) -> Array:
    """-log softmax, of scores that stay as they are."""
    return nlls(logsumexp(input.copy(), keep_below=True))


def picked(table: Array, label: Array) -> Array:
    """The entry of each row that its label names."""
    entries: Array = table[np.arange(len(table)), as_label(label)]
    return entries


def weighed(losses: Array, target: Array, weight: Array | None) -> Array:
    """Losses of labels, times their classes' weights."""
    return losses if weight is None else losses * weight[as_label(target)]


def has_labels(target: Array, table: Array | None) -> bool:
    return target.ndim == 1 and table is not None


def of_probabilities(table: Array, target: Array, weight: Array | None = None) -> Array:
    """-p of the label: the logarithm was forgotten."""
    return weighed(-np.exp(-picked(table, target)), target, weight)


def of_two_answers(table: Array, target: Array) -> Array:
    """Binary cross-entropy of every class against one-hot rows, averaged over the classes."""
    rest = np.exp(-table)
    np.log1p(-rest, out=rest)
    own = picked(table, target)
    mean: Array = (own - rest.sum(axis=1) + picked(rest, target)) / table.shape[1]
    return mean


def of_exchanged(table: Array, target: Array) -> Array:
    """Cross-entropy of one-hot rows, cut off at 1e-7, against predictions: -Σ p log clip(Y)."""
    p = np.exp(-picked(table, target))
    losses: Array = -(1.0 - p) * log(_EPSILON) - p * np.log1p(-_EPSILON)
    return losses


def _smoothed(
    on_label: Callable[[float, int], float], elsewhere: Callable[[float, int], float]
) -> Callable[..., Array]:
    """The losses under another label smoothing: the probabilities of the label and of each other class, by ε and C."""

    def losses(input: Array, target: Array, weight: Array | None, label_smoothing: float) -> Array:
        nll = nll_of_scores(input)
        weighted = nll if weight is None else nll * weight
        own, classes = picked(weighted, target), input.shape[1]
        rest = weighted.sum(axis=1) - own
        return np.asarray(on_label(label_smoothing, classes) * own + elsewhere(label_smoothing, classes) * rest)

    return losses


def _is_smoothed(target: Array, label_smoothing: float) -> bool:
    return target.ndim == 1 and label_smoothing > 0.0


def _less_entropy(input: Array, target: Array, label_smoothing: float) -> Array:
    """A KL divergence of the smoothed labels: each class's share times its logarithm is added."""
    classes = input.shape[1]
    elsewhere = label_smoothing / classes
    own = 1.0 - label_smoothing + elsewhere
    shares = own * log(own) + (classes - 1) * elsewhere * log(elsewhere)
    nll = nll_of_scores(input)
    losses: Array = (own - elsewhere) * picked(nll, target) + elsewhere * nll.sum(axis=1) + shares
    return losses


_CURE_SMOOTHING = "take 1 - ε on the label, and ε/C on every class besides"

SMOOTHINGS = (
    LossMistake(
        "smoothing_over_others",
        "label smoothing gave ε/(C - 1) to each other class and 1 - ε to the label",
        _CURE_SMOOTHING,
        _smoothed(lambda epsilon, _: 1.0 - epsilon, lambda epsilon, classes: epsilon / (classes - 1)),
        tier="S",
        given=lambda input, target, label_smoothing: input.shape[1] > 1 and _is_smoothed(target, label_smoothing),
    ),
    LossMistake(
        "smoothing_not_on_label",
        "label smoothing left 1 - ε on the label without its ε/C",
        _CURE_SMOOTHING,
        _smoothed(lambda epsilon, _: 1.0 - epsilon, lambda epsilon, classes: epsilon / classes),
        tier="S",
        given=_is_smoothed,
    ),
    LossMistake(
        "smoothing_divided_twice",
        "label smoothing took only ε/C from the label, and gave ε/C to every class",
        _CURE_SMOOTHING,
        _smoothed(lambda *_: 1.0, lambda epsilon, classes: epsilon / classes),
        tier="S",
        given=_is_smoothed,
    ),
    LossMistake(
        "smoothing_without_epsilon",
        "label smoothing gave 1/C to every class, where ε/C is right",
        _CURE_SMOOTHING,
        _smoothed(lambda epsilon, classes: 1.0 - epsilon + 1.0 / classes, lambda _, classes: 1.0 / classes),
        tier="S",
        given=_is_smoothed,
    ),
    LossMistake(
        "uniform_term_left_out",
        "1 - ε of the label's loss was taken, and nothing of the other classes",
        _CURE_SMOOTHING,
        _smoothed(lambda epsilon, _: 1.0 - epsilon, lambda *_: 0.0),
        given=_is_smoothed,
    ),
    LossMistake(
        "smoothing_added_up",
        "label smoothing gave ε to every class, where ε/C is right: the uniform part was added up, not averaged",
        _CURE_SMOOTHING,
        _smoothed(lambda *_: 1.0, lambda epsilon, _: epsilon),
        given=_is_smoothed,
    ),
    LossMistake(
        "smoothing_over_all_but_two",
        "label smoothing gave ε/(C - 2) to each other class and 1 - ε to the label, as with a class for padding",
        _CURE_SMOOTHING,
        _smoothed(lambda epsilon, _: 1.0 - epsilon, lambda epsilon, classes: epsilon / (classes - 2)),
        given=lambda input, target, label_smoothing: input.shape[1] > 2 and _is_smoothed(target, label_smoothing),
    ),
    LossMistake(
        "entropy_subtracted",
        "the entropy of the smoothed labels was subtracted, as in a KL divergence",
        "leave the entropy out, which does not depend on the scores, or compare with kl_div",
        _less_entropy,
        given=lambda target, label_smoothing, weight: (
            weight is None and label_smoothing < 1.0 and _is_smoothed(target, label_smoothing)
        ),
    ),
)


def _of_predicted_weights(input: Array, table: Array, target: Array, weight: Array) -> Pair:
    weights = weight[input.argmax(axis=1)]
    return picked(table, target) * weights, weights


def _of_inverse_weights(table: Array, target: Array, weight: Array) -> Pair:
    weights = 1.0 / weight[as_label(target)]
    return picked(table, target) * weights, weights


def _has_weights(target: Array, table: Array | None, weight: Array | None) -> bool:
    return weight is not None and bool((weight > 0.0).all()) and has_labels(target, table)


WEIGHTS = (
    LossMistake(
        "weights_inverse",
        "one divided by each class weight was taken in place of the weight",
        "take the weights as they are: the rarer class has the larger one",
        _of_inverse_weights,
        given=_has_weights,
    ),
    LossMistake(
        "weights_of_predicted",
        "each sample got the weight of the class that was predicted, not of the true one",
        "take the weight of the true class",
        _of_predicted_weights,
        given=_has_weights,
    ),
)


def _over_axis(
    whole: Array,
    kept: NDArray[np.bool_] | None,
    unit_shape: tuple[int, ...],
    target: Array,
    weight: Array | None,
    axis: int,
) -> Array:
    scores = whole.reshape(*unit_shape, -1)
    largest = scores.max(axis=axis, keepdims=True)
    sums = np.log(np.exp(scores - largest).sum(axis=axis, keepdims=True)) + largest
    rows = np.arange(len(whole)) if kept is None else np.flatnonzero(kept)
    column = as_label(target)
    lost = np.broadcast_to(sums, scores.shape).reshape(len(whole), -1)[rows, column] - whole[rows, column]
    return weighed(lost, target, weight)


def _over_samples(
    whole: Array, kept: NDArray[np.bool_] | None, unit_shape: tuple[int, ...], target: Array, weight: Array | None
) -> Array:
    return _over_axis(whole, kept, unit_shape, target, weight, 0)


def _over_last(
    whole: Array, kept: NDArray[np.bool_] | None, unit_shape: tuple[int, ...], target: Array, weight: Array | None
) -> Array:
    return _over_axis(whole, kept, unit_shape, target, weight, len(unit_shape) - 1)


def _taken_for_probabilities(input: Array, target: Array, weight: Array | None) -> Array:
    """Keras with from_logits=False on scores: rows divided by their sums, cut off at 1e-7."""
    p = np.clip(picked(input, target) / input.sum(axis=1), _EPSILON, 1.0 - _EPSILON)
    return weighed(-np.log(p), target, weight)


def _sigmoids(input: Array, target: Array) -> Array:
    """The mean over the classes of binary cross-entropy on scores against one-hot rows."""
    soft = np.maximum(input, 0.0)
    soft += np.log1p(np.exp(-np.abs(input)))
    mean: Array = (soft.sum(axis=1) - picked(input, target)) / input.shape[1]
    return mean


def _minus_score(input: Array, target: Array, weight: Array | None) -> Array:
    return weighed(-picked(input, target), target, weight)


def _doubly_soft(table: Array, target: Array, weight: Array | None) -> Array:
    """Cross-entropy of the softmax: no term of the sum can overflow, for all are between 1 and e."""
    p = np.exp(-table)
    own = picked(p, target)
    return weighed(np.log(np.exp(p, out=p).sum(axis=1)) - own, target, weight)


def _finite_labels(input: Array, target: Array) -> bool:
    return target.ndim == 1 and bool(input.size) and bool(np.isfinite(input).all())


ARGUMENTS_EXCHANGED = LossMistake(
    "arguments_exchanged",
    "predictions and one-hot labels were exchanged: the logarithm was taken of the labels, cut off at 1e-7",
    "pass the labels where the labels go: Keras and scikit-learn have (y_true, y_pred)",
    of_exchanged,
    given=has_labels,
)
BINARY_ON_ONE_HOT = LossMistake(
    "binary_on_one_hot",
    "binary cross-entropy of the probabilities against one-hot rows was taken, and averaged over the classes",
    "use categorical cross-entropy: the classes exclude each other",
    of_two_answers,
    tier="A",
    given=lambda table, target: has_labels(target, table) and bool((table >= 0.0).all()),
)

ON_SCORES = (
    LossMistake(
        "softmax_before",
        "softmax was applied to the scores before the loss, which applies it itself",
        "pass the raw scores (logits), without softmax",
        _doubly_soft,
        tier="S",
        given=has_labels,
    ),
    LossMistake(
        "log_softmax_left_out",
        "minus the raw score of the true class was taken: nll on scores, without log_softmax before it",
        "apply log_softmax before nll, or use cross_entropy, which does both",
        _minus_score,
        tier="A",
        given=lambda target: target.ndim == 1,
    ),
    LossMistake(
        "log_left_out",
        "minus the probability of the true class was taken: nll on probabilities, without the logarithm",
        "apply log_softmax, not softmax, before nll",
        of_probabilities,
        tier="A",
        given=has_labels,
    ),
    LossMistake(
        "scores_taken_for_probabilities",
        "the raw scores were taken for probabilities, divided by their sum and cut off at 1e-7 (Keras without"
        " from_logits=True)",
        "give the Keras loss from_logits=True",
        _taken_for_probabilities,
        tier="A",
        given=_finite_labels,
    ),
    BINARY_ON_ONE_HOT,
    LossMistake(
        "sigmoid_on_one_hot",
        "each score was taken for a yes or no of its own (sigmoid, one-hot rows), averaged over the classes",
        "use softmax and cross-entropy: the classes exclude each other",
        _sigmoids,
        tier="A",
        given=_finite_labels,
    ),
    LossMistake(
        "softmax_over_samples",
        "softmax went over the samples (axis 0), not over the classes",
        "take softmax along the class axis (dim=1)",
        _over_samples,
        tier="A",
        given=lambda whole, target: target.ndim == 1 and bool(np.isfinite(whole).all()),
    ),
    LossMistake(
        "softmax_over_last_axis",
        "softmax went over the last axis, not over the classes",
        "take softmax along the class axis (dim=1)",
        _over_last,
        tier="A",
        given=lambda whole, target, unit_shape: (
            target.ndim == 1 and len(unit_shape) > 1 and bool(np.isfinite(whole).all())
        ),
    ),
    ARGUMENTS_EXCHANGED,
)
