"""One run of units on its way from the stores to the kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import signature
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.layout import Layout
from losscli.engine.options import EXACT_INTEGERS
from losscli.engine.unchunked import Whole
from losscli.schema.data import Elements
from losscli.schema.faults import DataFault, LossError, raise_all
from losscli.schema.loss import Array, Loss, Misfit, Units
from losscli.schema.records import record
from losscli.schema.settings import spelled

_MOST_NAMED = 12  # classes that a cure names


class MisfitError(Exception):
    """Some value of this run lies outside its domain. Never leaves the engine: `misfits` then says which."""


@record
class Chunk:
    """What a kernel gets for the units of a run that are not ignored; `kept` says which, None all.

    `undefined` are the units of which an element is no number of its domain, and was let through as that; None if none.
    """

    arguments: dict[str, Any]
    kept: NDArray[np.bool_] | None
    weight: Array | None
    units: int  # those that are kept
    undefined: NDArray[np.bool_] | None = None


def load(bound: Bound, start: int, stop: int, only: frozenset[str] | None = None) -> Chunk:
    """Reads a run, checks it, and makes float64 of it (whole numbers of labels): copies that a kernel may overwrite.

    With `only`, other inputs stay unread. Of data that stay whole no unit is left out: what is ignored there gets the
    label 0, and its loss is dropped after the kernel ran.
    """
    kept = _kept(bound, start, stop)
    units = stop - start if kept is None else int(np.count_nonzero(kept))
    obeyed_here = {bound.loss.axis_option, *(bound.loss.ignores or ())[:1]}
    arguments = {name: value for name, value in bound.fixed.items() if name not in obeyed_here}
    counted = _counted(bound, start, stop)
    undefined: NDArray[np.bool_] | None = None
    for field in (*bound.inputs, *bound.unit_options):
        if only is None or field.name in only:
            values, wrong = _values(bound, field, start, stop, kept, counted.get(field.name))
            if wrong is not None:
                undefined = wrong if undefined is None else undefined | wrong
            if field.member_of:
                arguments.setdefault(field.member_of, {})[field.name] = values
            else:
                arguments[field.name] = values
    if only is None and bound.loss.check is not None:
        raise_all([_fault_of(bound, misfit) for misfit in bound.loss.check(**_picked(bound.loss.check, arguments))])
    weight = None if bound.sample_weight is None else _values(bound, bound.sample_weight, start, stop, kept, None)[0]
    return Chunk(arguments, kept, weight, units, undefined)


def denominator_names(loss: Loss) -> frozenset[str]:
    """The inputs and options that the mean's denominator depends on."""
    return frozenset(signature(loss.denominator).parameters) if loss.denominator else frozenset()


def denominators(loss: Loss, chunk: Chunk) -> Array | None:
    """What each unit adds to the mean's denominator; None for 1 each."""
    if loss.denominator is None:
        return None
    return _of_kept(loss.denominator(**_picked(loss.denominator, chunk.arguments)), chunk)


def divisors(bound: Bound, chunk: Chunk) -> Array | None:
    """What each unit's loss is divided by before a mean is taken; None for 1 each."""
    if bound.loss.divisor is None:
        return None
    return _of_kept(bound.loss.divisor(**_picked(bound.loss.divisor, chunk.arguments)), chunk)


def block(bound: Bound, field: Field, start: int, stop: int) -> Elements:
    """The stored elements of a run: one a unit, or one row a unit."""
    return bound.layout.block(field.role.axes, field.data.store, start, stop)


def run_kernel(bound: Bound, chunk: Chunk) -> Units:
    """Calls the kernel. Overflow and 0 · inf are results here, and reported as such, not as NumPy's warnings."""
    with np.errstate(all="ignore"):
        units = bound.loss.kernel(**chunk.arguments)
    if chunk.undefined is not None:
        units = _undefined_where(units, chunk.undefined & ~np.isinf(units.value.reshape(-1)))
    if bound.loss.separable:
        return units
    value = units.value.reshape(-1)
    if chunk.kept is None:
        return replace(units, value=value)

    def pullback(up: Array) -> dict[str, Array]:
        whole = np.zeros(len(value))
        whole[chunk.kept] = up
        return units.pullback(whole)

    return replace(units, value=value[chunk.kept], pullback=pullback)


def _undefined_where(units: Units, marked: NDArray[np.bool_]) -> Units:
    """The result of the kernel with NaN as the losses and gradients of some units."""

    def pullback(up: Array) -> dict[str, Array]:
        return units.pullback(np.where(marked & (up != 0.0), np.nan, up))

    return replace(units, value=np.where(marked, np.nan, units.value.reshape(-1)), pullback=pullback)


def misfits(bound: Bound) -> None:
    """Goes through all data, and raises one fault for every input that holds values outside its domain."""
    faults: list[LossError] = []
    for field in bound.fields:
        count, first, value = 0, "", 0.0
        low, high = np.inf, -np.inf
        for start, stop in bound.layout.chunks():
            values = block(bound, field, start, stop)
            wrong = ~_holds(bound, field, values, _counted(bound, start, stop).get(field.name))
            kept = _kept(bound, start, stop)
            if kept is not None and (bound.loss.separable or field.name == (bound.ignored or ("",))[0]):
                wrong &= kept.reshape(wrong.shape if wrong.size == kept.size else (-1, 1))
            here = np.flatnonzero(wrong)
            if len(here) and not count:
                first = _misfit(bound, field, start, int(here[0]), values)
                value = float(values.reshape(-1)[here[0]])
            count += len(here)
            used = values if kept is None or kept.size != values.size else values.reshape(-1)[kept]
            if field.role.domain.index and used.size:
                low, high = min(low, float(used.min())), max(high, float(used.max()))
        if count:
            cure = _cure(bound, field, value, from_one=1.0 <= low < high == field.domain.high + 1.0)
            more = f" (and {count - 1} more)" if count > 1 else ""
            faults.append(DataFault(first + more, cure))
    raise_all(faults)


