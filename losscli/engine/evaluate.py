"""Carries a bound loss over its units: sums, per-sample values and gradients, chunk by chunk on a few threads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from losscli.engine.bind import Bound
from losscli.engine.broadcast import summed_to
from losscli.engine.chunks import (
    Chunk,
    MisfitError,
    denominator_names,
    denominators,
    divisors,
    load,
    misfits,
    run_kernel,
)
from losscli.engine.tally import (
    Spread,
    Tally,
    bounded_of,
    groups_of,
    spread_of,
    weighted,
    weighted_total,
    whole,
    worst_of,
)
from losscli.engine.threads import Progress, fold, keep_freed_memory, usable_cores
from losscli.engine.unchunked import Whole
from losscli.numerics.exact import NOTHING, Total, rounded
from losscli.schema.loss import Array, Units
from losscli.schema.records import record

_SMALL = 10_000  # units


@record
class Wanted:
    """What an evaluation is to give besides the sums."""

    per_sample: bool = False
    gradients: bool = False
    spread: bool = False
    worst: int = 0
    jobs: int | None = None
    progress: Progress | None = None


@record
class Evaluation:
    """A loss over all its units. Arrays are in the shape of the units, and of the inputs."""

    bound: Bound
    tally: Tally
    per_sample: Array | None
    gradients: Mapping[str, Array] | None


def evaluate(bound: Bound, wanted: Wanted) -> Evaluation:
    """Runs the loss over all units. Where a sum's last bit stays open, the sums are done again, exactly."""
    keep_freed_memory()
    jobs = wanted.jobs or usable_cores()
    per_sample = np.zeros(bound.layout.units) if wanted.per_sample else None
    gradients = None
    scale = None
    if wanted.gradients:
        scale = upstream(bound, jobs)
        gradients = {field.name: np.zeros(field.data.shape) for field in bound.differentiable}

    exactly = wanted.spread or bound.layout.units < _SMALL  # then once is cheaper than twice now and then

    def work(start: int, stop: int) -> Tally:
        chunk = load(bound, start, stop)
        units = run_kernel(bound, chunk)
        if per_sample is not None:
            per_sample[start:stop] = with_ignored(weighted(units.value, chunk.weight), chunk, stop - start)
        tally = _tally(bound, wanted, chunk, units, start, stop, exactly=exactly)
        if gradients is not None and scale is not None:
            _put_gradients(bound, gradients, chunk, units, scale, start, stop)
        return tally

    def sums_again(start: int, stop: int) -> Tally:
        chunk = load(bound, start, stop)
        return _tally(bound, wanted, chunk, run_kernel(bound, chunk), start, stop, exactly=True)

    try:
        nothing = Tally(keep_worst=wanted.worst, spread=Spread() if wanted.spread else None)
        tally = fold(bound.layout.chunks(), work, nothing, jobs, wanted.progress)
        quotients = (
            (tally.numerator, bound.row),
            (tally.numerator, bound.row * batch_size(bound)),
            (tally.mean_numerator, tally.denominator.times(bound.row)),
        )
        if any(rounded(above, below) is None for above, below in quotients):
            tally = fold(bound.layout.chunks(), sums_again, nothing, jobs)
    except MisfitError:
        misfits(bound)
        raise
    if per_sample is not None:
        per_sample = per_sample.reshape(bound.layout.unit_shape)
    return Evaluation(bound, tally, per_sample, gradients and _as_given(bound, gradients))


def upstream(bound: Bound, jobs: int = 1, denominator: Total | None = None) -> float:
    """The derivative of the reduced value with respect to the sum of the losses.

    The whole denominator of a mean must be known before the first gradient is written: where no evaluation has given
    it, it takes a pass over what it depends on, which never is the scores.
    """
    if bound.reduction in ("none", "sum"):
        return 1.0
    if bound.reduction == "batchmean":
        return 1.0 / batch_size(bound) if batch_size(bound) else np.nan
    divisor = rounded(_denominator(bound, jobs) if denominator is None else denominator)
    return 1.0 / divisor if divisor else np.nan


def batch_size(bound: Bound) -> int:
    """The size of the first axis, which `batchmean` divides by."""
    return bound.layout.shape[0] if bound.layout.shape else 1


def _as_given(bound: Bound, gradients: dict[str, Array]) -> dict[str, Array]:
    """Gradients in the shapes of the inputs as they were given: what was spread over units is added up again."""
    return {
        field.name: gradients[field.name]
        if field.given is None
        else summed_to(gradients[field.name], field.aligned, field.given)
        for field in bound.differentiable
    }


def _denominator(bound: Bound, jobs: int) -> Total:
    if bound.loss.denominator is None and bound.ignored is None and bound.sample_weight is None:
        return whole(bound.layout.units)
    names = denominator_names(bound.loss)

    def work(start: int, stop: int) -> Tally:
        chunk = load(bound, start, stop, only=names)
        return Tally(denominator=_denominator_of(bound, chunk, denominators(bound.loss, chunk)))

    try:
        return fold(bound.layout.chunks(), work, Tally(), jobs).denominator
    except MisfitError:
        misfits(bound)
        raise


