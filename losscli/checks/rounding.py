"""What rounding leaves of a computed loss: that of single precision, and that of inputs written with few decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.checks.claims import Claim, half_unit
from losscli.checks.derivatives import weights_of
from losscli.checks.matching import matching
from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.broadcast import summed_to
from losscli.engine.chunks import load, run_kernel
from losscli.engine.evaluate import Wanted, upstream
from losscli.engine.examine import examine, own_entries
from losscli.engine.layout import Layout
from losscli.numerics.ulps import ulp
from losscli.request.compute import Result, compute
from losscli.schema.data import held
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.schema.records import record

EPS = 2.0**-23  # of float32
SHARE = 1.3e-6  # what PyTorch's own tests allow float32, 11 eps
_DOUBLE = 1e-9  # what another order of summing, or a formula that cancels a little, takes of a row's scale
_STEPS = 8.0  # roundings of numbers about 1 on the way to a unit's loss, in eps; 4 were seen
_UNDERFLOW = 104.0  # e^-104 is 0 in float32: a score that far below the largest takes no part in a row
_LEAST_DECIMALS, _MOST_DECIMALS = 3, 7  # of inputs that are taken for rounded ones
_RUN = 1 << 16  # units, or elements, that are looked at together
_RUNS = 8  # with inputs moved by their rounding
_SURE = 4.0  # standard deviations


@record
class Scale:
    """What rounding acts on, for each number: an error in proportion to `size`, and one of so many eps besides.

    `least` are the eps of the loss's own formula alone, without what grows with the inputs or comes of many steps.
    """

    size: Array
    steps: Array
    least: Array

    @property
    def single(self) -> Array:
        """What single precision leaves."""
        return np.asarray(SHARE * self.size + EPS * self.steps)

    @property
    def double(self) -> Array:
        """What double precision leaves, of an array."""
        return np.asarray(_DOUBLE * self.size + 2.0**-52 * self.steps)


def scale_of(claim: Claim, ours: Array, result: Result) -> Scale:
    """The scale of each claimed number."""
    if claim.kind == "gradient":
        return _of_gradient(claim, ours, result)
    if claim.kind == "value" and result.value is not None:
        return _of_value(ours, result)
    units = _joined(replace(result.bound, reduction="none"), result.reduced.denominator)
    least = (units.errors * units.counts).reshape(ours.shape)
    return Scale(np.abs(ours), least * units.growth.reshape(ours.shape), least)


@record
class _Units:
    """A run of units: their losses, what each counts in the reduced value, and the eps that single precision costs."""

    losses: Array
    counts: Array
    errors: Array
    growth: Array

    def over_all(self, kept: NDArray[np.bool_] | None) -> _Units:
        """With zeros for ignored units."""
        if kept is None:
            return self
        arrays = (self.losses, self.counts, self.errors, self.growth)
        whole = [np.zeros(len(kept)) for _ in arrays]
        for into, array in zip(whole, arrays, strict=True):
            into[kept] = array
        return _Units(*whole)


def _runs(bound: Bound, denominator: float) -> Iterator[_Units]:
    for start, stop in bound.layout.chunks():
        chunk = load(bound, start, stop)
        counts = np.abs(weights_of(bound, chunk, denominator))
        growth = np.broadcast_to(_growth(bound, chunk.arguments), (chunk.units,))
        losses = run_kernel(bound, chunk).value
        error = bound.loss.float32_error
        with np.errstate(invalid="ignore"):
            errors = error(losses) if callable(error) else np.full(len(losses), error)
        yield _Units(losses, counts, errors, growth).over_all(chunk.kept)


def _joined(bound: Bound, denominator: float) -> _Units:
    """All units at once."""
    runs = list(_runs(bound, denominator))
    columns = [[run.losses for run in runs], [run.counts for run in runs]]
    columns += [[run.errors for run in runs], [run.growth for run in runs]]
    return _Units(*(np.concatenate([np.zeros(0), *column]) for column in columns))


def _growth(bound: Bound, arguments: Mapping[str, Any]) -> Array:
    """By how many eps each unit's loss may be off: some steps, and the size of its largest score or of all its vectors.

    Scores so far below the largest that their exponential is 0 do not count: a mask of -1e30 costs no digit.
    """
    loss = bound.loss
    if loss.scale_free:
        return np.asarray(_STEPS)
    vectors = [field.name for field in bound.inputs if field.role.axes == "u d"]
    if vectors:
        with np.errstate(over="ignore"):
            lengths = [np.sqrt(np.sum(np.square(arguments[name]), axis=1)) for name in vectors]
        return np.asarray(_STEPS + np.nan_to_num(np.sum(lengths, axis=0), nan=0.0, posinf=0.0))
    scores = np.asarray(arguments[loss.roles[0]])
    if not scores.size:
        return np.asarray(_STEPS)
    scores = scores.reshape(len(scores) if loss.separable else 1, -1)
    scores = np.where(np.isfinite(scores), scores, -np.inf)
    highest = scores.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        sizes = np.where(scores >= highest - _UNDERFLOW, np.abs(scores), 0.0)
    return np.asarray(_STEPS + np.where(np.isfinite(sizes), sizes, 0.0).max(axis=1))


def _of_value(ours: Array, result: Result) -> Scale:
    """The reduction of the losses' sizes, with the same weights; of a loss of all data, its own size."""
    size, steps = 0.0, 0.0
    for run in _runs(result.bound, result.reduced.denominator):
        with np.errstate(all="ignore"):
            size += float((run.counts * np.abs(run.losses)).sum())
            steps += float((run.counts * run.errors).sum())
    size += 0.0 if result.objective is None else abs(result.objective.penalty)
    tolerance = np.asarray(steps).reshape(ours.shape)
    return Scale(np.maximum(np.asarray(size).reshape(ours.shape), np.abs(ours)), tolerance, tolerance)


