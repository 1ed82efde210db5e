"""Everything that inputs and truths may have been taken for, and the most common two of these at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from losscli.verify.diagnosis.activations import usual_views
from losscli.verify.diagnosis.clipping import clipped_in_other_order, clips
from losscli.verify.diagnosis.columns import columns
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Changes, Labels, LazyHypothesis, View, with_inputs
from losscli.verify.diagnosis.ignoring import scored
from losscli.verify.diagnosis.inputs import input_views
from losscli.verify.diagnosis.mistakes import TIERS
from losscli.verify.diagnosis.options import forgettable
from losscli.verify.diagnosis.pairing import out_of_step
from losscli.verify.diagnosis.places import out_of_place
from losscli.verify.diagnosis.rescaled import logarithms, rescaled
from losscli.verify.diagnosis.smoothing import smoothed
from losscli.verify.diagnosis.targets import off_by_one, target_views
from losscli.verify.diagnosis.truths import other_truths
from losscli.verify.diagnosis.weights import of_classes


def views(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """One input seen as something else than it is, or paired with another row's or column's truth."""
    yield from input_views(dataset)
    yield from clips(dataset)
    yield from target_views(dataset)
    yield from other_truths(dataset)
    yield from smoothed(dataset)
    yield from scored(dataset)
    yield from rescaled(dataset)
    yield from logarithms(dataset)
    yield from of_classes(dataset)
    yield from out_of_step(dataset)
    yield from out_of_place(dataset)
    yield from columns(dataset)


def pairs_of_views(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """A common mistake with the first input, and one with the truth, an option or a bound besides."""
    usual = [(mistake, view) for mistake, view in usual_views(dataset) if mistake.rank < TIERS["A"]]
    for mistake, view in usual:
        for off, labels in () if dataset.labels is None else off_by_one(dataset, dataset.labels):
            yield with_inputs(dataset, (mistake, off), _viewed(dataset, view, {"target": labels}))
    for name, forgotten in forgettable(dataset) if usual else ():
        rest = {option: value for option, value in dataset.request.options.items() if option != name}
        if bound := dataset.bound_with(options=rest):
            without = Dataset(replace(dataset.request, options=rest), bound)
            for mistake, view in usual:
                yield with_inputs(without, (mistake, forgotten), _viewed(without, view))
    yield from clipped_in_other_order(dataset)


def _viewed(dataset: Dataset, view: View, more: Mapping[str, Labels] | None = None) -> Changes:
    """The first input seen in another way, and maybe other labels."""
    role = dataset.loss.roles[0]
    return lambda: {role: view(dataset.argument(role).copy()), **{name: x.copy() for name, x in (more or {}).items()}}
