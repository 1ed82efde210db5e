"""Truths that were smoothed, as training often does, and smoothing that counts what is ignored."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, with_request, with_view
from losscli.verify.diagnosis.inputs.ignoring import counting_all
from losscli.verify.diagnosis.mistakes import Mistake, area

_OPTION = "label_smoothing"
_USUAL = (0.1, 0.2, 0.05, 0.3)
_LATER = (0, 3, 5, 5)

declare = area("smoothing")
_SMOOTHED = declare(
    "label_smoothing_{epsilon}",
    "S",
    "the targets were smoothed by {epsilon}, as training often does",
    "set label_smoothing to {epsilon} here too, or leave it out there",
)
_IGNORED_SMOOTHED = declare(
    "smoothing_counts_ignored",
    "A",
    "label smoothing was applied to ignored samples too: their uniform part is in the sum{below}",
    "leave ignored samples out of both parts of the sum, and of the number that it is divided by",
)


def smoothed(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Usual amounts of smoothing that were not asked for; and one that was, in the wrong rows."""
    for at, epsilon in enumerate(_USUAL):
        mistake = _SMOOTHED.of(later=_LATER[at], epsilon=f"{epsilon:g}")
        if hypothesis := _by(dataset, mistake, epsilon):
            yield hypothesis
    yield from _of_ignored(dataset)


def _by(dataset: Dataset, mistake: Mistake, epsilon: float) -> LazyHypothesis | None:
    """The losses of targets smoothed by so much, in the cheapest way that the loss has; None if it has none."""
    field = next((field for field in dataset.bound.inputs if field.name == "target"), None)
    if field is None or dataset.loss.kind not in ("binary", "classification"):
        return None
    if dataset.loss.option(_OPTION) is not None and (dataset.table is None or dataset.labels is None):
        if dataset.bound.options[_OPTION] == epsilon:
            return None
        return with_request(
            dataset, (mistake,), dataset.bound_with(options={**dataset.request.options, _OPTION: epsilon})
        )
    if dataset.labels is not None and dataset.table is not None and dataset.in_nats:
        return _of_table(dataset, mistake, dataset.table, epsilon)
    if field.role.domain is PROBABILITY:
        classes = dataset.classes if field.role.axes == "u c" else 2
        return with_view(dataset, mistake, field.name, lambda t: (1.0 - epsilon) * t + epsilon / classes)
    return None


def _of_table(dataset: Dataset, mistake: Mistake, table: Array, epsilon: float) -> LazyHypothesis:
    """Of labels: most of the loss of the label, and a little of that of every class, each with its class's weight."""

    def compute() -> PerSample | None:
        weight = dataset.arguments.get("weight")
        weighted = table * weight if isinstance(weight, np.ndarray) and weight.size == dataset.classes else table
        uniform = weighted.mean(axis=1)
        return PerSample((mistake,), (1.0 - epsilon) * dataset.losses + epsilon * uniform, dataset.denominators)

    return LazyHypothesis((mistake,), compute, passes=False)


def _of_ignored(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Ignored samples that add their part of the uniform term, and are counted or not."""
    epsilon, kept = dataset.bound.options.get(_OPTION), dataset.kept
    if not epsilon or kept is None or dataset.labels is None or "weight" in dataset.request.options:
        return
    share = float(epsilon)
    for counted in (False, True):
        mistake = _IGNORED_SMOOTHED.of(below=" and in the number that it was divided by" if counted else "")

        def compute(mistake: Mistake = mistake, counted: bool = counted) -> PerSample | None:
            uniform = _uniform(dataset)
            if uniform is None:
                return None
            losses = share * uniform
            losses[kept] = dataset.losses
            return PerSample((mistake,), losses, None if counted else kept.astype(np.float64))

        yield LazyHypothesis((mistake,), compute)


def _uniform(dataset: Dataset) -> Array | None:
    """The mean over the classes of the losses of all samples, whatever their labels are."""
    bound = counting_all(dataset, 0, {_OPTION: 1.0})
    computed = None if bound is None else dataset.losses_of(bound)
    return None if computed is None or computed[0].size != dataset.units else computed[0]