def _of_gradient(claim: Claim, ours: Array, result: Result) -> Scale:
    """The largest slope of the same row, or the usual slope where that is larger: p - 1 cancels at 1/n, not at |g|."""
    bound = result.bound
    finite = np.where(np.isfinite(ours), np.abs(ours), 0.0)
    usual = np.sqrt(np.mean(finite * finite)) if ours.size else 0.0
    field = next((field for field in bound.differentiable if field.name == claim.role), None)
    if field is None:  # a penalty's parameter
        return Scale(np.maximum(finite, usual), np.zeros(ours.shape), np.zeros(ours.shape))
    units = _joined(bound, result.reduced.denominator)
    least = units.errors * units.counts
    spread = [_on_entries(amounts, field, bound, ours.shape) for amounts in (least * units.growth, least)]
    return Scale(np.maximum(_rows_largest(finite, field, bound), usual), *spread)


def _rows_largest(sizes: Array, field: Field, bound: Bound) -> Array:
    """The largest of each unit's row."""
    if isinstance(bound.layout, Layout) and (field.role.axes == "u" or field.given is not None):
        return sizes
    axis = bound.layout.axis if isinstance(bound.layout, Layout) else -1
    return np.asarray(sizes.max(axis=axis, keepdims=True, initial=0.0)) if sizes.ndim else sizes


def _on_entries(errors: Array, field: Field, bound: Bound, shape: tuple[int, ...]) -> Array:
    """The units' errors where their entries of an input lie; what all units add to adds up like independent errors."""
    layout = bound.layout
    if not isinstance(layout, Layout):
        return np.full(shape, np.sqrt(np.sum(errors * errors)))
    of_units = errors.reshape(layout.unit_shape)
    if field.role.axes != "u" and layout.axis is not None:
        of_units = np.broadcast_to(np.expand_dims(of_units, layout.axis), layout.shape)
    return np.broadcast_to(of_units if field.given is None else summed_to(of_units, field.aligned, field.given), shape)


