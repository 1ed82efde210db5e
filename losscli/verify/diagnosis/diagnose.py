"""From refuted claims to explanations: one pipeline for values, objectives, losses of samples and gradients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from losscli.checks.claims import WEAK, Tolerances, halves
from losscli.checks.comparison import Comparison, window_around
from losscli.checks.rounding import SHARE, Scale, scale_of
from losscli.engine.bind import Bound
from losscli.request.compute import Result
from losscli.request.request import Request
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.verify.diagnosis.arrays import expanded, per_sample_groups
from losscli.verify.diagnosis.dataset import LARGE, LARGEST, Dataset
from losscli.verify.diagnosis.gradients import gradient_groups
from losscli.verify.diagnosis.hypotheses import Group, Hypothesis
from losscli.verify.diagnosis.objectives import objective_groups
from losscli.verify.diagnosis.patterns import patterns, single_rows
from losscli.verify.diagnosis.rules import ALL_DIGITS, Target, explained, rounded
from losscli.verify.diagnosis.sampled import Sampled, sampled
from losscli.verify.diagnosis.search import Space, space, space_of_sums
from losscli.verify.diagnosis.unseen import unseen
from losscli.verify.verify import Explanation, Verified

MOST = 3  # explanations that are shown
_OF_ONE_NUMBER = 1e-9  # of a value, what is taken for the value itself


@record
class Diagnosis:
    """Explanations, best first, and what to know about the search."""

    explanations: tuple[Explanation, ...]
    warnings: tuple[str, ...] = ()


@record
class _Search:
    """What explanations are searched with."""

    verified: Verified
    dataset: Dataset
    space: Space
    per_sample: Target | None  # of a claim that holds or not, but must be so under a mistake too

    sample: Sampled | None  # of large data, for claims that are arrays

    def tries(self, target: Target) -> Iterator[tuple[Target, Iterable[Group]]]:
        """A claim with the hypotheses about it, group by group: the next counts only if none before explains it.

        Of large data a sample is explained first, then the whole by what needs no other loss.
        """
        large = target.kind != "value" and (self.sample is not None or not self.dataset.fits_in_memory)
        part = self.sample.target(target) if large and self.sample is not None else target if not large else None
        for wanted in () if part is None else (part, part.widened):
            if wanted is not None:
                yield wanted, self._groups(wanted)
        if large:
            yield target, [*patterns(target), single_rows(target)]

    def _groups(self, target: Target) -> Iterable[Group]:
        if target.kind != "value":
            return self._of_array(target)
        hypotheses: Sequence[Hypothesis] = self.space.hypotheses
        if self.per_sample is not None:
            hypotheses = _that_agree(hypotheses, self.per_sample, self.dataset)
        result = self.verified.result
        if result.objective is None or result.bound.penalty is None:
            return [hypotheses]
        return objective_groups(result.objective, result.bound.penalty, result.reduced.count, hypotheses, target.digits)

    def _of_array(self, target: Target) -> Iterable[Group]:
        gradients = self.verified.result.gradients or {}
        dataset, tried = self.dataset, self.space.per_sample
        if self.sample is not None:
            dataset, tried = self.sample.dataset, self.sample.per_sample
            parts = {role: self.sample.cut(slopes, role) for role, slopes in gradients.items()}
            gradients = {role: part for role, part in parts.items() if part is not None}
        if target.kind == "per_sample":
            return per_sample_groups(target, tried, dataset)
        return gradient_groups(target, gradients, tried, dataset)


@np.errstate(all="ignore")  # what overflows in a hypothesis is its result
def diagnose(request: Request, verified: Verified, tolerances: Tolerances) -> Diagnosis:
    """Which mistakes explain the claims that do not hold. Claims that hold must stay as they are under a mistake."""
    judged = [comparison for comparison in verified.claims if not comparison.bound]
    refuted = [comparison for comparison in judged if not (comparison.holds or comparison.weak)]
    if not refuted:
        return Diagnosis(())
    result = verified.result
    dataset = _dataset(request, result.bound, refuted)
    targets = [target_of(comparison, result, tolerances) for comparison in refuted]
    digits = next((target.digits for target in targets if target.kind == "value"), ALL_DIGITS)
    large = not dataset.fits_in_memory
    worst = [comparison.at for comparison in refuted if not comparison.single]
    sample = sampled(request, result, worst) if worst and dataset.size > LARGE else None
    numbers = sample is None or any(target.kind == "value" for target in targets)
    space = _space(dataset, result, digits) if numbers else Space()
    given = next((comparison for comparison in judged if comparison.claim.kind == "per_sample"), None)
    per_sample = None if given is None or large else target_of(given, result, tolerances)
    explanations = _explanations(targets, _Search(verified, dataset, space, per_sample, sample))
    notes = [*_notes(space, digits, large=large and numbers, explained=bool(explanations))]
    if sample is not None:
        notes.append(sample.note)
    if not explanations and not large and (sentence := unseen(refuted[0], result)):
        notes.append(sentence)
    return Diagnosis(explanations, tuple(notes))


def _dataset(request: Request, bound: Bound, refuted: Sequence[Comparison]) -> Dataset:
    """The data to start from. A mean of rows is the mean of their elements, of which more mistakes are known."""
    if bound.row > 1 and bound.reduction == "mean" and all(comparison.claim.kind == "value" for comparison in refuted):
        request = replace(request, settings=replace(request.settings, elements=True))
        return Dataset(request, request.bound())
    return Dataset(request, bound)


def _space(dataset: Dataset, result: Result, digits: int) -> Space:
    if not dataset.fits_in_memory:
        return space_of_sums(dataset, result.reduced, digits)
    if not result.reduced.count:
        return Space()
    return space(dataset, digits)


def target_of(comparison: Comparison, result: Result, tolerances: Tolerances) -> Target:
    """The claim's numbers, and how near they must come. An array is as wide around a hypothesis as around ours."""
    claim, ours, widths = comparison.claim, comparison.ours, comparison.window.widths
    claimed, in_nats = claim.values, result.bound.loss.unit == "nats"
    if claim.kind == "value" and comparison.single:
        own = np.maximum(widths, _OF_ONE_NUMBER * np.abs(ours)) if np.isfinite(ours) else np.zeros(())
        around = _around(comparison, result, tolerances)
        return Target("value", claimed, np.asarray(around), ours, np.asarray(own), in_nats=in_nats)
    kind = "per_sample" if claim.kind == "value" else claim.kind
    around, own = (np.fmax(widths, SHARE * np.abs(numbers)) for numbers in (claimed, ours))
    return Target(kind, claimed, around, ours, own, claim.role, in_nats)


