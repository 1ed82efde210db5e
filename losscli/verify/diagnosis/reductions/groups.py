"""Means of samples and columns, and then one number of these, as if all counted alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import area
from losscli.verify.diagnosis.reductions.terms import Terms, Way

declare = area("reduction")
_OF_SAMPLES = declare(
    "mean_of_sample_means",
    "S",
    "the mean of each sample (a sentence, a picture) was taken, and then the mean of these {samples}: those of which"
    " less counts weigh as much as the others",
    "average over all units at once",
)
_OF_COLUMNS = declare(
    "mean_of_column_means",
    "B",
    "the mean of each place along the last axis was taken, and then the mean of these, though not all count equally"
    " many units",
    "average over all units at once",
)
_OF_PERPLEXITIES = declare(
    "mean_of_sample_perplexities",
    "A",
    "the perplexity of each sample was taken, e to the power of its mean loss, and then the mean of these {samples}",
    "take one mean of all losses first, and e to that",
)
_ROW_ROOTS = declare(
    "root_of_each_sample",
    "A",
    "the root of each sample's mean was taken, then the mean of these roots",
    "take one mean of all, then one root",
)
_COLUMN_ROOTS = declare(
    "root_of_each_column",
    "A",
    "the root of each column's mean was taken, then the mean of these roots (as scikit-learn does)",
    "take one mean of all, then one root",
)
_NORMS = declare(
    "norms",
    "A",
    "the length of each sample's error was taken (the root of the sum of its squares), then their mean",
    "average the squares of all elements",
    later=1,
)


def of_groups(dataset: Dataset, terms: Terms) -> Iterator[Way]:
    """Means of the means, the perplexities and the roots of samples and columns."""
    if terms.by_sample is not None and dataset.units > dataset.samples:
        yield from _of_samples(dataset, terms, *terms.by_sample)
    if terms.alone and dataset.kept is not None and len(dataset.shape) > 1:
        above, below = (
            terms.of_all_units(part).reshape(-1, dataset.shape[-1]).sum(axis=0)
            for part in (terms.averaged, terms.weight)
        )
        yield _OF_COLUMNS, float((above / below).mean())
    if terms.alone:
        yield from _roots(dataset, terms.losses)


def _of_samples(dataset: Dataset, terms: Terms, above: Array, below: Array) -> Iterator[Way]:
    means = above / below
    if not terms.alike:
        yield _OF_SAMPLES.of(samples=dataset.samples), float(means.mean())
    if terms.alone and dataset.in_nats:
        yield _OF_PERPLEXITIES.of(samples=dataset.samples), float(np.exp(means).mean())


def _roots(dataset: Dataset, losses: Array) -> Iterator[Way]:
    """Roots taken too early, of squares that lie in rows."""
    shape = dataset.shape
    squares = dataset.loss.kind == "regression" and dataset.classes == 1 and losses.size == dataset.units
    if len(shape) < 2 or not squares or (losses < 0.0).any():
        return
    rows = losses.reshape(shape[0], -1)
    yield _ROW_ROOTS, float(np.sqrt(rows.mean(axis=1)).mean())
    yield _COLUMN_ROOTS, float(np.sqrt(rows.mean(axis=0)).mean())
    yield _NORMS, float(np.sqrt(rows.sum(axis=1)).mean())
