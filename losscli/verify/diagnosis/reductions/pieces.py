"""Losses that are one number of all data, or compare samples with one another: that of each batch or sample alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.reductions.batches import ends_of, of_size, sizes_of
from losscli.verify.diagnosis.reductions.terms import Way

_MOST_CALLS = 128  # of the kernel, for batches of all sizes
_MOST_SAMPLES = 400  # of which each is a batch of its own
_REST = "..."

declare = area("batches")
_OF_SAMPLES = declare(
    "mean_of_samples",
    "S",
    "the loss of each sample (a picture, a row) was taken by itself, and then the mean of these {samples}",
    "take one loss of all samples together",
)
_SUM_OF_SAMPLES = declare(
    "sum_of_samples",
    "A",
    "the loss of each sample (a picture, a row) was taken by itself, and these {samples} were added up",
    "take one loss of all samples together",
)
_OF_BATCHES = declare(
    "mean_of_batch_losses",
    "S",
    "the loss of each of the {form} was taken by itself, and then the mean of these",
    "take one loss of all samples together: this one is no mean of the losses of batches",
    later=1,
    pooled=True,
)
_BY_SIZE = declare(
    "batch_losses_by_size",
    "A",
    "the loss of each of the {form} was taken by itself, and then their mean with the number of samples as weights",
    "take one loss of all samples together: this one is no mean of the losses of batches",
    pooled=True,
)
_SUM_OF_BATCHES = declare(
    "sum_of_batch_losses",
    "A",
    "the loss of each of the {form} was taken by itself, and these were added up",
    "take one loss of all samples together",
    later=1,
    pooled=True,
)
_OVER_SAMPLES = declare(
    "batch_losses_over_samples",
    "A",
    "the losses of {form} were added up and divided by the number of samples",
    "take one loss of all samples together",
    later=1,
    pooled=True,
)
_LAST = declare(
    "last_batch_loss",
    "A",
    "only the loss of the last of the {form} was reported",
    "take one loss of all samples together",
    later=2,
    pooled=True,
)

Cut = Callable[[int, int], dict[str, Any]]


def of_pieces(dataset: Dataset, *, every_batch: bool) -> Iterator[Way]:
    """The loss of each sample and batch alone, with few calls of the kernel."""
    loss = dataset.loss
    if loss.separable or not (loss.units == "" or loss.kind == "embedding") or dataset.chunk.weight is not None:
        return
    samples = dataset.bound.layout.shape[0] if dataset.bound.layout.shape else 1
    cut = _cutting(dataset, samples) if samples > 1 else None
    if cut is None:
        return
    if samples <= _MOST_SAMPLES and loss.units == "":  # one alone has no other to be compared with
        alone = _losses(dataset, cut, range(samples + 1))
        yield _OF_SAMPLES.of(samples=samples), float(alone.mean())
        yield _SUM_OF_SAMPLES.of(samples=samples), float(alone.sum())
    calls = 0
    for size in sizes_of(samples, every=every_batch):
        ends = ends_of(samples, size)
        if calls + len(ends) <= _MOST_CALLS:
            calls += len(ends)
            losses, counts = _losses(dataset, cut, ends.tolist()), np.diff(ends)
            yield of_size(_OF_BATCHES, size), float(losses.mean())
            yield of_size(_SUM_OF_BATCHES, size), float(losses.sum())
            yield of_size(_OVER_SAMPLES, size), float(losses.sum() / samples)
            yield of_size(_LAST, size), float(losses[-1])
            if samples % size:
                yield of_size(_BY_SIZE, size), float((losses * counts).sum() / samples)


def _losses(dataset: Dataset, cut: Cut, ends: Any) -> Array:
    """The loss of each piece, the mean of those of its samples where it has several."""
    return np.array([dataset.kernel_of(cut(start, stop)).mean() for start, stop in pairwise(ends)])


def _cutting(dataset: Dataset, samples: int) -> Cut | None:
    """What gives the arguments for some samples; None where an input has no axis of samples."""
    axes: dict[str, int] = {}
    for field in dataset.bound.inputs:
        names = [name.removesuffix("?") for name in field.role.axes.split()]
        if "n" not in names and names[:1] != [_REST]:
            return None
        axes[field.name] = names.index("n") if "n" in names else 0
        value = dataset.arguments.get(field.name)
        if not isinstance(value, np.ndarray) or value.shape[axes[field.name]] % samples:
            return None
    whole: Mapping[str, Any] = dataset.arguments

    def cut(start: int, stop: int) -> dict[str, Any]:
        pieces = {}
        for name, axis in axes.items():
            width = whole[name].shape[axis] // samples
            pieces[name] = np.take(whole[name], np.arange(start * width, stop * width), axis=axis)
        return {**whole, **pieces}

    return cut
