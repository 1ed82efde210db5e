"""Hypotheses: mistakes, and the numbers that they make; those of the samples' losses are evaluated lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.bind import Bound
from losscli.schema.loss import Array, Loss
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import Mistake, joint_name, rank_of

Pullback = Callable[[Array], Mapping[str, Array]]
View = Callable[[Array], Array]
Changes = Callable[[], Mapping[str, Any]]  # of arguments
Labels = NDArray[np.intp]
Group = Iterable["Hypothesis"]  # in the order of ranks


@record
class PerSample:
    """The losses of all units under mistakes in how one is computed, or under none.

    `denominators` is what each adds to the denominator of a mean, None for 1; a `scalar` stands for a mistake that
    leaves no losses of single units. `pullback` gives the slopes of the losses, as a kernel's does, where it is known.
    """

    mistakes: tuple[Mistake, ...]
    losses: Array
    denominators: Array | None = None
    scalar: float | None = None
    pullback: Pullback | None = None

    @property
    def rank(self) -> int:
        return rank_of(self.mistakes)


@record
class Hypothesis:
    """Mistakes, and what they make of a claim of that kind: a number, or an array in the claim's shape.

    A number that was reduced from losses of the samples keeps them. `possibly`: others before it may match by accident.
    """

    mistakes: tuple[Mistake, ...]
    numbers: float | Array
    kind: str
    rank: int
    per_sample: PerSample | None = None
    possibly: bool = False

    @property
    def name(self) -> str:
        return joint_name(self.mistakes)

    @property
    def pool(self) -> str:
        """Mistakes with the same pool count once for the chance of an accident; empty for those that count alone."""
        if not any(mistake.pool for mistake in self.mistakes):
            return ""
        return " + ".join(mistake.pool or mistake.name for mistake in self.mistakes)

    @property
    def family(self) -> str:
        """The pool of mistakes that say their form, of which several are one explanation; else empty."""
        return self.pool if any(mistake.form for mistake in self.mistakes) else ""

    def or_as(self, other: Hypothesis) -> Hypothesis:
        """This one, saying the form of another of its family too."""
        both = zip(self.mistakes, other.mistakes, strict=True)
        return replace(self, mistakes=tuple(mine.or_as(theirs) if mine.pool else mine for mine, theirs in both))


@record
class LazyHypothesis:
    """A hypothesis about how per-sample losses were computed wrongly; `passes`: it goes through all data once more."""

    mistakes: tuple[Mistake, ...]
    compute: Callable[[], PerSample | None]
    passes: bool = True

    @property
    def rank(self) -> int:
        return rank_of(self.mistakes)


def with_view(dataset: Dataset, mistake: Mistake, role: str, view: View, *, passes: bool = True) -> LazyHypothesis:
    """The losses of an input seen in another way."""
    return with_inputs(dataset, (mistake,), lambda: {role: view(dataset.argument(role).copy())}, passes=passes)


def with_rows(dataset: Dataset, mistake: Mistake, role: str, view: View, rows: NDArray[np.bool_]) -> LazyHypothesis:
    """The losses of an input seen in another way, which changes some units alone."""

    def changes() -> Mapping[str, Any]:
        return {role: view(dataset.argument(role).copy())}

    def compute() -> PerSample:
        losses = dataset.with_rows(rows, role, view)
        return PerSample(
            (mistake,), losses, dataset.denominators, pullback=lambda up: dataset.slopes_with(changes(), up)
        )

    return LazyHypothesis((mistake,), compute, passes=False)


def with_inputs(
    dataset: Dataset,
    mistakes: tuple[Mistake, ...],
    changes: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
    loss: Loss | None = None,
    *,
    passes: bool = True,
) -> LazyHypothesis:
    """The losses with some arguments changed, or of another loss."""

    def changed() -> Mapping[str, Any]:
        return changes() if callable(changes) else changes

    def compute() -> PerSample | None:
        losses = dataset.with_changes(changed(), loss)
        if losses is None:
            return None
        denominators = dataset.denominators if loss is None else None
        return PerSample(mistakes, losses, denominators, pullback=lambda up: dataset.slopes_with(changed(), up, loss))

    return LazyHypothesis(mistakes, compute, passes)


def with_labels(dataset: Dataset, mistake: Mistake, labels: Labels) -> LazyHypothesis:
    """The losses with other labels."""

    def compute() -> PerSample | None:
        relabelled = dataset.with_labels(labels)
        if relabelled is None:
            return None
        return PerSample(
            (mistake,), *relabelled, pullback=lambda up: dataset.slopes_with({"target": labels.copy()}, up)
        )

    return LazyHypothesis((mistake,), compute, passes=dataset.table is None)


def with_request(dataset: Dataset, mistakes: tuple[Mistake, ...], bound: Bound | None) -> LazyHypothesis | None:
    """The losses under other options or settings, if the request allows them."""
    if bound is None:
        return None

    def compute() -> PerSample | None:
        computed = dataset.losses_of(bound)
        if computed is None:
            return None
        return PerSample(mistakes, *computed, pullback=lambda up: dataset.slopes_of(bound, up))

    return LazyHypothesis(mistakes, compute)


def with_losses(dataset: Dataset, mistake: Mistake, plain: Array) -> LazyHypothesis:
    """Losses that are there already, but for the weights."""

    def compute() -> PerSample:
        denominators = dataset.denominators
        return PerSample((mistake,), plain if denominators is None else plain * denominators, denominators)

    return LazyHypothesis((mistake,), compute, passes=False)


def scalar(dataset: Dataset, mistake: Mistake, value: Callable[[], float]) -> LazyHypothesis:
    """A number that is made of no losses."""
    return LazyHypothesis(
        (mistake,), lambda: PerSample((mistake,), dataset.losses, dataset.denominators, scalar=value()), passes=False
    )
