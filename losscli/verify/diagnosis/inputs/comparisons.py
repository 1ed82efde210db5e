"""Predictions seen as something else than they are: probabilities for scores, rows cut in another way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.schema.domains import PROBABILITY
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, scalar
from losscli.verify.diagnosis.inputs.activations import activations
from losscli.verify.diagnosis.inputs.layouts import layouts
from losscli.verify.diagnosis.mistakes import area

_PAIRS = 2000  # units up to which all pairs are formed

declare = area("input")
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
    yield from layouts(dataset)
    if "broadcast" not in {mistake.name for mistake in dataset.own}:
        yield from _all_pairs(dataset)
    yield from _accuracy(dataset)


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
