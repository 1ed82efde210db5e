"""Mistakes in gradients: the gradient of something else, or one that lacks a term or a factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from losscli.engine.chunks import MisfitError
from losscli.engine.evaluate import Wanted
from losscli.engine.layout import Layout
from losscli.request.compute import compute
from losscli.schema.data import Held
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.arrays.chain import slips
from losscli.verify.diagnosis.arrays.patterns import in_other_units, made, patterns, single_rows
from losscli.verify.diagnosis.arrays.piecewise import Rows, piecewise
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Group, Hypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.scaling import common_factors, over_classes
from losscli.verify.diagnosis.reductions.ways import WEIGHT_FORGOTTEN
from losscli.verify.diagnosis.rules import Target

_NOUGHT = 1e-9  # of the largest element: what a row of a softmax's gradient may add up to

declare = area("gradient")
_OF_ANOTHER_ROLE = declare(
    "gradient_of_{other}",
    "A",
    "this is the gradient with respect to {other}, not {role}",
    "differentiate with respect to {role}",
)
_OF_ANOTHER_REDUCTION = declare(
    "gradient_of_{reduction}",
    "S",
    "this is the gradient of the {reduction}, not of the {asked}{why}",
    "reduce with {asked} before differentiating",
)
_ONE_HOT_LEFT_OUT = declare(
    "one_hot_left_out",
    "S",
    "this is softmax alone: 1 was not taken from the probability of the true class",
    "take the one-hot target from the softmax",
)
_TARGET_LEFT_OUT = declare(
    "target_left_out",
    "S",
    "this is the probability alone: the target was not taken from it",
    "take the target from the probability",
)
_MEAN_MISSING = declare(
    "mean_missing",
    "S",
    "the gradient is {count} times too large: it was not divided by the number of samples",
    "divide by the number of samples",
)
_MEAN_TWICE = declare(
    "mean_twice",
    "S",
    "the gradient was divided by {count}, the number of samples, once too often",
    "divide once",
    later=1,
)

_BY_COUNT = declare(
    "gradient_of_divided_by_count",
    "S",
    "the gradient was divided by {count}, the number of samples, not by the sum of their weights",
    "divide by the sum of the weights that the samples have",
)
_IGNORED_COUNTED = declare(
    "gradient_of_ignored_counted",
    "S",
    "the gradient was divided by {count}, the number of all samples, the {ignored} that are ignored among them",
    "divide by the number of samples that are not ignored",
)
_BY_WEIGHTS = declare(
    "gradient_of_divided_by_weights",
    "A",
    "the gradient was divided by the sum of all weights of the {whose}",
    "divide by what the mean divides by",
)


def gradient_groups(
    target: Target, gradients: Mapping[str, Array], tried: Sequence[PerSample], dataset: Dataset
) -> Iterator[Group]:
    """Gradients under mistakes, the most likely first; then what the differences look like."""
    known = [
        made(target, mistake, gradient.reshape(target.claimed.shape))
        for mistake, gradient in _of_other_requests(target.role, gradients, dataset)
        if gradient.size == target.claimed.size
    ]
    known += _slips(target, dataset)
    known += filter(None, (_slopes(per_sample, target, dataset) for per_sample in tried))
    factors = list(_factors(dataset))
    scaled = [made(target, mistake, factor * target.ours) for mistake, factor in factors]
    yield sorted([*known, *scaled], key=attrgetter("rank"))
    yield sorted(in_other_units(target, known, factors), key=attrgetter("rank"))
    yield from patterns(target, ordered=dataset.everything is None)
    if (rows := _rows(target, dataset)) is not None:
        yield piecewise(target, dataset, known, *rows)
    if dataset.everything is None:
        yield single_rows(target)


def _slopes(per_sample: PerSample, target: Target, dataset: Dataset) -> Hypothesis | None:
    """The gradient of losses under mistakes, reduced as it is asked for, in the claim's shape."""
    if per_sample.pullback is None or len(per_sample.losses) != len(dataset.losses):
        return None
    try:
        gradient = per_sample.pullback(_upstream(per_sample, dataset)).get(target.role)
    except (LossError, MisfitError, ValueError, IndexError, TypeError):
        return None
    placed = None if gradient is None else _placed(gradient, target, dataset)
    if placed is None:
        return None
    return Hypothesis(per_sample.mistakes, placed, target.kind, per_sample.rank, per_sample)


