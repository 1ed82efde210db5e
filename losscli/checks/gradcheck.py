"""A loss's gradient against independent derivatives, and kinks apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.checks.derivatives import DUAL, PLAIN, Run, Sides, differences, forward, forward_whole, weights_of
from losscli.custom.loss import CUSTOM
from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.chunks import load
from losscli.engine.evaluate import Evaluation, Wanted, evaluate
from losscli.engine.reduce import reduce
from losscli.schema.data import Held
from losscli.schema.loss import Array
from losscli.schema.records import record

HOLDS, FAILS, UNCHECKED = "holds", "fails", "not checked"
CLOSE = 1e-9  # of the unit's largest slope: what cancels in a dual number's derivative has lost some digits
CLOSE_PLAIN = 1e-5  # what differences in float64 are good for
COLUMNS = 64  # of a row that are all checked; of longer rows as many are sampled
ELEMENTS = 32  # of data that stay whole, where each takes a run over all of them
SAMPLED = 24  # elements on the second road
DOUBTFUL = 48  # elements a run whose derivative the second road decides on
DOUBTFUL_WHOLE = 8


@record
class Kink:
    """An element where the loss bends: the derivatives from both sides, and what the gradient says."""

    index: tuple[int, ...]
    left: float
    right: float
    gradient: float
    inside: bool


@record
class Checked:
    """What one road found of the gradient with respect to one input.

    `worst` is the largest difference in units of the unit's largest slope, at the element `index`. `bounded` counts
    elements where the gradient is, by the convention's constants, not the derivative, and would be it without them.
    `undecided` are those that neither road could judge.
    """

    role: str
    method: str
    elements: int
    checked: int = 0
    kinks: int = 0
    bounded: int = 0
    undecided: int = 0
    failing: int = 0
    worst: float = 0.0
    index: tuple[int, ...] = ()
    gradient: float = 0.0
    derivative: float = 0.0
    bent: tuple[Kink, ...] = ()

    @property
    def verdict(self) -> str:
        if self.failing or not all(kink.inside for kink in self.bent):
            return FAILS
        return HOLDS if self.checked or self.kinks or self.bounded else UNCHECKED


def gradcheck(bound: Bound, sampled: int = SAMPLED) -> list[Checked]:
    """Both roads for every differentiable input, the second for a sample. The gradients are held in memory."""
    evaluation = evaluate(bound, Wanted(gradients=True))
    denominator = reduce(bound, evaluation.tally).denominator
    with np.errstate(all="ignore"):  # infinite slopes are results here
        checked = [_check(bound, evaluation, field, denominator, sampled) for field in bound.differentiable]
    return [*chain.from_iterable(checked)]


def any_fails(checked: Sequence[Checked]) -> bool:
    """Whether a gradient is refuted."""
    return any(gradient.verdict == FAILS for gradient in checked)


def _check(bound: Bound, evaluation: Evaluation, field: Field, denominator: float, sampled: int) -> list[Checked]:
    if bound.loss.family == CUSTOM and (reason := _no_input_to_differentiate(bound, field)):
        return [Checked(field.name, reason, field.data.size)]
    first = Checked(field.name, DUAL, field.data.size)
    second = Checked(field.name, "", 0)
    random = np.random.default_rng(0)  # the same elements every time
    for start, stop in bound.layout.chunks():
        part = _part(bound, evaluation, field, denominator, start, stop)
        if part is None:
            continue
        first, unclear = _by_dual(part, first, random)
        most = DOUBTFUL if bound.loss.separable else DOUBTFUL_WHOLE
        first = _by_differences(part, first, unclear[:most], judge=True)
        first = replace(first, undecided=first.undecided + len(unclear[most:]))
        if second.elements < sampled and part.ours.size:
            count = min(sampled - second.elements, part.ours.size)
            chosen = np.sort(random.choice(part.ours.size, count, replace=False))
            second = _by_differences(part, replace(second, elements=second.elements + count), chosen, judge=False)
    return [first, second] if second.method else [first]


def _no_input_to_differentiate(bound: Bound, field: Field) -> str:
    """Why an input of a user's function has no derivative: it counts, or is cut to whole numbers; empty if it has.

    Labels are whole numbers, and which inputs are labels nothing else tells. The first input is what a loss is
    differentiated in.
    """
    values = np.asarray(field.data.array(), dtype=np.float64)
    if field is not bound.inputs[0] and np.array_equal(values, np.trunc(values)):
        return "nothing: whole numbers"
    named = dict(load(bound, 0, bound.layout.units).arguments)
    moved = np.trunc(values) + 0.5 * (values - np.trunc(values)) + 0.25 * np.sign(values)
    try:
        before, after = (bound.loss.kernel(**{**named, field.name: array}).value for array in (values, moved))
    except ValueError:  # beyond what the function takes
        return ""
    return "nothing: cut to integers" if np.array_equal(before, after) else ""


@record
class _Part:
    """A run of units, with our gradient of it as the kernel's rows."""

    run: Run
    field: Field
    start: int
    ours: Array
    scale: Array  # of each element: the unit's largest slope
    bent: NDArray[np.bool_]  # of each element: whether its unit stands at a declared kink

    def index(self, at: int) -> tuple[int, ...]:
        """Where element `at` of the run's kept units lies in the input."""
        if self.run.chunk.kept is not None and self.run.bound.loss.separable:
            width = self.ours.size // len(self.ours)
            unit, column = divmod(at, width)
            at = int(np.flatnonzero(self.run.chunk.kept)[unit]) * width + column
        flat = self.run.bound.layout.element(self.field.role.axes, self.start, at)
        return tuple(int(i) for i in np.unravel_index(flat, self.field.data.shape))


