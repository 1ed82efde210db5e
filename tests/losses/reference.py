"""Losses on another road: formulas of single samples in mpmath, and derivatives as mpmath's differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from mpmath import mp, mpf

import losscli
from losscli.numerics.ulps import ulp
from tests.references._formulas import Array, Number
from tests.references._truth import exact

Formula = Callable[..., Number]

DIGITS = 460  # beyond the range of float64: next to 1, exp(-745) keeps its digits, also in a difference
STEP = mpf(10) ** -60  # of a number; of 0, 10^-100
ULPS = 4.0


def worst_ulps(
    loss: str,
    formula: Formula,
    inputs: Mapping[str, Array],
    *,
    convention: str = "exact",
    by_unit: Mapping[str, Array] | None = None,
    terms: Mapping[str, Formula] | None = None,
    gradients: bool = True,
    **options: Any,
) -> dict[str, float]:
    """How many ulps the values and the gradients of each role are off, at worst.

    The formula gives the loss of one sample: it is called with its inputs and its entries of the array options
    `by_unit`, all in mpmath (integers, where they are labels), and with the options. `terms` give, for an input whose
    gradient is a difference, the magnitude of what is subtracted: its ulp counts where it is the larger.
    """
    by_unit, terms = by_unit or {}, terms or {}
    units = len(next(iter(inputs.values())))
    named: dict[str, Any] = {**inputs, **by_unit, **options}
    ours = losscli.compute(loss, reduction="none", gradients=gradients, convention=convention, **named)
    exact_options = {name: exact(value) for name, value in options.items()}
    worst = {"value": 0.0, **dict.fromkeys(ours.gradients or {}, 0.0)}
    with mp.workdps(DIGITS):
        for unit in range(units):
            row = {name: exact(array[unit]) for name, array in {**inputs, **by_unit}.items()}
            evaluate = partial(formula, **exact_options)
            worst["value"] = max(worst["value"], ulps_off(ours.value[unit], evaluate(**row)))
            for role, slopes in (ours.gradients or {}).items():
                true = _derivatives(evaluate, row, role)
                least = np.zeros_like(true)
                if role in terms:
                    least[...] = terms[role](**row, **exact_options)
                for found, expected, term in zip(np.ravel(slopes[unit]), true, least, strict=True):
                    worst[role] = max(worst[role], ulps_off(found, expected, term))
    return worst


def assert_accurate(loss: str, formula: Formula, inputs: Mapping[str, Array], **rest: Any) -> None:
    """Values and gradients are at most 4 ulps off."""
    worst = worst_ulps(loss, formula, inputs, **rest)
    assert max(worst.values()) <= ULPS, worst


def ulps_off(found: float, true: Number, term: Number = 0) -> float:
    """How far a float is from the true number, in ulps of that, or of a term that is larger."""
    if mp.isnan(true):
        return 0.0 if np.isnan(found) else np.inf
    nearest = float(true)
    if np.isinf(nearest) or not np.isfinite(found):
        return 0.0 if found == nearest else np.inf
    return float(abs(mpf(float(found)) - true) / mpf(float(ulp(max(abs(nearest), abs(float(term)))))))


def _derivatives(formula: Formula, row: Mapping[str, Any], role: str) -> Array:
    """The derivatives with respect to one input, or to each entry of it."""
    entries = row[role] if isinstance(row[role], list) else [row[role]]

    def shifted(at: int, step: Number) -> Number:
        moved = [entry + step if i == at else entry for i, entry in enumerate(entries)]
        return formula(**{**row, role: moved if isinstance(row[role], list) else moved[0]})

    steps = [mpf(1) if mp.isinf(entry) else abs(entry) * STEP or mpf(10) ** -100 for entry in entries]
    slopes = [(shifted(at, step) - shifted(at, -step)) / (2 * step) for at, step in enumerate(steps)]
    return np.array(slopes, dtype=object)
