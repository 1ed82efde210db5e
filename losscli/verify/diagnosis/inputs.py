"""Predictions seen as something else than they are: probabilities for scores, rows cut in another way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.verify.diagnosis.activations import activations
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, scalar, with_view
from losscli.verify.diagnosis.mistakes import area

_PAIRS = 2000  # units up to which all pairs are formed

declare = area("input")
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
    yield from activations(dataset)
    yield from _recut(dataset)
    if "broadcast" not in {mistake.name for mistake in dataset.own}:
        yield from _all_pairs(dataset)
    yield from _accuracy(dataset)


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