def _part(
    bound: Bound, evaluation: Evaluation, field: Field, denominator: float, start: int, stop: int
) -> _Part | None:
    chunk = load(bound, start, stop)
    if not chunk.units:
        return None
    run = Run(bound, chunk, weights_of(bound, chunk, denominator))
    ours = _gradient_of(run, evaluation, field, start, stop)
    size = np.where(np.isfinite(ours), np.abs(ours), 0.0)
    scale = np.broadcast_to(size.max(initial=0.0), ours.shape)
    bent = np.zeros(ours.shape, dtype=bool)
    if bound.loss.separable:
        rows = size.reshape(len(ours), -1).max(axis=1).reshape(-1, *(1,) * (ours.ndim - 1))
        scale = np.broadcast_to(rows, ours.shape)
        bent = np.broadcast_to(_kinks(run).reshape(rows.shape), ours.shape)
    return _Part(run, field, start, ours, scale, bent)


def _gradient_of(run: Run, evaluation: Evaluation, field: Field, start: int, stop: int) -> Array:
    """Our gradient in the shape of what the kernel got: of what was spread over the units, before it was added up."""
    if field.given is not None or evaluation.gradients is None:
        units = run.bound.loss.kernel(**run.arguments())
        return np.asarray(units.pullback(run.up)[field.name]).reshape(run.array(field).shape)
    if field.member_of:
        return evaluation.gradients[field.name]
    rows = run.bound.layout.block(field.role.axes, Held(evaluation.gradients[field.name]), start, stop)
    if run.chunk.kept is not None and run.bound.loss.separable:
        rows = rows[run.chunk.kept]
    return np.asarray(rows, dtype=np.float64)


def _kinks(run: Run) -> NDArray[np.bool_]:
    """Which units stand at a kink that the loss declares."""
    from inspect import signature

    kinks = run.bound.loss.kinks
    if kinks is None:
        return np.zeros(run.chunk.units, dtype=bool)
    arguments = run.arguments()
    return np.asarray(kinks(**{name: arguments[name] for name in signature(kinks).parameters}), dtype=bool)


def _by_dual(part: _Part, so_far: Checked, random: np.random.Generator) -> tuple[Checked, NDArray[np.intp]]:
    """Forward mode; and the elements it cannot judge or contradicts, the farthest off first."""
    ours = part.ours.reshape(-1)
    elements = _chosen(part, random)
    try:
        derivative = _forward(part, elements)
    except TypeError:  # a function that dual numbers do not know, as in a user-defined loss
        return replace(so_far, method=PLAIN), random.permutation(len(ours))[:DOUBTFUL]
    away = _away(ours[elements], derivative, part.scale.reshape(-1)[elements])
    bent = part.bent.reshape(-1)[elements]
    unclear = ~(away <= CLOSE) | bent
    order = np.argsort(np.where(bent[unclear], 0.0, -away[unclear]), kind="stable")
    extended = _extended(part, so_far, elements[~unclear], derivative[~unclear], away[~unclear])
    return extended, elements[unclear][order]


def _chosen(part: _Part, random: np.random.Generator) -> NDArray[np.intp]:
    """All elements of rows that are not too long, else a sample of columns; of whole data, a sample."""
    size = part.ours.size
    if not part.run.bound.loss.separable:
        return np.sort(random.choice(size, min(size, ELEMENTS), replace=False))
    width = size // len(part.ours)
    columns = np.arange(width) if width <= COLUMNS else np.sort(random.choice(width, COLUMNS, replace=False))
    return np.asarray((np.arange(len(part.ours))[:, None] * width + columns).reshape(-1))


