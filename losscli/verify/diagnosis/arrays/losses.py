"""Claimed losses of samples: the losses under every mistake, in the claim's shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

import numpy as np

from losscli.engine.tally import weighted
from losscli.schema.loss import Array
from losscli.verify.diagnosis.arrays.patterns import in_other_units, made, patterns, single_rows
from losscli.verify.diagnosis.arrays.piecewise import piecewise
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Group, Hypothesis, PerSample
from losscli.verify.diagnosis.inputs.orders import in_order, losses_by_label
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.scaling import common_factors, over_classes
from losscli.verify.diagnosis.reductions.ways import WEIGHT_FORGOTTEN
from losscli.verify.diagnosis.rules import Target

declare = area("array")
_DIVIDED_BY_COUNT = declare(
    "losses_divided_by_count",
    "S",
    "the loss of each sample was divided by the number of samples already",
    "leave the losses of samples undivided",
)

_DIVIDED_BY_WEIGHTS = declare(
    "losses_divided_by_weights",
    "A",
    "the loss of each sample was divided by the {what} of the weights already",
    "leave the losses of samples undivided",
)


def per_sample_groups(target: Target, tried: Sequence[PerSample], dataset: Dataset) -> Iterator[Group]:
    """Losses under mistakes, the most likely first; any order of the classes; then what the differences look like."""
    if dataset.chunk.weight is not None:
        unweighted = _in_shape(dataset.losses, dataset, target.ours)
        yield [] if unweighted is None else [made(target, WEIGHT_FORGOTTEN, unweighted)]
    factors = list(_factors(dataset))
    known = sorted(_known(target, tried, dataset), key=attrgetter("rank"))
    scaled = [made(target, mistake, factor * target.ours) for mistake, factor in factors]
    yield sorted([*known, *scaled], key=attrgetter("rank"))
    yield _any_order(target, dataset)
    yield sorted(in_other_units(target, known, factors), key=attrgetter("rank"))
    yield from patterns(target, ordered=dataset.everything is None)
    if target.ours.size == dataset.units:
        shape = target.ours.shape
        yield piecewise(target, dataset, known, lambda array: array.reshape(-1), lambda rows: rows.reshape(shape))
    if dataset.everything is None:
        yield single_rows(target)


def expanded(losses: Array, dataset: Dataset, ours: Array) -> Array | None:
    """Losses of the units that count, with the weights of the samples, in the shape of all units."""
    weight = dataset.chunk.weight
    if weight is not None and weight.size == losses.size:
        losses = weighted(losses, weight)
    return _in_shape(losses, dataset, ours)


def _in_shape(losses: Array, dataset: Dataset, ours: Array) -> Array | None:
    if losses.size == ours.size:
        return losses.reshape(ours.shape)
    if dataset.kept is None or losses.size != int(dataset.kept.sum()):
        return None
    whole = np.zeros(dataset.units)
    whole[dataset.kept] = losses
    return whole.reshape(ours.shape)


def _known(target: Target, tried: Sequence[PerSample], dataset: Dataset) -> Iterator[Hypothesis]:
    for per_sample in tried:
        if per_sample.scalar is None:
            numbers = expanded(per_sample.losses, dataset, target.ours)
            if numbers is not None:
                yield Hypothesis(per_sample.mistakes, numbers, target.kind, per_sample.rank, per_sample)


def _any_order(target: Target, dataset: Dataset) -> Iterator[Hypothesis]:
    """An order of any number of classes that explains the loss of every sample: each class had one other column."""
    labels = dataset.labels
    if labels is None or target.claimed.size != dataset.units or dataset.chunk.weight is not None:
        return
    table = losses_by_label(dataset)
    if table is None:
        return
    counted = np.ones(dataset.units, dtype=bool) if dataset.kept is None else dataset.kept
    claimed, widths = (numbers.reshape(-1)[counted][:, None] for numbers in (target.claimed, target.widths))
    with np.errstate(invalid="ignore"):
        fitting = np.abs(claimed - table) <= widths
    order = np.full(dataset.classes, -1)
    for label in np.unique(labels):
        columns = np.flatnonzero(fitting[labels == label].all(axis=0))
        if not len(columns):
            return
        order[label] = label if label in columns else columns[0]
    used = order[order >= 0]
    if len(np.unique(used)) == len(used):
        order[order < 0] = np.setdiff1d(np.arange(dataset.classes), used)
        numbers = _in_shape(table[np.arange(len(labels)), order[labels]], dataset, target.ours)
        if numbers is not None:
            yield made(target, in_order(tuple(order.tolist())), numbers)


def _factors(dataset: Dataset) -> Iterator[tuple[Mistake, float]]:
    for count in dict.fromkeys(dataset.counts):
        if count > 1:
            yield _DIVIDED_BY_COUNT, 1.0 / count
    if dataset.denominators is not None and dataset.bound.reduction == "mean" and dataset.over > 0.0:
        yield _DIVIDED_BY_WEIGHTS.of(what="sum"), dataset.over
        yield _DIVIDED_BY_WEIGHTS.of(what="mean"), dataset.counts[0] * dataset.over
    yield from common_factors(dataset)
    yield from over_classes(dataset)
