"""The gradient of a user's function, taken numerically: element by element, or of all samples at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.custom.function import Function, call, loss_of
from losscli.custom.script import at_home
from losscli.numerics.differences import derivative
from losscli.schema.faults import ends_the_run
from losscli.schema.loss import Array
from losscli.schema.records import record

Numbers = NDArray[Any]  # floats, or complex ones
Losses = Callable[[Numbers], Numbers]

COMPLEX, RICHARDSON = "complex step", "Richardson extrapolation"
_COLUMNS = 16  # that decide which method is named


def numeric_gradient(
    function: Function, named: Mapping[str, Any], name: str, shape: tuple[int, ...], up: Array, *, separable: bool
) -> Array:
    """The gradient of Σ up · losses with respect to one input."""
    with at_home(function.script.path, heard=False):
        return _slopes(_losses(function, named, name, shape), named[name], up, separable=separable).gradient


def numeric_method(
    function: Function, named: Mapping[str, Any], name: str, shape: tuple[int, ...], *, separable: bool
) -> str:
    """What a gradient is taken by, from a sample of its columns."""
    units, size = int(np.prod(shape)), named[name].size
    width = size // max(1, units) if separable else size
    columns = np.unique(np.linspace(0, width - 1, min(width, _COLUMNS)).astype(int)).tolist() if size else []
    with at_home(function.script.path, heard=False):
        losses = _losses(function, named, name, shape)
        taken = _slopes(losses, named[name], np.ones(units), separable=separable, columns=columns).by_complex
    share = taken.reshape(-1, max(1, width))[:, columns]
    if share.all():
        return COMPLEX
    return f"{COMPLEX} and {RICHARDSON}" if share.any() else RICHARDSON


def _losses(function: Function, named: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> Losses:
    """The losses as a function of one input; NaN where it raises, as beyond the edge of its domain."""
    nothing = np.full(int(np.prod(shape)), np.nan)

    def losses(array: Numbers) -> Numbers:
        try:
            value = np.asarray(loss_of(call(function, function.call, {**named, name: array})))
        except BaseException as error:
            if ends_the_run(error):
                raise
            return nothing
        return value.reshape(-1) if value.shape == shape and value.dtype.kind in "iufc" else nothing

    return losses


@record
class _Slopes:
    """A gradient, and which of its elements are by the complex step; the others are by Richardson extrapolation."""

    gradient: Array
    by_complex: NDArray[np.bool_]


def _slopes(
    losses: Losses, array: Array, up: Array, *, separable: bool, columns: Sequence[int] | None = None
) -> _Slopes:
    """The gradient of Σ up · losses(array), of all elements or only of some columns, the others left NaN.

    `separable` says that each sample's loss depends on the sample's own entries alone: then a column of all samples
    moves at once. Otherwise each element is a column. Where the losses cannot be had, `losses` gives NaN.
    """
    rows = array.reshape(len(up), -1) if separable else array.reshape(1, -1)
    gradient, by_complex = np.full(rows.shape, np.nan), np.zeros(rows.shape, dtype=bool)
    sizes = np.abs(rows)
    largest = min(1.0, float(np.where(np.isfinite(sizes), sizes, 0.0).max(initial=0.0))) or 1.0
    wide = np.full(len(rows), largest)
    for column in range(rows.shape[1]) if columns is None else columns:
        near = np.where((sizes[:, column] > 0.0) & np.isfinite(sizes[:, column]), sizes[:, column], wide)

        def along(move: Numbers, column: int = column) -> Numbers:
            moved = rows.astype(move.dtype)
            moved[:, column] += move
            values = losses(moved.reshape(array.shape))
            return values if separable else np.atleast_1d(_weighed(up, values).sum())

        slope, taken = derivative(along, near, wide)
        gradient[:, column], by_complex[:, column] = _weighed(up, slope) if separable else slope, taken
    return _Slopes(gradient.reshape(array.shape), by_complex.reshape(array.shape))


def _weighed(up: Array, values: Numbers) -> Numbers:
    """A sample that counts nothing adds nothing, whatever its loss."""
    return np.where(up == 0.0, 0.0, up * values)
