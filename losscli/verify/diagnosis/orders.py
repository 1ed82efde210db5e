"""Classes that stand in another order in the columns than in the labels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

from losscli.schema.data import Data, class_names
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Labels, LazyHypothesis, scalar, with_labels
from losscli.verify.diagnosis.mistakes import Mistake, area

_VERY_FEW_CLASSES = 4
_FEW_CLASSES = 6  # of which every order is tried
_SOME_CLASSES = 20  # of which every two are exchanged, whatever that costs
_MANY_CLASSES = 100  # the same, where the losses of each class need only be added up once
_NUMBERS = 2_000_000  # elements of a pass for each class together
_SHOWN = 6
_IN_ORDER = "put the columns in the order of the labels"

Order = tuple[int, ...]

declare = area("order")
_IN_OTHER_ORDER = declare(
    "classes_in_other_order",
    "A",
    "the columns stand in another order than the labels (class→column: {moved})",
    _IN_ORDER,
    pooled=True,
)
_REVERSED = declare("classes_reversed", "A", "the classes stand in reverse order", _IN_ORDER)
_AS_TEXT = declare(
    "classes_sorted_as_text",
    "A",
    "the columns are sorted as text ('10' before '2'), the labels as numbers",
    _IN_ORDER,
)
_BY_PLACE = declare(
    "labels_taken_for_places",
    "S",
    "the labels were taken for the places of the columns, counted from 0, though they are the columns' names: {names}",
    "find the column of each label by its name",
)
_SORTED = declare(
    "classes_sorted_by_name",
    "S",
    "the labels were numbered in the {order} of their names, and the columns stand as {names}",
    _IN_ORDER,
    later=1,
)
_APPEARANCE = declare(
    "classes_as_they_appear",
    "A",
    "the labels were numbered as they first appear in the truth, and the columns stand as {names}",
    _IN_ORDER,
)


def orders(dataset: Dataset, labels: Labels) -> Iterator[LazyHypothesis]:
    """Labels that mean another column: by their names first, then by the orders that people put classes in."""
    yield from _named(dataset, labels)
    classes = dataset.classes
    yield with_labels(dataset, _REVERSED, classes - 1 - labels)
    if classes > 10:
        as_text = np.array(sorted(range(classes), key=str))
        yield with_labels(dataset, _AS_TEXT, np.argsort(as_text)[labels])
        yield with_labels(dataset, _AS_TEXT, as_text[labels])
    if classes <= _SOME_CLASSES:
        for order in _orders(classes, looked_up=dataset.table is not None):
            yield with_labels(dataset, in_order(order, likely=_is_likely(order)), np.array(order)[labels])
    elif classes <= _MANY_CLASSES and (sums := _sums(dataset, labels)) is not None:
        for order in _orders(classes, looked_up=True):
            yield _added_up(dataset, in_order(order, likely=_is_likely(order)), sums, order)


def usual_orders(classes: int) -> Iterator[tuple[Mistake, Order]]:
    """Every order of very few classes; of more the reverse, and that of their numbers as text."""
    yield _REVERSED, tuple(range(classes))[::-1]
    if classes <= _VERY_FEW_CLASSES:
        for order in _orders(classes, looked_up=True):
            yield in_order(order), order
    elif classes > 10:
        as_text = np.array(sorted(range(classes), key=str))
        yield _AS_TEXT, tuple(np.argsort(as_text).tolist())


def in_order(order: Order, *, likely: bool = True) -> Mistake:
    """The mistake of columns in another order: where each class was looked for."""
    moved = [f"{at}→{column}" for at, column in enumerate(order) if at != column]
    return _IN_OTHER_ORDER.of(later=2 if likely else 6, moved=", ".join(moved))


def _orders(classes: int, *, looked_up: bool) -> Iterator[Order]:
    """Every order of few classes, fewer if each costs a pass; of more every exchange of two, and all moved on."""
    if classes <= (_FEW_CLASSES if looked_up else _VERY_FEW_CLASSES):
        yield from (order for order in permutations(range(classes)) if list(order) != sorted(order))
        return
    for step in range(2, classes - 1):  # by one is for labels counted from 1
        yield tuple((at + step) % classes for at in range(classes))
    for first, second in combinations(range(classes), 2):
        order = list(range(classes))
        order[first], order[second] = second, first
        yield tuple(order)


def _is_likely(order: Order) -> bool:
    """Whether an order is one of few classes, or two neighbours are exchanged."""
    moved = [at for at, column in enumerate(order) if at != column]
    return len(order) <= _VERY_FEW_CLASSES or (len(moved) == 2 and moved[1] == moved[0] + 1)


def losses_by_label(dataset: Dataset) -> Array | None:
    """What each sample would cost with each label; None where there are no labels, or too many for a pass each."""
    labels, table = dataset.labels, dataset.table
    if labels is None:
        return None
    if table is not None:
        return table if dataset.denominators is None else table * dataset.denominators[:, None]
    if dataset.denominators is not None or len(labels) * dataset.classes**2 > _NUMBERS:
        return None
    columns = [dataset.with_labels(np.full(len(labels), label)) for label in range(dataset.classes)]
    losses = [column[0] for column in columns if column is not None]
    return np.stack(losses, axis=1) if len(losses) == dataset.classes else None


def _sums(dataset: Dataset, labels: Labels) -> Array | None:
    """The losses of the samples of each class with each label, added up; None where samples have weights."""
    if dataset.table is None or dataset.denominators is not None or dataset.chunk.weight is not None:
        return None
    sums = np.zeros((dataset.classes, dataset.classes))
    np.add.at(sums, labels, dataset.table)
    return sums


def _added_up(dataset: Dataset, mistake: Mistake, sums: Array, order: Order) -> LazyHypothesis:
    count = 1 if dataset.bound.reduction == "sum" else max(1, len(dataset.losses))

    def value() -> float:
        return float(sums[np.arange(len(order)), order].sum()) / count

    return scalar(dataset, mistake, value)


def _named(dataset: Dataset, labels: Labels) -> Iterator[LazyHypothesis]:
    """Names that both the columns and the labels have, not used, or used in another order."""
    field = next(field for field in dataset.bound.inputs if field.name == "target")
    target = dataset.request.inputs.get(field.name)
    if target is None or not dataset.shape or target.shape != dataset.shape:
        return
    written = target.array().reshape(-1)
    written = written if dataset.kept is None else written[dataset.kept]
    names = _names(dataset, target)
    if len(names) != dataset.classes:
        return
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    if not target.words and ((written >= 0) & (written < dataset.classes)).all():
        yield with_labels(dataset, _BY_PLACE.of(names=shown), written.astype(np.intp))
    by_text = np.argsort(np.argsort(np.array(names), kind="stable"))
    yield with_labels(dataset, _SORTED.of(names=shown, order="alphabetical order"), by_text[labels])
    if all(name.isdecimal() for name in names):
        by_number = np.argsort(np.argsort(np.array([int(name) for name in names]), kind="stable"))
        yield with_labels(dataset, _SORTED.of(names=shown, order="numerical order"), by_number[labels])
    if len(labels):
        seen, first = np.unique(labels, return_index=True)
        place = np.zeros(dataset.classes, np.intp)
        place[seen[np.argsort(first)]] = np.arange(len(seen))
        yield with_labels(dataset, _APPEARANCE.of(names=shown), place[labels])


def _names(dataset: Dataset, target: Data) -> tuple[str, ...]:
    """What the classes are called, in the order of the columns."""
    scores = dataset.request.inputs[dataset.loss.roles[0]]
    if dataset.request.settings.classes:
        return tuple(map(str, dataset.request.settings.classes))
    shared = class_names(scores.names)
    return scores.names if target.words and set(target.words) <= set(scores.names) else shared
