"""Carries out a request for values."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite, isnan, nan
from typing import TYPE_CHECKING

from losscli.engine.bind import Bound
from losscli.engine.evaluate import Evaluation, Wanted, evaluate
from losscli.engine.reduce import Reduced, reduce
from losscli.engine.tally import Tally
from losscli.numerics.exact import Total, rounded
from losscli.request.inspection import suspicions
from losscli.request.signature import signature
from losscli.schema.faults import DataFault, raise_all
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.settings import spelled

if TYPE_CHECKING:
    from losscli.request.penalty import Objective


@record
class Result:
    """What came of a request: the numbers, and what the user should know about them.

    `value` is the reduced value, with a penalty the objective; None where the reduction is none: then `per_sample` is
    the value. The gradients of an objective are those of the loss in its inputs and of the penalty in its parameters.
    `worst` are the units of the largest losses, if they were asked for.
    """

    bound: Bound
    value: float | None
    reduced: Reduced
    denominator: Total  # of the mean
    per_sample: Array | None
    gradients: Mapping[str, Array] | None
    worst: tuple[int, ...]
    warnings: tuple[str, ...]
    objective: Objective | None = None

    @property
    def signature(self) -> str:
        """The line that says all that changes the number."""
        return signature(self.bound, self.reduced)


def compute(bound: Bound, wanted: Wanted) -> Result:
    """Evaluates a bound request, and reduces."""
    suspected = suspicions(bound)
    if bound.strict and suspected:
        raise_all(
            [DataFault(sentence, f"correct the data, or leave {spelled('strict')} out") for sentence in suspected]
        )
    evaluation = evaluate(bound, wanted)
    reduced = reduce(bound, evaluation.tally)
    value = {"sum": reduced.sum, "mean": reduced.mean, "batchmean": reduced.batchmean}.get(bound.reduction)
    objective, gradients = None, evaluation.gradients
    if bound.penalty is not None and value is not None:
        from losscli.request.penalty import objective_of  # which most requests need not

        objective = objective_of(bound.penalty, value, gradients=wanted.gradients)
        gradients = None if gradients is None else {**gradients, **(objective.gradients or {})}
    return Result(
        bound=bound,
        value=value if objective is None else objective.objective,
        reduced=reduced,
        denominator=evaluation.tally.denominator,
        per_sample=evaluation.per_sample,
        gradients=gradients,
        worst=tuple(unit for _, unit in evaluation.tally.worst),
        warnings=(*bound.warnings, *suspected, *_warnings(bound, evaluation, nan if value is None else value)),
        objective=objective,
    )


def _warnings(bound: Bound, evaluation: Evaluation, value: float) -> list[str]:
    tally = evaluation.tally
    warnings = sorted(tally.notes)
    warnings += _made_by_bounds(bound, tally)
    if not bound.propagates:  # then they are expected
        warnings += _not_finite(bound, tally)
    if bound.reduction != "none" and isnan(value) and not tally.numerator.nans:
        if not tally.count:
            nothing = "all samples are ignored" if tally.ignored else "there are no samples"
            warnings.append(f"{nothing}, and the {bound.reduction} of nothing is nan")
        elif not tally.denominator.certain:
            warnings.append("the weights add up to 0, so the mean is nan")
    return warnings


def _made_by_bounds(bound: Bound, tally: Tally) -> list[str]:
    """Bounds that make more than half of Σ |loss|, and so of the number."""
    warnings = []
    for words, bounded in sorted(tally.bounded.items()):
        share = rounded(bounded.total, tally.magnitude)
        if share is not None and share > 0.5 and isfinite(share):
            here = place(bound, bounded.largest[1])
            more = f"{bounded.count} samples, of which {here} is the largest, make"
            who = f"{here} makes" if bounded.count == 1 else more
            most = 100.0 if bounded.count == tally.count else 99.9
            warnings.append(f"{who} up {min(floor(1000.0 * share) / 10.0, most):g} % of the sum: {words}")
    return warnings


def _not_finite(bound: Bound, tally: Tally) -> list[str]:
    """Losses that are no numbers although the data are."""
    warnings = []
    infinite = tally.numerator.positive + tally.numerator.negative
    if nans := tally.numerator.nans:
        warnings.append(_counted(nans, "nan (undefined)", place(bound, tally.first_nan)))
    if infinite:
        warnings.append(_counted(infinite, "infinite", place(bound, tally.first_infinite)))
    return warnings


def _counted(count: int, what: str, first: str) -> str:
    return f"one loss is {what}, at {first}" if count == 1 else f"{count} losses are {what}, the first at {first}"


def place(bound: Bound, unit: int | None) -> str:
    """A unit in words: its index in the shape of the units."""
    index = unit_index(bound, unit or 0)
    return f"sample {index[0] if len(index) == 1 else list(index)}" if index else "the only sample"


def unit_index(bound: Bound, unit: int) -> tuple[int, ...]:
    """The index of a unit, from its number in C order."""
    index = []
    for length in reversed(bound.layout.unit_shape):
        unit, step = divmod(unit, length)
        index.append(step)
    return tuple(reversed(index))
