"""Weights of classes that stand in another order, or were applied to something else than the losses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.schema.data import Data, Held
from losscli.schema.domains import SCORE
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, with_request
from losscli.verify.diagnosis.mistakes import area

declare = area("weights")
_IN_OTHER_ORDER = declare(
    "{option}_in_other_order",
    "B",
    "the entries of {option} were taken {how}",
    "put the entries of {option} in the order of the classes",
)
_ON_SCORES = declare(
    "weights_on_scores",
    "B",
    "the scores were multiplied by {option} before the loss, and the losses were not",
    "multiply the losses by the weights of their classes, not the scores",
)
_ORDERS = (("in reverse order", slice(None, None, -1), 0), ("one class too low", None, -1), ("one too high", None, 1))


def of_classes(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What an option with an entry a class may have been taken for."""
    for spec in dataset.loss.options:
        entries, written = dataset.arguments.get(spec.name), dataset.request.options.get(spec.name)
        if spec.option.axes != "c" or not isinstance(entries, np.ndarray) or not isinstance(written, Data):
            continue
        for how, turned, step in _ORDERS:
            other = np.roll(entries, step) if turned is None else entries[turned]
            data = Data(written.source, "float64", Held(other.copy()), written.place)
            bound = dataset.bound_with(options={**dataset.request.options, spec.name: data})
            mistake = _IN_OTHER_ORDER.of(option=spec.name, how=how)
            if hypothesis := with_request(dataset, (mistake,), bound):
                yield hypothesis
        if dataset.bound.inputs[0].role.domain.meaning == SCORE and entries.size == dataset.classes:
            yield _on_scores(dataset, spec.name, entries)


def _on_scores(dataset: Dataset, option: str, entries: Array) -> LazyHypothesis:
    role, mistake = dataset.loss.roles[0], _ON_SCORES.of(option=option)

    def compute() -> PerSample | None:
        losses = dataset.with_changes({role: dataset.argument(role) * entries, option: None})
        return None if losses is None else PerSample((mistake,), losses)

    return LazyHypothesis((mistake,), compute)
