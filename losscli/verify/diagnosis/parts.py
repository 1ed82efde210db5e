"""What is made of the means of parts of the rows: of processes, of windows, of two parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.verify.diagnosis.batches import MOST_USUAL
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.terms import Terms, Way

_PROCESSES = (4, 8, 2, 16, 32, 64)
_MOST_ROWS = 100_000  # of more, a row more or less in a part leaves hardly a trace
_EVERY_PART = 32  # rows up to which every place of a cut is tried
_USUAL = 3  # of these, the most usual ones

declare = area("batches")
_OF_RANKS = declare(
    "mean_of_rank_means",
    "A",
    "the rows were dealt out in turn {form} processes, whose means were averaged, though not all have equally many",
    "add up losses and counts over all processes, and divide once",
    later=2,
    pooled=True,
)
_OF_PIECES = declare(
    "mean_of_piece_means",
    "B",
    "the rows were divided {form} pieces, one after the other, whose means were averaged, though not all have equally"
    " many",
    "add up losses and counts over all pieces, and divide once",
    pooled=True,
)
_REPEATED = declare(
    "rows_repeated",
    "A",
    "rows from the beginning were counted again, so that all get equally many when dealt out {form} processes (as"
    " DistributedSampler does)",
    "leave the repeated rows out where a loss is reported",
    later=2,
    pooled=True,
)
_WINDOWS = declare(
    "mean_of_window_means",
    "B",
    "the means of windows of {form} rows were averaged, of which the first has those that are left over, or more",
    "weight each mean by its number of rows, or average over all rows at once",
    later=1,
    pooled=True,
)
_TWO_PARTS = declare(
    "mean_of_two_means",
    "B",
    "the means of two parts were averaged, of which the second begins at row {form}, counted from 0",
    "weight each mean by its number of rows, or average over all rows at once",
    later=2,
    pooled=True,
)


def of_parts(dataset: Dataset, terms: Terms, *, every_part: bool) -> Iterator[Way]:
    """Rows of processes; of windows of which the first is shorter, or longer; and of two parts."""
    if terms.by_sample is None or dataset.samples > _MOST_ROWS:
        return
    above, below = terms.by_sample
    yield from _of_ranks(dataset, terms, above, below)
    samples = dataset.samples
    for size in (size for size in MOST_USUAL if size < samples and samples % size):
        left = samples % size
        for first in (left, left + size):
            ends = np.array([0, *range(first, samples + 1, size)])
            if len(ends) > 2:
                yield _WINDOWS.of(form=str(size)), float(_means_of(above, below, ends).mean())
    if every_part and 2 < samples <= _EVERY_PART:
        before, all_before = np.cumsum(above)[:-1], np.cumsum(below)[:-1]
        means = (before / all_before + (above.sum() - before) / (below.sum() - all_before)) / 2.0
        for at, mean in enumerate(means.tolist(), 1):
            if 2 * at != samples:
                yield _TWO_PARTS.of(form=str(at)), mean


def _of_ranks(dataset: Dataset, terms: Terms, above: Array, below: Array) -> Iterator[Way]:
    """Rows dealt out to processes, in turn or in pieces, or repeated until all have equally many."""
    samples = dataset.samples
    for at, count in enumerate(count for count in _PROCESSES if count < samples):
        later, among = int(at >= _USUAL), f"among {count}"
        rank = np.arange(samples) % count
        if samples % count or not terms.alike:
            means = np.bincount(rank, above) / np.bincount(rank, below)
            yield _OF_RANKS.of(later=later, form=among), float(means.mean())
            ends = np.cumsum([0, *(len(piece) for piece in np.array_split(rank, count))])
            yield _OF_PIECES.of(later=later, form=f"into {count}"), float(_means_of(above, below, ends).mean())
        if missing := -samples % count:
            total, size = above.sum() + above[:missing].sum(), below.sum() + below[:missing].sum()
            yield _REPEATED.of(later=later, form=among), float(total / size)


def _means_of(above: Array, below: Array, ends: NDArray[np.intp]) -> Array:
    means: Array = np.add.reduceat(above, ends[:-1]) / np.add.reduceat(below, ends[:-1])
    return means
