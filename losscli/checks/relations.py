"""Every identity that a loss states, evaluated on data: both sides, how far apart they are, and how far they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from losscli.engine.bind import Bound
from losscli.engine.evaluate import Evaluation, Wanted, batch_size, evaluate
from losscli.engine.layout import Layout
from losscli.engine.reduce import Reduced, reduce
from losscli.losses.catalogue import find
from losscli.numerics.ulps import ulp, ulps_between
from losscli.request.compute import unit_index
from losscli.request.request import Request
from losscli.schema.data import Data, Held, held
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array, Equals, Loss
from losscli.schema.records import record
from losscli.schema.settings import Settings

HOLDS, FAILS, NOT_HERE = "holds", "fails", "does not apply"
ULPS = 4.0  # that each side may be off: what this project allows a loss, and an entry of a view
RULE = (
    "tolerance: 4 ulp for each side and each added term, plus 4 ulp of every recomputed input times the other loss's"
    " gradient"
)


@record
class Comparison:
    """Two sides of an identity, and by how much they may differ."""

    this: float
    other: float
    allowed: float

    @property
    def difference_ulps(self) -> int:
        return int(ulps_between(self.this, self.other))

    @property
    def allowed_ulps(self) -> float:
        """What is allowed, in the spacing of floats at this side."""
        with np.errstate(over="ignore"):
            return float(self.allowed / ulp(self.this)) if np.isfinite(self.this) else 0.0

    @property
    def holds(self) -> bool:
        return bool(_close(np.asarray(self.this), np.asarray(self.other), np.asarray(self.allowed)))


@record
class Identity:
    """What became of one identity.

    `worst` are its two sides at the sample where they are farthest apart, as a share of what is allowed; `sample` is
    its index, empty for a single one. `reduced` are the two reduced values, by the reductions that `reductions` names.
    An identity between reduced values alone has no `worst`. Of `samples`, some may be `undecided`: the numbers that
    had to be computed for the other side are rounded so far that they say nothing.
    """

    text: str
    other_loss: str
    verdict: str
    condition: str
    worst: Comparison | None = None
    sample: tuple[int, ...] = ()
    reduced: Comparison | None = None
    reductions: tuple[str, str] = ("", "")
    samples: int = 0
    undecided: int = 0


@record
class _Term:
    """The other side: times · loss + plus, sample by sample, and how far its inputs' roundings may move it."""

    bound: Bound
    values: Array
    times: float
    plus: Array
    movable: Array
    reduced: Reduced


@np.errstate(all="ignore")  # what overflows here is a result, as in the kernels
def relations(bound: Bound) -> list[Identity]:
    """All identities of a loss on its data, which are held in memory as a whole."""
    if bound.sample_weight is not None:
        raise UsageFault("identities hold sample by sample, whatever a sample weighs", "leave --sample-weight out")
    ours = evaluate(bound, Wanted(per_sample=True))
    named = arguments(bound)
    return [_identity(bound, ours, relation, named) for relation in bound.loss.relations]


def arguments(bound: Bound) -> dict[str, Any]:
    """All inputs and options by name, as whole arrays in PyTorch's layout: what an identity is stated in."""
    named: dict[str, Any] = {
        name: value.array().astype(np.float64) if isinstance(value, Data) else value
        for name, value in bound.options.items()
    }
    axis = bound.layout.axis if isinstance(bound.layout, Layout) else None
    several = len(bound.layout.shape) > 1
    if axis is not None and bound.loss.axis_option and several:
        named[bound.loss.axis_option] = axis  # wherever --class-axis put it
    for field in bound.inputs:
        array = field.data.array().astype(np.intp if field.domain.index else np.float64)
        if axis is not None and field.role.axes != "u" and several and not bound.loss.axis_option:
            array = np.moveaxis(array, axis, 1 if field.role.axes == "u c" else -1)
        if field.member_of:
            named.setdefault(field.member_of, {})[field.name] = array
        else:
            named[field.name] = array
    return named


def _identity(bound: Bound, ours: Evaluation, relation: Equals, named: Mapping[str, Any]) -> Identity:
    other_loss = find(relation.loss)
    if not relation.given(**named):
        condition = relation.where or "not with these options and inputs"
        return Identity(relation.text, other_loss.name, NOT_HERE, condition)
    with np.errstate(all="ignore"):
        view = relation.view(**named)
    try:
        if relation.reduced:
            return _between_reduced(bound, ours, relation, _term(bound, relation, other_loss, view, named))
        return _between_samples(bound, ours, relation, _term(bound, relation, other_loss, view, named))
    except DataFault as fault:  # the view leads out of the other's domain, as where a softmax rounds to 1
        return Identity(relation.text, other_loss.name, NOT_HERE, f"not where {fault.fact}")


