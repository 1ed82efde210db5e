"""What all reductions are made of: the losses of the units that count, and what they are divided by."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from losscli.engine.reduce import Reduced
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import PerSample
from losscli.verify.diagnosis.mistakes import Mistake

Way = tuple[Mistake | None, float]  # a wrong way to make one number of all losses, None for the right one


@record
class Sums:
    """Sums over the units that count, and how many there are."""

    total: float
    averaged: float  # the mean's numerator
    below: float  # the mean's denominator
    count: int

    @property
    def mean(self) -> float:
        return over(self.averaged, self.below)


class Terms:
    """The losses of the units that count as they enter a sum, a mean and its denominator."""

    def __init__(self, dataset: Dataset, per_sample: PerSample, weight: Array | None) -> None:
        losses = per_sample.losses
        if weight is not None and weight.size != losses.size:
            weight = None
        self.dataset, self.losses = dataset, losses
        self.alone = not per_sample.mistakes  # no other mistake besides
        weighted = losses if weight is None else np.where(weight == 0.0, 0.0, losses * weight)
        denominators = np.ones(losses.size) if per_sample.denominators is None else per_sample.denominators
        counted = weight if dataset.bound.convention.weights_divide else None
        self.weight = denominators if counted is None else denominators * counted
        divisors = dataset.divisors
        self.averaged = weighted if divisors is None or divisors.size != losses.size else weighted / divisors
        self.sums = Sums(
            total=float(weighted.sum()),
            averaged=float(self.averaged.sum()),
            below=float(self.weight.sum()),
            count=losses.size,
        )

    @cached_property
    def by_sample(self) -> tuple[Array, Array] | None:
        """The sums above and below over the units of each sample, ignored ones adding nothing; None of one sample."""
        dataset = self.dataset
        samples = dataset.samples
        if samples < 2 or dataset.units % samples or self.losses.size not in (dataset.units, len(dataset.losses)):
            return None
        above, below = (self.of_all_units(values).reshape(samples, -1) for values in (self.averaged, self.weight))
        return above.sum(axis=1), below.sum(axis=1)

    @property
    def alike(self) -> bool:
        """Whether all samples add the same to the denominator."""
        return self.by_sample is not None and bool((self.by_sample[1] == self.by_sample[1][0]).all())

    def of_all_units(self, values: Array) -> Array:
        """Values of the units that count, 0 for those that are ignored."""
        kept = self.dataset.kept
        if kept is None or values.size == self.dataset.units:
            return values
        whole = np.zeros(self.dataset.units)
        whole[kept] = values
        return whole


def sums_of(reduced: Reduced) -> Sums:
    """The sums of the right losses, exact, for data of any size."""
    return Sums(reduced.sum, reduced.mean * reduced.denominator, reduced.denominator, reduced.count)


def over(above: float, below: float) -> float:
    """A quotient, or no number."""
    return above / below if below else float("nan")
