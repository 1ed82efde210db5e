"""Rows and columns that were paired by their places where they belong together by a key, a name or their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import (
    Changes,
    Labels,
    LazyHypothesis,
    PerSample,
    with_inputs,
    with_labels,
    with_request,
)
from losscli.verify.diagnosis.mistakes import Mistake, area

_LEAST = 3  # rows

declare = area("place")
_ROWS_BY_PLACE = declare(
    "rows_paired_by_place",
    "S",
    "the rows of {source} were taken in the order of the file, not joined on the column {key}",
    "join the rows of both files on that column",
)
_COLUMNS_BY_PLACE = declare(
    "columns_paired_by_place",
    "S",
    "the columns of {source} were taken in the order of the file, {names}, not matched by their names",
    "bring the columns of both files into one order",
)
_TARGETS_SORTED = declare(
    "targets_sorted",
    "B",
    "the targets were sorted, and the predictions were not: each prediction met the truth of another row",
    "sort both by one key, or neither",
)
_PREDICTIONS_SORTED = declare(
    "predictions_sorted",
    "B",
    "the predictions were sorted, and the targets were not: each prediction met the truth of another row",
    "sort both by one key, or neither",
    later=1,
)
_BOTH_SORTED = declare(
    "both_sorted",
    "B",
    "predictions and targets were sorted each by themselves: each prediction met the truth of another row",
    "sort both by one key, or neither",
    later=2,
)
_ROWS_REVERSED = declare(
    "targets_reversed",
    "B",
    "the targets are in reverse order of the rows: the last truth met the first prediction",
    "compare each prediction with the truth of its own row",
    later=1,
)
_FIRST_LOST = declare(
    "first_row_left_out",
    "B",
    "the first row is missing on both sides, as where it was taken for a header",
    "say that the files have no header (header=None in pandas)",
)


def out_of_place(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Files paired by place that were joined here; then one side in another order."""
    yield from _by_place(dataset)
    kept = dataset.kept is None and dataset.bound.sample_weight is None
    if not kept or not isinstance(dataset.bound.layout, Layout) or dataset.samples < _LEAST:
        return
    yield from _sorted(dataset)
    yield _moved(dataset, _ROWS_REVERSED, np.arange(dataset.samples)[::-1])
    yield from _first_lost(dataset)


def _by_place(dataset: Dataset) -> Iterator[LazyHypothesis]:
    for role, data in dataset.request.inputs.items():
        stored = data.as_stored
        while stored is not None:
            if stored.names != data.names:
                names = ", ".join(stored.names[:6]) + (", …" if len(stored.names) > 6 else "")
                mistake = _COLUMNS_BY_PLACE.of(source=stored.source, names=names)
            else:
                mistake = _ROWS_BY_PLACE.of(source=stored.source, key=data.key or "that both have")
            try:
                bound = replace(dataset.request, inputs={**dataset.request.inputs, role: stored}).bound()
            except LossError:
                bound = None
            if hypothesis := with_request(dataset, (mistake,), bound):
                yield hypothesis
            data, stored = stored, stored.as_stored


def _sorted(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """A column of truths or predictions in rising order, and the other as it was."""
    first, second = dataset.bound.inputs[0].name, _moved_role(dataset)
    if not second or dataset.argument(second).ndim != 1 or len(dataset.shape) != 1:
        return

    def rising(*roles: str) -> Changes:
        return lambda: {role: np.sort(dataset.argument(role)) for role in roles}

    yield with_inputs(dataset, (_TARGETS_SORTED,), rising(second))
    if dataset.argument(first).ndim == 1:
        yield with_inputs(dataset, (_PREDICTIONS_SORTED,), rising(first))
        yield with_inputs(dataset, (_BOTH_SORTED,), rising(first, second))


def _moved_role(dataset: Dataset) -> str:
    """The input that is paired with the first: the target, or the second of two alike."""
    inputs = dataset.bound.inputs
    if any(field.name == "target" for field in inputs):
        return "target"
    alike = len(inputs) > 1 and inputs[0].role.axes == inputs[1].role.axes
    return inputs[1].name if alike else ""


def _moved(dataset: Dataset, mistake: Mistake, order: Labels) -> LazyHypothesis:
    """The truth with its samples in another order."""
    role = _moved_role(dataset)
    if role == "target" and dataset.labels is not None:
        return with_labels(dataset, mistake, _in_order(dataset, dataset.labels, order).astype(np.intp))
    return with_inputs(
        dataset, (mistake,), lambda: {role: _in_order(dataset, dataset.argument(role), order)} if role else {}
    )


def _in_order(dataset: Dataset, values: Array | Labels, order: Labels) -> Array | Labels:
    samples = values.reshape(dataset.samples, -1)[order]
    return samples.reshape(values.shape)


def _first_lost(dataset: Dataset) -> Iterator[LazyHypothesis]:
    each = dataset.units // dataset.samples

    def compute() -> PerSample | None:
        losses, denominators = dataset.losses, dataset.denominators
        if losses.size != dataset.units:
            return None
        return PerSample((_FIRST_LOST,), losses[each:], None if denominators is None else denominators[each:])

    yield LazyHypothesis((_FIRST_LOST,), compute, passes=False)