def _forward(part: _Part, elements: NDArray[np.intp]) -> Array:
    if not part.run.bound.loss.separable:
        return forward_whole(part.run, part.field, elements.tolist())
    width = part.ours.size // len(part.ours)
    columns = elements[: len(elements) // len(part.ours)] % width
    return forward(part.run, part.field, columns.tolist()).reshape(-1)


def _away(ours: Array, derivative: Array, scale: Array) -> Array:
    """The difference as a share of the larger of the unit's largest slope and the derivative."""
    size = np.maximum(scale, np.where(np.isfinite(derivative), np.abs(derivative), 0.0))
    away = np.where(ours == derivative, 0.0, np.abs(ours - derivative) / size)
    return np.where(np.isnan(away), np.inf, away)


def _extended(part: _Part, so_far: Checked, elements: Any, derivative: Array, away: Array) -> Checked:
    """The report, extended by elements that were compared."""
    extended = replace(so_far, checked=so_far.checked + len(elements))
    if not len(elements) or (away.max() < so_far.worst or (so_far.index and away.max() == so_far.worst)):
        return extended
    at = int(away.argmax())
    element = int(elements[at])
    return replace(
        extended,
        worst=float(away[at]),
        index=part.index(element),
        gradient=float(part.ours.reshape(-1)[element]),
        derivative=float(derivative[at]),
    )


def _by_differences(part: _Part, so_far: Checked, elements: Any, *, judge: bool) -> Checked:
    """One-sided differences of some elements; to `judge` what forward mode left open, or as a method of their own."""
    if not len(elements):
        return so_far
    ours = part.ours.reshape(-1)[elements]
    sides = differences(part.run, part.field, elements.tolist())
    close, slack, lost = _tolerances(part, sides, elements)
    left, right = _both_sides(sides, part.bent.reshape(-1)[elements])
    low, high = np.minimum(left, right) - slack, np.maximum(left, right) + slack
    unknown = np.isnan(left) | np.isnan(right) | lost
    bends = ~(np.abs(left - right) <= 2.0 * slack) & (left != right) & ~unknown
    inside = ((low <= ours) & (ours <= high)) | (ours == left) | (ours == right)
    smooth = ~bends & ~unknown
    nearest = np.where(np.abs(left - ours) < np.abs(right - ours), left, right)
    wrong = smooth & ~inside
    bounded = _bounded(part, elements, wrong | (bends & ~inside))
    report = replace(so_far, method=so_far.method if judge else sides.method)
    good = smooth & ~bounded
    felt = np.abs(nearest - ours) > sides.slack  # less is the differences' own error, however small the slopes
    away = np.where(felt, _away(ours, nearest, part.scale.reshape(-1)[elements]), 0.0)
    report = _extended(part, report, elements[good], nearest[good], away[good])
    bent = [
        Kink(part.index(int(elements[at])), float(left[at]), float(right[at]), float(ours[at]), bool(inside[at]))
        for at in np.flatnonzero(bends & ~bounded)
    ]
    return replace(
        report,
        kinks=report.kinks + len(bent),
        bent=(*report.bent, *bent),
        bounded=report.bounded + int(bounded.sum()),
        undecided=report.undecided + int(unknown.sum()),
        failing=report.failing + int((wrong & ~bounded & (away > close)).sum()),
    )


def _both_sides(sides: Sides, bent: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Where the domain ends, the side there is stands for the other, and at a declared kink every slope beyond it."""
    one_side = np.isnan(sides.left) != np.isnan(sides.right)
    beyond = np.where(bent & one_side, np.inf, np.nan)
    left = np.where(np.isnan(sides.left), np.where(np.isnan(beyond), sides.right, -beyond), sides.left)
    right = np.where(np.isnan(sides.right), np.where(np.isnan(beyond), sides.left, beyond), sides.right)
    return left, right


def _tolerances(part: _Part, sides: Sides, elements: Any) -> tuple[float, Array, NDArray[np.bool_]]:
    """What a difference may be off by, relatively and in all, and where the value's own rounding hides the slope."""
    close = CLOSE_PLAIN if sides.method == PLAIN else CLOSE
    sizes = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (sides.left, sides.right)]
    allowed = close * np.maximum(part.scale.reshape(-1)[elements], np.maximum(*sizes))
    rounding = np.abs(sides.slack * part.run.up.max(initial=0.0))
    return close, allowed + rounding, rounding > np.maximum(allowed, close)


def _bounded(part: _Part, elements: Any, wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the wrong elements differ from the derivative only by the convention's constants.

    Such as PyTorch's bound on the slope of a logarithm, by which its gradient is not its value's derivative. Without
    the constants, as the convention exact has them, gradient and derivative must agree there.
    """
    bound, bounded = part.run.bound, np.zeros(len(elements), dtype=bool)
    exact = bound.loss.conventions["exact"].values
    constants = {name: float(exact[name]) for name in bound.loss.constants if name in exact}
    if not wrong.any() or all(bound.fixed[name] == value for name, value in constants.items()):
        return bounded
    chunk = replace(part.run.chunk, arguments={**part.run.chunk.arguments, **constants})
    free = replace(part.run, chunk=chunk)
    units = bound.loss.kernel(**free.arguments())
    gradient = np.asarray(units.pullback(part.run.up)[part.field.name]).reshape(-1)
    at = np.flatnonzero(wrong)
    sides = differences(free, part.field, elements[at].tolist())
    side = np.where(np.isnan(sides.left), sides.right, sides.left)
    close, _, _ = _tolerances(part, sides, elements[at])
    same = _away(gradient[elements[at]], side, part.scale.reshape(-1)[elements[at]]) <= close
    bounded[at] = same & (gradient[elements[at]] != part.ours.reshape(-1)[elements[at]])
    return bounded