def _around(comparison: Comparison, result: Result, tolerances: Tolerances) -> Array:
    """The window around a claimed number: what single precision leaves is as large a share of it as it is of ours."""
    claim, ours, claimed = comparison.claim, comparison.ours, comparison.claim.values
    if tolerances.given or not np.isfinite(claimed):
        return comparison.window.widths
    if not np.isfinite(ours):
        return halves(claim) + SHARE * np.abs(claimed)
    scale = scale_of(claim, ours, result)
    share = abs(float(claimed) / float(ours)) if ours else 1.0
    if share > 1.0 and float(
        scale.size
    ):  # where ours is what terms of other sizes leave, not so many times their noise
        share = min(share, max(1.0, abs(float(claimed)) / float(scale.size)))
    there = Scale(share * scale.size, share * scale.steps, share * scale.least)
    return window_around(claim, claimed, there, tolerances).widths


def _explanations(targets: Sequence[Target], search: _Search) -> tuple[Explanation, ...]:
    """The explanations of the value; else of the losses of samples; else the best one of each gradient."""
    for kind, most in (("value", MOST), ("per_sample", MOST), ("gradient", 1)):
        classes = [members for target in targets if target.kind == kind for members in _classes(target, search)[:most]]
        if classes:
            return tuple(classes[:MOST])
    return ()


def _classes(target: Target, search: _Search) -> list[Explanation]:
    """The explanations of a claim: rounding first, else what hypotheses make it."""
    if mistake := rounded(target):
        made = np.where(np.isfinite(target.claimed) & np.isfinite(target.ours), target.ours, target.claimed)
        numbers = float(made) if target.single else made
        return [_explanation([Hypothesis((mistake,), numbers, target.kind, mistake.rank)], target)]
    for wanted, groups in search.tries(target):
        if classes := explained(groups, wanted):
            return [_explanation(members, wanted) for members in classes]
    return []


def _that_agree(hypotheses: Sequence[Hypothesis], target: Target, dataset: Dataset) -> list[Hypothesis]:
    """The hypotheses that give the claimed losses of the samples, too."""
    agreeing: dict[int, bool] = {}
    for hypothesis in hypotheses:
        per_sample = hypothesis.per_sample
        if per_sample is not None and id(per_sample) not in agreeing:
            numbers = None if per_sample.scalar is not None else expanded(per_sample.losses, dataset, target.ours)
            agreeing[id(per_sample)] = numbers is not None and target.reached_by(numbers)
    return [hypothesis for hypothesis in hypotheses if agreeing.get(id(hypothesis.per_sample))]


def _explanation(members: Sequence[Hypothesis], target: Target) -> Explanation:
    best = members[0]
    distances = np.abs(target.claimed - best.numbers)
    same = (target.claimed == best.numbers) | np.isnan(distances)
    return Explanation(
        mistake=best.name,
        text="possibly: " * best.possibly + "; and ".join(mistake.text for mistake in best.mistakes),
        cure="; and ".join(dict.fromkeys(mistake.cure for mistake in best.mistakes)),
        value=float(best.numbers) if target.kind == "value" else None,
        difference=float(np.max(distances, initial=0.0, where=~same)),
        numbers="; ".join(mistake.numbers for mistake in best.mistakes if mistake.numbers),
        alternatives=tuple(dict.fromkeys(member.name for member in members[1:])),
        separates=_separates(best, members[1:]),
    )


def _separates(best: Hypothesis, others: Sequence[Hypothesis]) -> str:
    """Which claim or data would distinguish mistakes that give the same numbers."""
    if not others:
        return ""
    if best.kind == "value" and any(_losses_differ(hypothesis, best) for hypothesis in others):
        return f"claim the losses of the samples too ({spelled('claim_per_sample')}) to tell them apart"
    return "only other data would tell them apart"


def _losses_differ(left: Hypothesis, right: Hypothesis) -> bool:
    if left.per_sample is None or right.per_sample is None or left.per_sample is right.per_sample:
        return False
    ours, theirs = left.per_sample.losses, right.per_sample.losses
    return ours.shape != theirs.shape or not np.allclose(ours, theirs, rtol=1e-9, equal_nan=True)


def _notes(space: Space, digits: int, *, large: bool, explained: bool) -> Iterator[str]:
    if large:
        yield (
            f"the data hold more than {LARGEST} numbers: only other divisors and factors were tried;"
            " give a part of them"
        )
    if space.untried:
        names = ", ".join(dict.fromkeys(mistake.name for mistake in space.untried[:4]))
        count = len(space.untried)
        yield f"on data this large {count} rarer mistakes were not tried ({names}, …): give a part of the data"
    if explained and digits < WEAK:
        yield "a claim of so few digits fits many mistakes: take the explanation for a guess"
