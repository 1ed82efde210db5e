"""Truth that is none: what the model predicted, every class at once, or whether the prediction is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from losscli.numerics.sigmoid import sigmoid
from losscli.schema.domains import CHANCE, LOG, PROBABILITY, SCORE, SIGN
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import (
    Labels,
    LazyHypothesis,
    PerSample,
    with_labels,
    with_losses,
    with_view,
)
from losscli.verify.diagnosis.inputs.activations import softmax
from losscli.verify.diagnosis.mistakes import Mistake, area

declare = area("truth")
_PREDICTED = declare(
    "predicted_class_for_true",
    "A",
    "the class that was predicted was taken for the true one, so that no prediction is wrong",
    "take the true class from the labels",
)
_TOP_LABEL = declare(
    "top_label_only",
    "B",
    "the greatest probability alone was compared, with whether the prediction is right",
    "compare the probabilities of all classes with the true class",
)
_ALL_CLASSES = declare(
    "true_class_not_picked",
    "A",
    "the losses that each class would have were {how}: the true class was not picked out (no one-hot mask)",
    "take the entry of the true class alone, and average over the samples",
)
_PREDICTIONS = declare(
    "predictions_for_targets",
    "A",
    "the predictions were taken for the targets too: this is the entropy of the predictions, without the truth",
    "give the targets their own array",
    later=1,
)


def other_truths(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What the losses are if something else stands for the truth."""
    field = next((field for field in dataset.bound.inputs if field.name == "target"), None)
    if field is None or dataset.loss.kind not in ("binary", "classification", "segmentation"):
        return
    if dataset.labels is not None and field.role.domain.index:
        yield from _of_labels(dataset, dataset.labels)
    elif field.role.domain is PROBABILITY or field.role.domain is SIGN:
        yield from _of_answers(dataset, field.name, signs=field.role.domain is SIGN)


def _of_labels(dataset: Dataset, labels: Labels) -> Iterator[LazyHypothesis]:
    scores = dataset.argument(dataset.loss.roles[0])
    if scores.ndim != 2 or not len(scores) or dataset.classes < 2:
        return
    predicted = scores.argmax(axis=1)
    yield with_labels(dataset, _PREDICTED, predicted)
    if dataset.bound.inputs[0].role.domain.meaning == CHANCE:
        yield _of_top_labels(dataset, scores.max(axis=1), predicted == labels)
    if dataset.table is not None:
        yield with_losses(dataset, _ALL_CLASSES.of(how="averaged"), dataset.table.mean(axis=1))
        yield with_losses(dataset, _ALL_CLASSES.of(how="added up"), dataset.table.sum(axis=1))
        chances = _chances(dataset, scores)
        if chances is not None and dataset.in_nats:
            products = np.where(chances == 0.0, 0.0, chances * dataset.table)
            yield with_losses(dataset, _PREDICTIONS, products.sum(axis=1))


def _of_top_labels(dataset: Dataset, chances: Array, right: Any) -> LazyHypothesis:
    """Yes or no: the probability of the predicted class, against whether it is the true one."""
    no_weights = {spec.name: None for spec in dataset.loss.options if spec.option.axes == "c"}

    def compute() -> PerSample | None:
        rows = np.stack([1.0 - chances, chances], axis=1)
        named = {dataset.loss.roles[0]: rows, "target": right.astype(np.intp), **no_weights}
        losses = dataset.with_changes(named)
        return None if losses is None else PerSample((_TOP_LABEL,), losses)

    return LazyHypothesis((_TOP_LABEL,), compute)


def _of_answers(dataset: Dataset, role: str, *, signs: bool) -> Iterator[LazyHypothesis]:
    scores = dataset.argument(dataset.loss.roles[0])
    if scores.shape != dataset.argument(role).shape or not scores.size:
        return
    exclusive = dataset.bound.inputs[0].role.axes == "u c"
    chances = _chances(dataset, scores)
    if exclusive and scores.ndim == 2:
        hard = np.eye(scores.shape[1])[scores.argmax(axis=1)]
    else:
        middle = 0.5 if dataset.bound.inputs[0].role.domain.meaning == CHANCE else 0.0
        hard = np.where(scores < middle, -1.0 if signs else 0.0, 1.0)
    yield _with_target(dataset, _PREDICTED, role, hard)
    if chances is not None and not signs and dataset.in_nats:
        yield _with_target(dataset, _PREDICTIONS, role, chances)


def _with_target(dataset: Dataset, mistake: Mistake, role: str, target: Array) -> LazyHypothesis:
    return with_view(dataset, mistake, role, lambda _: target)


def _chances(dataset: Dataset, values: Array) -> Array | None:
    """What the first input says of the probabilities, by what its numbers mean."""
    field = dataset.bound.inputs[0]
    meaning = field.role.domain.meaning
    if meaning == CHANCE:
        return values
    if meaning == LOG:
        return np.exp(values)
    if meaning != SCORE:
        return None
    return softmax(values) if field.role.axes == "u c" else np.asarray(sigmoid(values))