def _term(bound: Bound, relation: Equals, other_loss: Loss, view: Mapping[str, Any], named: Mapping[str, Any]) -> _Term:
    theirs = _bound_like(bound, other_loss, view, "sum")
    evaluation = evaluate(theirs, Wanted(per_sample=True, gradients=True))
    with np.errstate(all="ignore"):
        times, plus = float(relation.times(**named)), np.asarray(relation.plus(**named), dtype=np.float64)
        movable, reduced = _movable(evaluation, view, named), reduce(theirs, evaluation.tally)
        return _Term(theirs, _per_sample(evaluation), times, plus, movable, reduced)


def _between_samples(bound: Bound, ours: Evaluation, relation: Equals, term: _Term) -> Identity:
    left = _per_sample(ours)
    with np.errstate(all="ignore"):
        plus = np.broadcast_to(term.plus, left.shape)
        scaled = term.times * term.values.reshape(left.shape)
        right = scaled + plus
        rounding = ULPS * (ulp(left) + ulp(scaled) + ulp(plus) * (plus != 0.0))
        allowed = rounding + ULPS * abs(term.times) * np.broadcast_to(term.movable, left.shape)
    close = _close(left, right, allowed)
    lost = ~close & ~np.isfinite(allowed)
    away = np.where(lost, -1.0, _share(left, right, allowed))
    if not away.size or lost.all():
        why = "there are no samples" if not away.size else "rounding leaves nothing of the other side's inputs"
        return Identity(
            relation.text, term.bound.loss.name, NOT_HERE, why, samples=away.size, undecided=int(lost.sum())
        )
    at = int(away.argmax())
    slack = float(np.where(np.isfinite(allowed), allowed, 0.0).sum())
    reduced, reduction = _reduced_sides(bound, ours, term, plus, slack)
    holds = bool((close | lost).all()) and (reduced.holds or bool(lost.any()))
    return Identity(
        relation.text,
        term.bound.loss.name,
        HOLDS if holds else FAILS,
        relation.where,
        worst=Comparison(float(left.flat[at]), float(right.flat[at]), float(allowed.flat[at])),
        sample=unit_index(bound, at),
        reduced=reduced,
        reductions=(reduction, reduction),
        samples=left.size,
        undecided=int(lost.sum()),
    )


def _reduced_sides(bound: Bound, ours: Evaluation, term: _Term, plus: Array, slack: float) -> tuple[Comparison, str]:
    """Both sides reduced as asked for; as sums, where the two losses divide by different denominators."""
    mine, theirs = reduce(bound, ours.tally), term.reduced
    counted = 1.0 * (mine.count == plus.size) * plus.sum() if plus.any() else 0.0
    divisor = mine.denominator
    alike = mine.denominator == theirs.denominator and bound.loss.divisor is None and divisor > 0.0
    with np.errstate(all="ignore"):
        if bound.reduction == "mean" and alike:
            right = term.times * theirs.mean + float(counted) / divisor
            return Comparison(mine.mean, right, slack / divisor + 2.0 * float(ulp(mine.mean))), "mean"
        right = term.times * theirs.sum + float(counted)
        return Comparison(mine.sum, right, slack + 2.0 * float(ulp(mine.sum))), "sum"


def _between_reduced(bound: Bound, ours: Evaluation, relation: Equals, term: _Term) -> Identity:
    """An identity of reduced values: what single samples may be off by is reduced with them."""
    mine, theirs = relation.reduced or ("mean", "mean")
    own, reduced = _per_sample(ours), reduce(bound, ours.tally)
    with np.errstate(all="ignore"):
        left, plus = _by_name(reduced, mine), float(term.plus.sum())
        scaled = term.times * _by_name(term.reduced, theirs)
        moved = float((ulp(term.values) + term.movable).sum()) * _factor(term.bound, term.reduced, theirs)
        single = float(ulp(own).sum()) * _factor(bound, reduced, mine)
        last = float(ulp(left) + ulp(scaled) + (ulp(plus) if plus else 0.0))
        sides = Comparison(left, scaled + plus, ULPS * (single + abs(term.times) * moved + last))
    verdict = HOLDS if sides.holds else FAILS
    text, name = relation.text, term.bound.loss.name
    return Identity(text, name, verdict, relation.where, reduced=sides, reductions=(mine, theirs), samples=own.size)


