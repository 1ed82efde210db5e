"""Columns of predictions that met other columns of the truth, where every column is judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, area

_FEW = 4  # columns of which every order is tried
_SOME = 20
_NUMBERS = 2_000_000  # elements of all passes together

Order = tuple[int, ...]

declare = area("column")
_IN_OTHER_ORDER = declare(
    "columns_in_other_order",
    "A",
    "the columns of predictions and targets stand in different orders (prediction→target: {moved})",
    "bring the columns of both into one order, by their names",
    later=2,
)
_SHIFTED = declare(
    "columns_shifted",
    "B",
    "each column of the predictions met a column of the targets {by} further on, the last ones the first",
    "compare each column with its own: an index column on one side moves all others",
)


def columns(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """The orders of columns that people mistake for each other."""
    shape = dataset.shape
    targets = [field.name for field in dataset.bound.inputs if field.name == "target"]
    plain = isinstance(dataset.bound.layout, Layout) and dataset.loss.separable and dataset.kept is None
    if len(shape) != 2 or not targets or not plain or dataset.classes != 1 or not 2 <= shape[1] <= _SOME:
        return
    if dataset.units * shape[1] > _NUMBERS or dataset.argument("target").size != dataset.units:
        return

    @cache
    def shifted(step: int) -> Array | None:
        """The losses, each prediction beside the target so many columns further on."""
        target = dataset.argument("target").reshape(shape)
        losses = dataset.with_changes({"target": np.roll(target, -step, axis=1).reshape(-1).copy()})
        return None if losses is None or losses.size != dataset.units else losses.reshape(shape)

    def of(mistake: Mistake, order: Order) -> LazyHypothesis:
        def compute() -> PerSample | None:
            losses = np.empty(shape)
            for at, column in enumerate(order):
                whole = shifted((column - at) % len(order))
                if whole is None:
                    return None
                losses[:, at] = whole[:, at]
            return PerSample((mistake,), losses.reshape(-1), dataset.denominators)

        return LazyHypothesis((mistake,), compute)

    for order in _orders(shape[1]):
        step = order[0]
        if step and order == tuple((at + step) % len(order) for at in range(len(order))):
            yield of(_SHIFTED.of(by=step), order)
        else:
            moved = ", ".join(f"{at}→{column}" for at, column in enumerate(order) if at != column)
            yield of(_IN_OTHER_ORDER.of(moved=moved), order)


def _orders(count: int) -> Iterator[Order]:
    """Every order of few columns; of more the reverse, neighbours exchanged, and all moved on."""
    plain = tuple(range(count))
    if count <= _FEW:
        yield from (order for order in permutations(plain) if order != plain)
        return
    yield plain[::-1]
    for at in range(count - 1):
        yield (*plain[:at], at + 1, at, *plain[at + 2 :])
    for step in range(1, count):
        yield (*plain[step:], *plain[:step])
