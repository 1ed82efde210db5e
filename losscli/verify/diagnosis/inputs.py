"""Predictions seen as something else than they are: probabilities for scores, rows cut in another way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.layout import Layout
from losscli.numerics.sigmoid import sigmoid
from losscli.schema.domains import PROBABILITY, REAL, SCORE
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, View, scalar, with_view
from losscli.verify.diagnosis.mistakes import Mistake, area

_PAIRS = 2000  # units up to which all pairs are formed

declare = area("input")
_SOFTMAX_BEFORE = declare(
    "softmax_before",
    "S",
    "softmax was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without softmax",
)
_SIGMOID_BEFORE = declare(
    "sigmoid_before",
    "S",
    "sigmoid was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without sigmoid",
)
_SOFTMAX_TWICE = declare(
    "softmax_twice",
    "A",
    "softmax was applied to what already are probabilities{as_keras}",
    "pass the probabilities as they are",
)
_SIGMOID_TWICE = declare(
    "sigmoid_twice",
    "A",
    "sigmoid was applied to what already are probabilities{as_keras}",
    "pass the probabilities as they are",
)
_COMPLEMENT = declare(
    "complement",
    "A",
    "the probability of a no was passed, one minus that of a yes",
    "pass the probability of a yes",
    later=1,
)
_RECUT = declare(
    "reshaped_not_permuted",
    "A",
    "the class axis was moved to the end with reshape (or view), which cuts the numbers into other rows",
    "use permute or moveaxis before reshape",
)
_BROADCAST = declare(
    "broadcast",
    "S",
    "predictions (N, 1) met targets (N,): every prediction was compared with every target",
    "give both the same shape, with squeeze or reshape",
)
_ERRORS = declare("error_rate", "C", "this is the share of wrong predictions, not a loss", "report the loss")
_ACCURACY = declare("accuracy", "C", "this is the share of right predictions, not a loss", "report the loss")


def input_views(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What the prediction may have been taken for."""
    role = dataset.loss.roles[0]
    known = {mistake.name for mistake in dataset.own}
    for mistake, view in views_of(dataset):
        if mistake.name not in known:
            yield with_view(dataset, mistake, role, view)
    yield from _recut(dataset)
    if "broadcast" not in known:
        yield from _all_pairs(dataset)
    yield from _accuracy(dataset)


def views_of(dataset: Dataset) -> Iterator[tuple[Mistake, View]]:
    """Views of the first input that its domain suggests."""
    field = dataset.bound.inputs[0]
    rows, domain = field.role.axes in ("u c", "u d"), field.role.domain
    scored = domain.meaning == SCORE or domain is REAL
    if dataset.loss.kind == "classification" and field.role.axes == "u c" and scored:
        yield _SOFTMAX_BEFORE, softmax
    if (dataset.loss.kind == "binary" or field.role.axes == "u d") and domain.meaning == SCORE:
        yield _SIGMOID_BEFORE, lambda logits: np.asarray(sigmoid(logits))
    if domain is PROBABILITY and rows:
        yield _SOFTMAX_TWICE.of(as_keras=_as_keras(dataset)), softmax
    elif domain is PROBABILITY and dataset.loss.kind == "binary":
        yield _SIGMOID_TWICE.of(as_keras=_as_keras(dataset)), lambda p: np.asarray(sigmoid(p))
        yield _COMPLEMENT, lambda p: 1.0 - p


def _as_keras(dataset: Dataset) -> str:
    """What does that in Keras, for who uses it."""
    return ", as from_logits=True does" if dataset.bound.convention.name == "keras" else ""


def softmax(scores: Array) -> Array:
    """Rows of scores as probabilities, the usual way."""
    powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _recut(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """view(-1, C) where a permute was needed: rows cut from memory as it lies."""
    layout = dataset.bound.layout
    if not isinstance(layout, Layout) or layout.axis is None or layout.inner == 1:
        return
    field = dataset.bound.inputs[0]

    def view(_: Array) -> Array:
        rows: Array = field.data.array().astype(np.float64).reshape(-1, layout.length)
        return rows if dataset.kept is None else rows[dataset.kept]

    yield with_view(dataset, _RECUT, field.name, view)


def _all_pairs(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """(N, 1) against (N,): every prediction compared with every target."""
    inputs = dataset.bound.inputs
    if len(inputs) != 2 or any(field.role.axes != "u" for field in inputs) or dataset.bound.unit_options:
        return
    if not 1 < dataset.units <= _PAIRS or len(dataset.shape) > 2 or dataset.kept is not None:
        return
    if len(dataset.shape) == 2 and dataset.shape[1] != 1:
        return

    def value() -> float:
        predicted, true = (dataset.argument(field.name) for field in inputs)
        pairs = {inputs[0].name: np.repeat(predicted, len(predicted)), inputs[1].name: np.tile(true, len(true))}
        losses = dataset.kernel_of({**dataset.arguments, **pairs})
        return float(losses.sum() if dataset.bound.reduction == "sum" else losses.mean())

    yield scalar(dataset, _BROADCAST, value)


def _accuracy(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """A share of right or wrong predictions, reported as a loss."""
    target, scores = dataset.arguments.get("target"), dataset.argument(dataset.loss.roles[0])
    if not isinstance(target, np.ndarray) or target.ndim != 1 or not target.size:
        return
    if scores.ndim == 2 and dataset.labels is not None:
        right = scores.argmax(axis=1) == target
    elif scores.ndim == 1 and dataset.loss.kind == "binary" and np.isin(target, (-1.0, 0.0, 1.0)).all():
        middle = 0.5 if dataset.bound.inputs[0].role.domain is PROBABILITY else 0.0
        right = (scores >= middle) == (target > 0.0)
    else:
        return
    share = float(right.mean())
    yield scalar(dataset, _ERRORS, lambda: 1.0 - share)
    yield scalar(dataset, _ACCURACY, lambda: share)