def _per_sample(evaluation: Evaluation) -> Array:
    return np.zeros(()) if evaluation.per_sample is None else evaluation.per_sample


def _factor(bound: Bound, reduced: Reduced, reduction: str) -> float:
    """What a sample's loss counts in the reduced value."""
    below = {"sum": 1.0, "mean": reduced.denominator, "batchmean": float(batch_size(bound))}[reduction]
    return 1.0 / below if below else 0.0


def _by_name(reduced: Reduced, reduction: str) -> float:
    return {"sum": reduced.sum, "mean": reduced.mean, "batchmean": reduced.batchmean}[reduction]


def _bound_like(bound: Bound, other_loss: Loss, view: Mapping[str, Any], reduction: str) -> Bound:
    """The other loss on the view, under the same convention where it has it."""
    inputs: dict[str, Data] = {}
    options: dict[str, Any] = {}
    for name, value in view.items():
        spec = other_loss.option(name)
        if spec is None:
            members = value if isinstance(value, Mapping) else {name: value}
            inputs |= {key: held(np.asarray(array), f"{key} of {other_loss.name}") for key, array in members.items()}
        elif spec.option.axes and value is not None:
            options[name] = held(np.asarray(value), f"{name} of {other_loss.name}")
        else:
            options[name] = value
    convention = bound.convention.name if bound.convention.name in other_loss.conventions else "exact"
    nonfinite = "propagate" if bound.propagates else "error"
    settings = Settings(reduction=reduction, convention=convention, nonfinite=nonfinite, elements=True)
    return Request(other_loss, inputs, options, settings).bound()


def _movable(evaluation: Evaluation, view: Mapping[str, Any], named: Mapping[str, Any]) -> Array:
    """How far one ulp in every number that the view computed moves the other loss, in each unit.

    Numbers that it only passes on are exact, and move nothing.
    """
    bound = evaluation.bound
    moved = np.zeros(bound.layout.unit_shape)
    for field in bound.differentiable:
        array = np.asarray(view[field.name], dtype=np.float64) if field.name in view else None
        if array is None or evaluation.gradients is None or _passed_on(array, named):
            continue
        slope = np.abs(evaluation.gradients[field.name])
        movement = np.where((slope == 0.0) | (array == 0.0), 0.0, slope * ulp(array))
        moved = moved + _by_unit(bound, movement, field.role.axes)
    return moved


def _by_unit(bound: Bound, movement: Array, axes: str) -> Array | float:
    """The sum over a unit's entries; where they belong to no unit, of all."""
    shape, layout = bound.layout.unit_shape, bound.layout
    if movement.shape == shape and axes in ("u", bound.loss.units):
        return movement
    if isinstance(layout, Layout) and movement.shape == layout.shape:
        rows = layout.rows(Held(movement), 0, layout.units)
        return np.asarray(rows.sum(axis=1)).reshape(shape)
    return float(movement.sum())


def _passed_on(array: Array, named: Mapping[str, Any]) -> bool:
    """Whether the view is one of our own inputs: of the same size, since views may only reshape."""
    return any(
        isinstance(own, np.ndarray) and own.size == array.size and np.array_equal(own.reshape(-1), array.reshape(-1))
        for own in named.values()
    )


def _close(left: Array, right: Array, allowed: Array) -> Any:
    with np.errstate(invalid="ignore"):
        near = np.abs(left - right) <= np.where(np.isfinite(allowed), allowed, 0.0)
    return near | (left == right) | (np.isnan(left) & np.isnan(right))


def _share(left: Array, right: Array, allowed: Array) -> Array:
    """The difference as a share of what is allowed; infinite where one side is no number, least where both are none."""
    with np.errstate(all="ignore"):
        away = np.abs(left - right) / np.maximum(allowed, np.finfo(np.float64).smallest_subnormal)
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    alike = np.where(np.isfinite(left), 0.0, -0.5)
    return np.asarray(np.where(same, alike, np.where(np.isnan(away), np.inf, away)))


def any_fails(identities: Sequence[Identity]) -> bool:
    """Whether one of the identities is refuted."""
    return any(identity.verdict == FAILS for identity in identities)