def _tally(bound: Bound, wanted: Wanted, chunk: Chunk, units: Units, start: int, stop: int, *, exactly: bool) -> Tally:
    values, denominator, weight = units.value, denominators(bound.loss, chunk), chunk.weight
    parts, part_weights = units.value, weight
    if units.parts is not None:
        parts, part_weights = units.parts, None if weight is None else np.repeat(weight, bound.row)
    numerator = weighted_total(parts, part_weights, chunk.units, exactly=exactly)
    averaged = _averaged(bound, chunk, values)
    finite = numerator.limit == 0.0
    spread, groups = None, {}
    if wanted.spread or bound.groups is not None:
        losses = weighted(averaged, weight)
        divisor_weight = weight if bound.convention.weights_divide else None
        divided_by = divisor_weight if denominator is None else weighted(denominator, divisor_weight)
        if wanted.spread and finite:
            spread = spread_of(losses, divided_by)
        if bound.groups is not None:
            keys = bound.groups.store.flat(start, stop).astype(np.float64)
            groups = groups_of(keys if chunk.kept is None else keys[chunk.kept], losses, divided_by)
    return Tally(
        count=chunk.units,
        ignored=stop - start - chunk.units,
        numerator=numerator,
        averaged=None if averaged is values else weighted_total(averaged, weight, chunk.units, exactly=exactly),
        denominator=_denominator_of(bound, chunk, denominator),
        spread=spread,
        worst=worst_of(weighted(values, weight), _units_of(chunk, start, stop), wanted.worst) if wanted.worst else (),
        keep_worst=wanted.worst,
        groups=groups,
        notes=frozenset(units.notes),
        magnitude=NOTHING if units.bounds is None else _magnitude(numerator, units, chunk, exactly=exactly),
        bounded=bounded_of(units.bounds or (), weighted(values, weight), _units_of(chunk, start, stop)),
        first_nan=None if finite else _first(np.isnan(values), chunk, start, stop),
        first_infinite=None if finite else _first(np.isinf(values), chunk, start, stop),
    )


def _magnitude(numerator: Total, units: Units, chunk: Chunk, *, exactly: bool) -> Total:
    """Σ |weight · loss|, which mostly is the numerator."""
    values = units.value
    negative = values.min(initial=0.0) < 0.0 or (chunk.weight is not None and chunk.weight.min(initial=0.0) < 0.0)
    if units.parts is None and not negative:
        return numerator
    weight = None if chunk.weight is None else np.abs(chunk.weight)
    return weighted_total(np.abs(values), weight, chunk.units, exactly=exactly)


def _averaged(bound: Bound, chunk: Chunk, values: Array) -> Array:
    """The losses as they enter a mean."""
    divided_by = divisors(bound, chunk)
    return values if divided_by is None else values / divided_by


def _denominator_of(bound: Bound, chunk: Chunk, denominator: Array | None) -> Total:
    weight = chunk.weight if bound.convention.weights_divide else None
    return weighted_total(denominator, weight, chunk.units, exactly=True)


def _units_of(chunk: Chunk, start: int, stop: int) -> NDArray[np.intp]:
    """The numbers of the units that a kernel saw."""
    return np.arange(start, stop) if chunk.kept is None else start + np.flatnonzero(chunk.kept)


def _first(marked: NDArray[np.bool_], chunk: Chunk, start: int, stop: int) -> int | None:
    return int(_units_of(chunk, start, stop)[marked.argmax()]) if marked.any() else None


def with_ignored(values: Array, chunk: Chunk, units: int) -> Array:
    """What a kernel gave for the units of a run that it saw, with 0 for those that are ignored."""
    if chunk.kept is None:
        return values
    whole = np.zeros((units, *values.shape[1:]))
    whole[chunk.kept] = values
    return whole


def pull(bound: Bound, chunk: Chunk, units: Units, scale: float) -> dict[str, Array]:
    """The gradients of a run, as the kernel gives them, from the derivative of the reduced value in the sum."""
    up = np.full(chunk.units, scale) if chunk.weight is None else chunk.weight * scale
    if bound.reduction == "mean":
        up = _averaged(bound, chunk, up)
    with np.errstate(all="ignore"):
        return units.pullback(up)


def _put_gradients(
    bound: Bound, out: Mapping[str, Array], chunk: Chunk, units: Units, scale: float, start: int, stop: int
) -> None:
    pulled = pull(bound, chunk, units, scale)
    for field in bound.differentiable:
        if isinstance(bound.layout, Whole):
            out[field.name][...] = pulled[field.name].reshape(out[field.name].shape)
            continue
        gradient = with_ignored(pulled[field.name], chunk, stop - start)
        if field.role.axes == "u":
            out[field.name].reshape(-1)[start:stop] = gradient
        else:
            bound.layout.put(gradient, out[field.name], start, stop)
