"""A loss of elements as a loss of rows: the mean over the last axis, which some frameworks take first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import doubled, row_sums
from losscli.schema.loss import Array, Loss, Step, Units


def by_rows(loss: Loss) -> Loss:
    """The loss with a row of elements as its unit, and the mean of their losses as its value.

    Its kernel gets rows. It calls the one of elements with all of them in one dimension, and so do the functions that
    say what a unit adds to a denominator, where kinks are and what a mistake makes.
    """
    elements = {*loss.roles, *(spec.name for spec in loss.options if spec.option.axes == "u"), "whole"}

    def flat(named: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value.reshape(-1) if name in elements and np.ndim(value) else value for name, value in named.items()
        }

    def over_rows(function: Callable[..., Any] | None, fold: Callable[[Any], Any]) -> Any:
        if function is None:
            return None

        @wraps(function)
        def of_rows(**named: Any) -> Any:
            size, width = _sizes(named, elements)
            if "unit_shape" in named:
                named["unit_shape"] = (*named["unit_shape"], width)
            result = function(**flat(named))
            parts = result if isinstance(result, tuple) else (result,)
            folded = tuple(fold(part.reshape(-1, width)) if 0 < np.size(part) == size else part for part in parts)
            return folded if isinstance(result, tuple) else folded[0]

        return of_rows

    def kernel(**named: Any) -> Units:
        _, width = _sizes(named, elements)
        units = loss.kernel(**flat(named))

        def pullback(up: Array) -> dict[str, Array]:
            slopes = units.pullback(np.repeat(up / width, width))
            return {name: slope.reshape(-1, width) for name, slope in slopes.items()}

        bounds = units.bounds and tuple((why, _any(marks.reshape(-1, width))) for why, marks in units.bounds)
        return Units(_means(units.value.reshape(-1, width)), pullback, units.notes, units.value, bounds)

    def steps(**named: Any) -> list[Step]:
        rows = {
            name: np.asarray(value)[None] if name in elements and np.ndim(value) else value
            for name, value in named.items()
        }
        units = kernel(**rows)
        parts = units.value if units.parts is None else units.parts
        return [
            Step("losses of the row", "one an element", parts),
            Step("loss", f"Σ / {parts.size} elements", units.value[0]),
        ]

    wide = tuple(replace(spec, forms=tuple(replace(form, axes="u d") for form in spec.forms)) for spec in loss.inputs)
    return replace(
        loss,
        kernel=wraps(loss.kernel)(kernel),
        inputs=wide,
        denominator=over_rows(loss.denominator, _means),
        kinks=over_rows(loss.kinks, _any),
        lines=(),
        steps=wraps(loss.kernel)(steps) if loss.lines or loss.steps else None,
        table=None,
        mistakes=tuple(replace(mistake, losses=over_rows(mistake.losses, _means)) for mistake in loss.mistakes),
    )


def _sizes(named: Mapping[str, Any], elements: set[str]) -> tuple[int, int]:
    """How many elements there are, and how many in a row."""
    rows = [value for name, value in named.items() if name in elements and np.ndim(value) == 2]
    return (rows[0].size, rows[0].shape[1]) if rows else (0, 1)


def _any(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(rows.any(axis=1))


def _means(rows: Array) -> Array:
    """The mean of each row; what is not finite makes it what it makes a plain sum."""
    with np.errstate(all="ignore"):
        plain = rows.sum(axis=1)
        sums: Array = np.where(np.isfinite(plain), row_sums(doubled(rows)).high, plain)
    means: Array = sums / rows.shape[1]
    return means