def _slips(target: Target, dataset: Dataset) -> Iterator[Hypothesis]:
    """The right slopes with a slip in the chain rule, in the claim's shape."""
    up = _upstream(PerSample((), dataset.losses, dataset.denominators), dataset)
    right = dataset.slopes_with({}, up).get(target.role)
    for mistake, slopes in () if right is None else slips(dataset, target.role, up, right):
        placed = _placed(slopes, target, dataset)
        if placed is not None:
            yield made(target, mistake, placed)
    if dataset.chunk.weight is not None:
        for over in dict.fromkeys((dataset.over, 1.0 / max(1, dataset.counts[0]))):
            unweighted = dataset.slopes_with({}, np.full(len(dataset.losses), over)).get(target.role)
            placed = None if unweighted is None else _placed(unweighted, target, dataset)
            if placed is not None:
                yield made(target, WEIGHT_FORGOTTEN, placed)


def _upstream(per_sample: PerSample, dataset: Dataset) -> Array:
    """The derivative of the reduced value with respect to each loss."""
    weight = np.ones(len(dataset.losses)) if dataset.chunk.weight is None else dataset.chunk.weight
    if per_sample.denominators is dataset.denominators or dataset.bound.reduction != "mean":
        return dataset.over * weight
    denominators = 1.0 if per_sample.denominators is None else per_sample.denominators
    below = np.sum(denominators * (weight if dataset.bound.convention.weights_divide else np.ones(len(weight))))
    return weight / float(below * dataset.counts[0] / len(weight))


def _placed(gradient: Array, target: Target, dataset: Dataset) -> Array | None:
    """Slopes of the units that count, in the shape of the claim; ignored units have none."""
    layout, kept = dataset.bound.layout, dataset.kept
    axes = next((field.role.axes for field in dataset.bound.inputs if field.name == target.role), "")
    if isinstance(layout, Layout) and kept is not None and len(gradient) != dataset.units:
        whole = np.zeros((dataset.units, *gradient.shape[1:]))
        whole[kept] = gradient
        gradient = whole
    if gradient.size != target.claimed.size:
        return None
    if not isinstance(layout, Layout) or axes == "u":
        return gradient.reshape(target.claimed.shape)
    out = np.zeros(layout.shape)
    layout.put(np.ascontiguousarray(gradient), out, 0, dataset.units)
    return out.reshape(target.claimed.shape)


def _rows(target: Target, dataset: Dataset) -> tuple[Rows, Rows] | None:
    """How an array in the claim's shape is cut into a number or a row a unit, and the way back."""
    layout, shape = dataset.bound.layout, target.claimed.shape
    axes = next((field.role.axes for field in dataset.bound.inputs if field.name == target.role), "")
    if not isinstance(layout, Layout) or not axes:  # a parameter under a penalty is no input
        return None
    if axes == "u" and target.claimed.size == dataset.units:
        return lambda array: array.reshape(-1), lambda rows: rows.reshape(shape)
    if axes == "u" or target.claimed.size != dataset.units * layout.length:
        return None

    def back(rows: Array) -> Array:
        out = np.zeros(layout.shape)
        layout.put(np.ascontiguousarray(rows), out, 0, dataset.units)
        return out.reshape(shape)

    return lambda array: layout.rows(Held(array.reshape(layout.shape)), 0, dataset.units), back


