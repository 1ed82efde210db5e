"""Mistakes in how each unit's loss is computed: other options, other losses, inputs viewed in another way."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from itertools import combinations

import numpy as np

from losscli.schema.loss import LossMistake
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.formulas.mutated import formula_mistakes
from losscli.verify.diagnosis.formulas.options import other_conventions, other_options
from losscli.verify.diagnosis.formulas.relatives import other_losses
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, with_inputs
from losscli.verify.diagnosis.inputs.frames import of_frames
from losscli.verify.diagnosis.inputs.views import pairs_of_views, views
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area
from losscli.verify.diagnosis.reductions.rows import of_rows

WORK = 12_000_000  # elements that hypotheses may go through, all together: about 0.2 s
LEAST_PASSES = 3
_FIRST = 4096  # units

declare = area("loss")
_SWAPPED = declare(
    "{first}_and_{second}_swapped",
    "S",
    "{first} and {second} stand in each other's place",
    "check the order: PyTorch has (input, target), Keras and scikit-learn (y_true, y_pred)",
)


def per_sample_hypotheses(dataset: Dataset, *, pairs: bool) -> tuple[list[PerSample], list[Mistake]]:
    """The losses under every mistake of this kind, and the mistakes that data of this size left untried."""
    hypotheses = sorted(_hypotheses(dataset, pairs=pairs), key=lambda hypothesis: hypothesis.rank)
    elements = dataset.size + (0 if dataset.loss.separable else 8 * dataset.units**2)  # units are compared in pairs
    passes_left = max(LEAST_PASSES, WORK // max(1, elements))
    tried: list[PerSample] = []
    left: list[Mistake] = []
    for hypothesis in hypotheses:
        if hypothesis.passes:
            if not passes_left:
                left += hypothesis.mistakes[-1:]
                continue
            passes_left -= 1
        per_sample = hypothesis.compute()
        if per_sample is not None and not _the_same(per_sample, dataset):
            tried.append(per_sample)
    return tried, left


def _the_same(per_sample: PerSample, dataset: Dataset) -> bool:
    """Whether a mistake leaves no trace in these data."""
    if (
        per_sample.scalar is not None
        or per_sample.losses.shape != dataset.losses.shape
        or (per_sample.denominators is None) != (dataset.denominators is None)
    ):
        return False
    if (
        per_sample.denominators is not None
        and dataset.denominators is not None
        and not np.array_equal(per_sample.denominators, dataset.denominators)
    ):
        return False
    return all(  # mostly the first few tell
        np.allclose(per_sample.losses[part], dataset.losses[part], rtol=1e-13, atol=0.0, equal_nan=True)
        for part in (slice(_FIRST), slice(_FIRST, None))
    )


def _hypotheses(dataset: Dataset, *, pairs: bool) -> Iterator[LazyHypothesis]:
    yield from other_options(dataset, pairs=pairs)
    yield from other_conventions(dataset)
    for mistake in dataset.own:
        yield _declared(dataset, mistake)
    yield from formula_mistakes(dataset)
    yield from views(dataset)
    yield from of_rows(dataset)
    yield from of_frames(dataset)
    yield from _swapped(dataset)
    yield from other_losses(dataset)
    if pairs:
        yield from pairs_of_views(dataset)


def _declared(dataset: Dataset, mistake: LossMistake) -> LazyHypothesis:
    """What the loss's own definition lists."""
    known = Mistake(mistake.name, mistake.text, mistake.cure, TIERS[mistake.tier], dataset.loss.name)

    def compute() -> PerSample | None:
        given = dataset.asked(mistake.losses)
        given, denominators = given if isinstance(given, tuple) else (given, dataset.denominators)
        losses = np.asarray(given, dtype=np.float64)
        if losses.ndim == 0:
            return PerSample((known,), dataset.losses, dataset.denominators, scalar=float(losses))
        return PerSample((known,), losses.reshape(-1), denominators)

    rows = dataset.classes > 1 and "table" not in signature(mistake.losses).parameters
    return LazyHypothesis((known,), compute, passes=rows)


def _swapped(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Two inputs of one shape in each other's place."""
    inputs = [field for field in dataset.bound.inputs if field.role.differentiable and not field.member_of]
    for left, right in combinations(inputs, 2):
        first, second = dataset.argument(left.name), dataset.argument(right.name)
        if first.shape != second.shape or not (left.domain.fits(second) and right.domain.fits(first)):
            continue
        mistake = _SWAPPED.of(first=left.name, second=right.name)
        yield with_inputs(dataset, (mistake,), {left.name: second, right.name: first})
