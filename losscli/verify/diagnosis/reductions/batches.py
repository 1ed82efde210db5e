"""What is made of the means of batches, for every size of batch that somebody may have used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.terms import Terms, Way

_EVERY_SIZE = 512  # samples up to which every batch size is tried
_LESS_USUAL = 5  # too late to be paired with another mistake
_RARE = 9  # after all other single mistakes, for there are so many
MOST_USUAL = (32, 64, 128, 16, 256, 8, 4)
_USUAL = (2, 10, 20, 50, 100, 512, 3, 5, 6, 12, 24, 25, 30, 40, 48, 96, 200, 250, 500, 1000, 1024, 2048, 4096)
_SOME = 5  # of these, where a claim has few digits
_BY_SENTENCE = (8, 16, 4, 32, 2, 64, 1)  # Trainer's own size first

declare = area("batches")
_MEAN_OF_MEANS = declare(
    "mean_of_batch_means",
    "S",
    "the means of {form} were averaged, though they differ in size or weight",
    "weight each mean by its number of samples (by the sum of their weights, if they have any), or average over all"
    " samples at once",
    pooled=True,
)
_SUM_OF_MEANS = declare(
    "sum_of_batch_means",
    "A",
    "the means of {form} were added up, and not divided by the number of batches",
    "average over all samples at once",
    pooled=True,
)
_OVER_SAMPLES = declare(
    "batch_means_over_samples",
    "A",
    "the means of {form} were added up and divided by the number of samples, which divides twice",
    "divide their sum by the number of batches, or add up the losses instead",
    pooled=True,
)
_LAST = declare(
    "last_batch",
    "A",
    "only the last of the {form} was counted",
    "add up the losses of all batches, and report their mean after the loop",
    later=1,
    pooled=True,
)
_DROPPED = declare(
    "last_batch_dropped",
    "A",
    "the last of the {form}, shorter than the others, was left out",
    "keep it (drop_last=False) where a loss is reported",
    later=1,
    pooled=True,
)
_ROUNDED_DOWN = declare(
    "batches_rounded_down",
    "A",
    "the means of all {form} were added up and divided by N // {size}, which leaves out the short last one",
    "divide by the number of batches there are, or weight each mean by its number of samples",
    later=2,
    pooled=True,
)
_MEAN_OF_SUMS = declare(
    "mean_of_batch_sums",
    "B",
    "the sums of {form} were averaged: divided by the number of batches, and not by that of samples",
    "divide by the number of samples",
    pooled=True,
)
_FULL_SIZE = declare(
    "last_batch_as_full",
    "B",
    "the sum of each of the {form} was divided by the full size, that of the shorter last one too",
    "divide each sum by the number of samples in that batch",
    pooled=True,
)
_PERPLEXITIES = declare(
    "mean_of_batch_perplexities",
    "A",
    "the perplexity of each of the {form} was taken, e to the power of its mean loss, and then the mean of these",
    "take one mean of all losses first, and e to that",
    later=1,
    pooled=True,
)
_BY_SENTENCES = declare(
    "batch_means_by_samples",
    "A",
    "the token means of {form} were averaged with the number of their sentences as weights",
    "weight each mean by its number of tokens that count, or average over all tokens at once",
    later=1,
    pooled=True,
)
_TRAINER = declare(
    "trainer_eval_loss",
    "A",
    "the loss of each of the {form} was divided by the number of labels before the shift, one more a sentence than are"
    " compared, and averaged with the number of sentences as weights, as Hugging Face's Trainer does",
    "divide by the number of labels that are compared with a score, over all batches at once",
    later=1,
    pooled=True,
)
_UNSHIFTED = declare(
    "divided_by_unshifted_count",
    "A",
    "the sum was divided by the number of labels before the shift, {count}: one more a sentence than are compared",
    "divide by the number of labels that are compared with a score",
    later=1,
)
_UNSHIFTED_BATCHES = declare(
    "mean_of_unshifted_means",
    "B",
    "the loss of each of the {form} was divided by the number of labels before the shift, one more a sentence than are"
    " compared, and these were averaged",
    "divide by the number of labels that are compared with a score, over all batches at once",
    pooled=True,
)
_WHOLE_BATCHES = declare(
    "mean_of_padded_means",
    "B",
    "the loss of each of the {form} was divided by the number of all its places, ignored ones too, and these were"
    " averaged",
    "divide by the number of labels that count, over all batches at once",
    pooled=True,
)


@record
class Batches:
    """Sums of batches: the losses above, what they are divided by below, and how many samples there are."""

    above: Array
    below: Array
    samples: NDArray[np.intp]

    @property
    def means(self) -> Array:
        return self.above / self.below


def of_batches(dataset: Dataset, terms: Terms, *, every_batch: bool) -> Iterator[Way]:
    """The losses and what they are divided by, averaged batch by batch."""
    if terms.by_sample is None:
        return
    above, below = (np.concatenate([[0.0], np.cumsum(sums)]) for sums in terms.by_sample)
    samples, alike = dataset.samples, terms.alike
    sentences = not alike and dataset.units > samples
    sizes = sizes_of(samples, every=every_batch)
    for size in sizes if terms.alone else sizes[: len(MOST_USUAL)]:
        ends = ends_of(samples, size)
        batches = Batches(np.diff(above[ends]), np.diff(below[ends]), np.diff(ends))
        if not alike or samples % size:
            yield of_size(_MEAN_OF_MEANS, size, sentences=sentences), float(batches.means.mean())
        if terms.alone and (size in MOST_USUAL or (every_batch and size in _USUAL)):
            exact = alike and not samples % size
            yield from _added(batches, size, samples, exact=exact, classes=dataset.classes)
            yield from _parts(batches, size, in_nats=dataset.in_nats)
            if len(ends) - 1 not in (2, dataset.classes):
                yield of_size(_MEAN_OF_SUMS, size), float(batches.above.mean())
    if terms.alone and dataset.units > samples:
        count = below[-1] + samples
        yield _UNSHIFTED.of(count=f"{count:g}"), float(above[-1] / count)
    if terms.alone and sentences:
        for size in (size for size in _BY_SENTENCE if size < samples):
            ends = ends_of(samples, size)
            yield from _of_sentences(
                Batches(np.diff(above[ends]), np.diff(below[ends]), np.diff(ends)), size, dataset.units // samples
            )


def sizes_of(samples: int, *, every: bool) -> list[int]:
    """The sizes of batches to try, the most usual first: some, or every one."""
    usual = (*MOST_USUAL, *_USUAL) if every else (*MOST_USUAL, *_USUAL[:_SOME])
    sizes: list[int] = [size for size in usual if size < samples]
    if every and samples <= _EVERY_SIZE:
        sizes += [size for size in range(2, samples) if size not in sizes]
    return sizes


@lru_cache(1024)
def ends_of(samples: int, size: int) -> NDArray[np.intp]:
    """Where the batches begin, and where the last one ends."""
    return np.append(np.arange(0, samples, size), samples)


@cache
def of_size(mistake: Mistake, size: int, later: int = 0, *, sentences: bool = False) -> Mistake:
    """The mistake with batches of that size, unusual ones after all others; sentences come in small batches."""
    usual = size in MOST_USUAL or (sentences and size in _BY_SENTENCE)
    later += 0 if usual else _LESS_USUAL if size in _USUAL else _RARE
    return mistake.of(later=later, form=f"batches of {size}", size=size)


def _added(batches: Batches, size: int, samples: int, *, exact: bool, classes: int) -> Iterator[Way]:
    """Means that were added up; not where all there is of it is a factor of 2 or C, which is simpler.

    Equal batches divided by the number of samples come after a plain divisor of the mean.
    """
    if exact and size in (2, classes):
        return
    total = float(batches.means.sum())
    yield of_size(_SUM_OF_MEANS, size), total
    yield of_size(_OVER_SAMPLES, size, later=_LESS_USUAL if exact else 0), total / samples
    if samples % size:
        yield of_size(_ROUNDED_DOWN, size), total / (samples // size)


def _parts(batches: Batches, size: int, *, in_nats: bool) -> Iterator[Way]:
    """A batch left out, or alone; and what is made of sums and perplexities."""
    above, below = batches.above, batches.below
    yield of_size(_LAST, size), float(batches.means[-1])
    if batches.samples[-1] != size:
        yield of_size(_DROPPED, size), float(above[:-1].sum() / below[:-1].sum())
        yield of_size(_FULL_SIZE, size), float(above.sum() / (size * len(above)))
    if in_nats and size in MOST_USUAL:
        yield of_size(_PERPLEXITIES, size), float(np.exp(batches.means).mean())


def _of_sentences(batches: Batches, size: int, length: int) -> Iterator[Way]:
    """The losses of language models: means of tokens, weighed with sentences."""
    rows = batches.samples
    count = float(rows.sum())
    yield of_size(_BY_SENTENCES, size, sentences=True), float((rows * batches.means).sum() / count)
    unshifted = batches.above / (batches.below + rows)
    yield of_size(_TRAINER, size, sentences=True), float((rows * unshifted).sum() / count)
    yield of_size(_UNSHIFTED_BATCHES, size, sentences=True), float(unshifted.mean())
    yield of_size(_WHOLE_BATCHES, size, sentences=True), float((batches.above / (rows * length)).mean())