def in_float32(result: Result, wanted: Wanted) -> Result | None:
    """The result for inputs rounded to float32; None where that changes nothing, or cannot be computed."""
    bound = result.bound
    fields, changed = [], False
    for field in bound.inputs:
        if field.role.differentiable and field.data.dtype == "float64":
            values = field.data.store.flat(0, field.data.size).astype(np.float64)
            with np.errstate(over="ignore", under="ignore"):
                rounded = values.astype(np.float32).astype(np.float64)
            if not np.array_equal(rounded, values, equal_nan=True):
                changed = True
                field = _with_values(field, rounded)
        fields.append(field)
    return _computed(replace(bound, inputs=tuple(fields)), wanted) if changed else None


def of_inputs(claim: Claim, ours: Array, result: Result) -> Array | None:
    """What the decimals that inputs are written with leave open; None where no input is written with few."""
    steps = {field.name: written for field in result.bound.inputs if (written := _written(field)) is not None}
    if not steps:
        return None
    single = claim.kind == "value" and result.value is not None
    alone = all(result.bound.loss.separable and field.given is None for field in result.bound.inputs)
    if claim.kind == "gradient" or not (single or alone):
        return _by_moving(claim, ours, result, steps)
    bound = result.bound if single else replace(result.bound, reduction="none")
    if single and alone and result.bound.loss.separable and isinstance(bound.layout, Layout):
        return _of_runs(bound, steps)
    evaluated = _computed(bound, Wanted(gradients=True))
    if evaluated is None or evaluated.gradients is None:
        return None
    total, squares = np.zeros(ours.shape), np.zeros(ours.shape)
    for field in bound.differentiable:
        if field.name in steps:
            with np.errstate(invalid="ignore", over="ignore"):
                step = steps[field.name].step(_values(field)).reshape(field.given or field.data.shape)
                moved = np.abs(evaluated.gradients[field.name]) * step
                total += _by_unit(moved, field, bound, ours.shape)
                squares += _by_unit(moved * moved, field, bound, ours.shape)
    return np.asarray(np.minimum(total, _SURE * np.sqrt(squares / 3.0)))


def _of_runs(bound: Bound, steps: Mapping[str, Written]) -> Array:
    """The same for a reduced value, run by run: memory does not grow with the data."""
    total = squares = 0.0
    units = bound.layout.units
    runs = ((start, min(start + _RUN, units)) for start in range(0, units, _RUN))
    for detail in examine(replace(bound, strict=False), runs, upstream(bound)):
        for field in bound.differentiable:
            if field.name in steps:
                entries = own_entries(bound, field, detail.start, detail.stop).astype(np.float64)
                with np.errstate(invalid="ignore", over="ignore"):
                    moved = np.abs(detail.gradients[field.name]) * steps[field.name].step(entries)
                total += float(moved.sum())
                squares += float((moved * moved).sum())
    return np.asarray(min(total, _SURE * np.sqrt(squares / 3.0)))


def _by_unit(moved: Array, field: Field, bound: Bound, shape: tuple[int, ...]) -> Array:
    """Added up to one number, or to one a unit."""
    if not shape:
        return np.asarray(moved.sum())
    if isinstance(bound.layout, Layout) and field.role.axes != "u" and bound.layout.axis is not None:
        moved = moved.sum(axis=bound.layout.axis)
    return moved.reshape(shape)


