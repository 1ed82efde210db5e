"""Means of batch means, for every size of batch that somebody may have used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import Mistake, area

_EVERY_SIZE = 512  # samples up to which every batch size is tried
_RARE = 9  # after all other single mistakes, for there are so many
_MOST_USUAL = (32, 64, 128, 16, 256, 8)
_USUAL = (4, 10, 20, 50, 100, 512, 2, 3, 5, 6, 12, 24, 25, 30, 40, 48, 96, 200, 250, 500, 1000, 1024, 2048, 4096)

declare = area("batches")
_MEAN_OF_MEANS = declare(
    "mean_of_batch_means",
    "S",
    "the means of {batches} were averaged, though they differ in size or weight",
    "weight each mean by its number of samples (by the sum of their weights, if they have any), or average over all"
    " samples at once",
    pooled=True,
)
_SUM_OF_MEANS = declare(
    "sum_of_batch_means",
    "A",
    "the means of batches of {size} were added up, and not divided by the number of batches",
    "average over all samples at once",
    pooled=True,
)
_OVER_SAMPLES = declare(
    "batch_means_over_samples",
    "A",
    "the means of batches of {size} were added up and divided by the number of samples, which divides twice",
    "divide their sum by the number of batches, or add up the losses instead",
    pooled=True,
)


def of_batches(
    dataset: Dataset, above: Array, below: Array, *, every_batch: bool, alone: bool
) -> Iterator[tuple[Mistake | None, float]]:
    """The losses and what they are divided by, averaged batch by batch; `alone` without another mistake besides."""
    samples = dataset.samples
    if samples < 2 or dataset.units % samples or above.size not in (dataset.units, len(dataset.losses)):
        return
    above, below = _by_sample(dataset, above), _by_sample(dataset, below)
    alike = bool((below == below[0]).all())
    above, below = (np.concatenate([[0.0], np.cumsum(sums)]) for sums in (above, below))
    sizes: list[int] = [size for size in (*_MOST_USUAL, *_USUAL) if size < samples]
    if every_batch and samples <= _EVERY_SIZE:
        sizes += [size for size in range(2, samples) if size not in sizes]
    if not alike and dataset.units > samples:
        sizes.insert(0, 1)
    for size in sizes:
        ends = _ends(samples, size)
        top, bottom = above[ends], below[ends]
        means = (top[1:] - top[:-1]) / (bottom[1:] - bottom[:-1])
        total = float(means.sum())
        averaged, added, over_samples = _mistakes(size)
        if not alike or samples % size:
            yield averaged, total / len(means)
        if alone:
            yield added, total
            yield over_samples, total / samples


def _by_sample(dataset: Dataset, values: Array) -> Array:
    """Sums over the units of each sample, ignored ones counting nothing."""
    whole = values
    if dataset.kept is not None and values.size != dataset.units:
        whole = np.zeros(dataset.units)
        whole[dataset.kept] = values
    sums: Array = whole.reshape(dataset.samples, -1).sum(axis=1)
    return sums


@lru_cache(1024)
def _ends(samples: int, size: int) -> NDArray[np.intp]:
    """Where the batches begin, and where the last one ends."""
    return np.append(np.arange(0, samples, size), samples)


@cache
def _mistakes(size: int) -> tuple[Mistake, Mistake, Mistake]:
    """The means of batches averaged, added up, and divided by the number of samples."""
    later = 0 if size in _MOST_USUAL or size == 1 else 1 if size in _USUAL else _RARE
    batches = f"batches of {size}" if size > 1 else "single samples"
    return (
        _MEAN_OF_MEANS.of(later=later, batches=batches),
        _SUM_OF_MEANS.of(later=later, size=size),
        _OVER_SAMPLES.of(later=later, size=size),
    )