def _kept(bound: Bound, start: int, stop: int) -> NDArray[np.bool_] | None:
    if bound.ignored is None:
        return None
    role, value = bound.ignored
    field = next(field for field in bound.inputs if field.name == role)
    kept: NDArray[np.bool_] = (block(bound, field, start, stop) != value).reshape(-1)
    return None if kept.all() else kept


def _picked(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a function names."""
    return {name: arguments[name] for name in signature(function).parameters}


def _of_kept(values: Array | None, chunk: Chunk) -> Array | None:
    """The entries of kept units, where ignored ones are among them."""
    if values is None:
        return None
    values = values.reshape(-1)
    return values if chunk.kept is None or len(values) == chunk.units else values[chunk.kept]


def _fault_of(bound: Bound, misfit: Misfit) -> LossError:
    """What a loss says against its data, with the place in the file."""
    field = next((field for field in bound.inputs if field.name == misfit.name), None)
    where = f"{field.data.place(misfit.at)}: " if field and misfit.at is not None else ""
    return DataFault(where + misfit.fact, misfit.cure)


def _counted(bound: Bound, start: int, stop: int) -> Mapping[str, NDArray[np.bool_]]:
    """Which elements of the inputs count; all, of those that are not named."""
    if bound.loss.counted is None:
        return {}
    names = signature(bound.loss.counted).parameters
    return bound.loss.counted(**{f.name: block(bound, f, start, stop) for f in bound.inputs if f.name in names})


def _values(
    bound: Bound,
    field: Field,
    start: int,
    stop: int,
    kept: NDArray[np.bool_] | None,
    counted: NDArray[np.bool_] | None,
) -> tuple[Elements, NDArray[np.bool_] | None]:
    """The elements of a run, and the units of which one that counts is no number of the domain."""
    values = block(bound, field, start, stop)
    if kept is not None:
        if bound.loss.separable or field.role.axes == "u":
            values = values[kept]
        elif bound.ignored and field.name == bound.ignored[0]:
            values = np.where(kept.reshape(values.shape), values, 0)
    undefined = None
    if not field.domain.fits(values):
        if not _holds(bound, field, values, counted).all():
            raise MisfitError
        wrong = ~field.domain.holds(values)
        if counted is not None:
            wrong &= counted
        values = field.domain.without_infinities(values)
        undefined = _units_with(bound, field, wrong)
    if values.dtype.kind in "iu" and values.itemsize == 8 and not _exact(values).all():
        raise MisfitError
    if field.role.domain.index:
        return values.astype(np.intp), undefined
    return np.array(values, dtype=np.float64, order="C"), undefined


def _units_with(bound: Bound, field: Field, marked: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The units that have a marked element."""
    if not marked.any():
        return None
    if not isinstance(bound.layout, Whole) or field.role.axes == "u":
        return np.asarray(marked.reshape(len(marked), -1).any(axis=1))
    rows = None if field.role.axes == "*" else bound.layout.by_unit(marked.astype(np.float64), field.role.axes)
    return np.ones(bound.layout.units, bool) if rows is None else np.asarray(rows.any(axis=1))


def _holds(bound: Bound, field: Field, values: Elements, counted: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    holds = field.domain.holds(values)
    if bound.propagates and not field.role.domain.whole and values.dtype.kind == "f":
        holds |= ~np.isfinite(values)
    if values.dtype.kind in "iu" and values.itemsize == 8:
        holds &= _exact(values)
    if counted is not None:
        holds |= ~counted
    return holds


def _exact(values: Elements) -> NDArray[np.bool_]:
    """Integers that float64 holds as they are."""
    return np.less_equal(values, EXACT_INTEGERS) & np.greater_equal(values, -EXACT_INTEGERS)


def _misfit(bound: Bound, field: Field, start: int, at: int, values: Elements) -> str:
    """The fact about element `at` of a run: its place and value, and what it must be."""
    element = bound.layout.element(field.role.axes, start, at)
    value = values.reshape(-1)[at]
    shown = int(value) if float(value).is_integer() else float(value)
    if values.dtype.kind in "iu" and abs(int(value)) > EXACT_INTEGERS:
        return f"{field.data.place(element)}: {field.name} is {shown}, which float64 does not hold exactly"
    return f"{field.data.place(element)}: {field.name} is {shown}, and must be {field.domain.words}"


def _cure(bound: Bound, field: Field, value: float, *, from_one: bool) -> str:
    """What to do about a value outside its domain; `from_one` if labels are all from 1 to the last."""
    if field.role.domain.index and from_one:
        layout, names = bound.layout, [str(number) for number in range(1, int(field.domain.high) + 2)]
        last = isinstance(layout, Layout) and layout.axis == len(layout.shape) - 1
        nameable = last and bound.loss.inputs[0].forms[0].axes == "u c" and len(names) <= _MOST_NAMED
        cure = f"{spelled('classes', names)} names the classes" if nameable else "subtract 1 from each"
        return f"the labels look counted from 1; {cure}"
    if field.role.domain.index:
        option, _ = bound.loss.ignores if bound.ignored and bound.loss.ignores else ("", "")
        return "count classes from 0" + (f"; {spelled(option)} takes samples out" if option else "")
    if isfinite(value) or field.role.domain.whole:
        return field.domain.cure or "correct the data"
    return f"correct the data, or let not-a-numbers and infinities through with {spelled('nonfinite', 'propagate')}"