def _by_moving(claim: Claim, ours: Array, result: Result, steps: Mapping[str, Written]) -> Array | None:
    """The spread of what inputs moved by their half unit, up or down at random, give; with a margin."""
    random = np.random.default_rng(0)
    squares, runs = np.zeros(ours.shape), 0
    wanted = Wanted(per_sample=claim.kind != "gradient", gradients=claim.kind == "gradient")
    for _ in range(_RUNS):
        fields = [_moved(field, steps.get(field.name), random) for field in result.bound.inputs]
        moved = _computed(replace(result.bound, inputs=tuple(fields)), wanted)
        if moved is not None:
            with np.errstate(invalid="ignore", over="ignore"):
                change = (matching(claim, moved) - ours) ** 2
            squares += np.where(np.isfinite(change), change, 0.0)
            runs += 1
    if not runs:
        return None
    spread = np.sqrt(squares / runs / 3.0)
    rows = spread.reshape(len(spread), -1) if spread.ndim else spread.reshape(1, 1)
    by_row = np.sqrt(np.mean(rows * rows, axis=1, keepdims=True))
    usual = np.sqrt(np.mean(rows * rows)) if rows.size else 0.0
    return np.asarray(_SURE * np.maximum(np.maximum(rows, by_row), 0.7 * usual)).reshape(ours.shape)


def _moved(field: Field, written: Written | None, random: np.random.Generator) -> Field:
    if written is None:
        return field
    values = _values(field)
    step = written.step(values)
    moved = values + random.choice((-1.0, 1.0), step.shape) * step if field.given is None else values
    return _with_values(field, np.where(field.domain.holds(moved), moved, values))


def _with_values(field: Field, values: Array) -> Field:
    return replace(field, data=held(values.reshape(field.data.shape), field.data.source))


def _computed(bound: Bound, wanted: Wanted) -> Result | None:
    try:
        return compute(replace(bound, strict=False), wanted)
    except LossError:
        return None


@record
class Written:
    """How an input is written: half a unit of its decimals, 0 if they are many; and its significant digits, if few."""

    fixed: float
    digits: int | None

    def step(self, values: Array) -> Array:
        """Half a unit of the last digit of each value."""
        at_digit = 0.0 if self.digits is None else 5.0 * 10.0 ** (_powers(values) - self.digits)
        return np.asarray(np.where(np.isfinite(values), np.maximum(self.fixed, at_digit), 0.0))


def _written(field: Field) -> Written | None:
    """With which digits an input was written, where these are few and it is not whole numbers."""
    data = field.data
    if not data.decimal or not field.role.differentiable or not data.size:
        return None
    decimals: int | None = 0
    digits: int | None = 1
    for start in range(0, data.size, _RUN):
        values = data.store.flat(start, start + _RUN).astype(np.float64)
        values = values[np.isfinite(values)]
        decimals, digits = _fewest(decimals, _has_decimals, values), _fewest(digits, _has_digits, values)
        if decimals is None and digits is None:
            return None
    if decimals is not None and decimals < _LEAST_DECIMALS:
        return None
    return Written(0.0 if decimals is None else half_unit(-decimals), digits)


def _fewest(least: int | None, enough: Callable[[Array, int], bool], values: Array) -> int | None:
    """The fewest digits from `least` on that are enough for all values; None if none are."""
    counts = () if least is None else range(least, _MOST_DECIMALS + 1)
    return next((count for count in counts if enough(values, count)), None)


def _has_decimals(values: Array, decimals: int) -> bool:
    """Whether all values can be written with so many decimals."""
    return np.array_equal(np.round(values, decimals), values)


def _values(field: Field) -> Array:
    return field.data.store.flat(0, field.data.size).astype(np.float64)


def _has_digits(values: Array, digits: int) -> bool:
    """Whether all values can be written with so many significant digits."""
    unit = 10.0 ** (_powers(values) - digits + 1)
    with np.errstate(all="ignore"):
        return bool((np.abs(np.rint(values / unit) * unit - values) <= 4.0 * ulp(values)).all())


def _powers(values: Array) -> Array:
    """The power of ten of each value's first digit; that of the smallest float for 0."""
    return np.asarray(np.floor(np.log10(np.maximum(np.abs(values), np.finfo(np.float64).tiny))))