def _of_other_requests(role: str, gradients: Mapping[str, Array], dataset: Dataset) -> Iterator[tuple[Mistake, Array]]:
    """The gradients of this request in other roles, reduced in other ways, and with a term left out."""
    for other_role, gradient in gradients.items():
        if other_role != role:
            yield _OF_ANOTHER_ROLE.of(other=other_role, role=role), gradient
    yield from _without_truth(role, gradients[role], dataset)
    yield from _reduced_otherwise(role, dataset)


def _reduced_otherwise(role: str, dataset: Dataset) -> Iterator[tuple[Mistake, Array]]:
    asked = dataset.bound.reduction
    for name in dataset.loss.reductions:
        if name in (asked, "none") or (dataset.everything is not None and name != "sum"):
            continue
        why = ": it was never divided by the number of samples" if name == "sum" else ""
        yield from _under(_OF_ANOTHER_REDUCTION.of(reduction=name, asked=asked, why=why), role, dataset, reduction=name)


def _under(mistake: Mistake, role: str, dataset: Dataset, **changes: Any) -> Iterator[tuple[Mistake, Array]]:
    bound = dataset.bound_with(**{"reduction": dataset.bound.reduction, **changes})
    if bound is None:
        return
    try:
        gradients = compute(bound, Wanted(gradients=True)).gradients or {}
    except LossError:
        return
    if role in gradients:
        yield mistake, gradients[role]


def _without_truth(role: str, ours: Array, dataset: Dataset) -> Iterator[tuple[Mistake, Array]]:
    """The slope of a softmax or sigmoid without the truth: p where p - target is right."""
    layout, target = dataset.bound.layout, dataset.arguments.get("target")
    if role != dataset.loss.roles[0] or not isinstance(layout, Layout) or not isinstance(target, np.ndarray):
        return
    up = dataset.over * (1.0 if dataset.chunk.weight is None else dataset.chunk.weight)
    if dataset.labels is not None:
        rows = layout.rows(Held(ours), 0, dataset.units).copy()
        if np.abs(rows.sum(axis=1)).max(initial=0.0) > _NOUGHT * np.abs(rows).max(initial=0.0):
            return
        counted = np.arange(dataset.units) if dataset.kept is None else np.flatnonzero(dataset.kept)
        rows[counted, dataset.labels] += up if dataset.denominators is None else up * dataset.denominators
        out = np.zeros(layout.shape)
        layout.put(rows, out, 0, dataset.units)
        yield _ONE_HOT_LEFT_OUT, out
    elif dataset.loss.kind == "binary" and not dataset.bound.unit_options and target.size == ours.size:
        added = (ours.reshape(-1) + target * up).reshape(ours.shape)
        yield _TARGET_LEFT_OUT, added


def _factors(dataset: Dataset) -> Iterator[tuple[Mistake, float]]:
    """Factors with a name."""
    for n in dict.fromkeys(dataset.counts):
        if n > 1:
            yield _MEAN_MISSING.of(count=n), float(n)
            yield _MEAN_TWICE.of(count=n), 1.0 / n
    yield from _other_divisors(dataset)
    yield from common_factors(dataset)
    yield from over_classes(dataset)


def _other_divisors(dataset: Dataset) -> Iterator[tuple[Mistake, float]]:
    """Factors of a mean that was divided by something else."""
    if dataset.bound.reduction != "mean" or not dataset.losses.size:
        return
    below, (count, _, units) = 1.0 / dataset.over, dataset.counts
    if below != count:
        yield _BY_COUNT.of(count=count), below / count
    if units != count:
        yield _IGNORED_COUNTED.of(count=units, ignored=units - count), below / units
    weight = dataset.arguments.get("weight")
    for whose, weights in (("classes", weight), ("samples", dataset.chunk.weight)):
        if isinstance(weights, np.ndarray) and weights.size and weights.sum() not in (0.0, below):
            yield _BY_WEIGHTS.of(whose=whose), below / float(weights.sum())
