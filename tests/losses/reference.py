"""Losses on another road: formulas of single samples in mpmath, and derivatives as mpmath's differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

import losscli
from losscli.numerics.ulps import ulp

Number = Any  # mpmath has no types
Array = NDArray[Any]
Formula = Callable[..., Number]

DIGITS = 460  # beyond the range of float64: next to 1, exp(-745) keeps its digits, also in a difference
STEP = mpf(10) ** -60  # of a number; of 0, 10^-100
ULPS = 4.0


def log(number: Number) -> Number:
    """The logarithm, -inf for 0."""
    return mp.log(number) if number else -mp.inf


def times(weight: Number, number: Number) -> Number:
    """The product, with 0 · inf = 0."""
    return weight * number if weight else mpf(0)


def log_softmax(scores: list[Number]) -> list[Number]:
    """log exp(x) / Σ exp(x)."""
    total = log(mp.fsum(map(mp.exp, scores)))
    return [score - total for score in scores]


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
    exact_options = {name: _exact(value) for name, value in options.items()}
    worst = {"value": 0.0, **dict.fromkeys(ours.gradients or {}, 0.0)}
    with mp.workdps(DIGITS):
        for unit in range(units):
            row = {name: _exact(array[unit]) for name, array in {**inputs, **by_unit}.items()}
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


def _exact(value: Any) -> Any:
    """The same number for mpmath, or a list of them; integers, words and options that are true or false stay."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [_exact(entry) for entry in value]
    if isinstance(value, bool | int | np.integer | str):
        return value
    return mpf(float(value))


def spread(random: np.random.Generator, shape: int | tuple[int, ...], low: float, high: float) -> Array:
    """Numbers of both signs with magnitudes from 10^low to 10^high."""
    return np.asarray(random.choice([-1.0, 1.0], shape) * 10.0 ** random.uniform(low, high, shape))


def errors(random: np.random.Generator) -> dict[str, Array]:
    """Pairs of numbers to compare: alike, nearly equal, and of any magnitude."""
    input = np.concatenate([random.normal(size=40), spread(random, 40, -150, 150), spread(random, 20, -320, -300)])
    target = np.concatenate([random.normal(size=40), spread(random, 40, -150, 150), spread(random, 20, -320, -300)])
    near = random.normal(size=20)
    return {
        "input": np.concatenate([input, near]),
        "target": np.concatenate([target, near + 1e-15 * random.integers(1, 9, 20)]),
    }


def chances(random: np.random.Generator) -> dict[str, Array]:
    """Probabilities, close to 0, 1 and 1/2 among them, with targets that are 0, 1 or a share."""
    input = np.concatenate(
        [
            random.random(30),
            10.0 ** random.uniform(-300, 0, 15),
            1.0 - 10.0 ** random.uniform(-15, 0, 15),
            [5e-324, 1e-310, 0.25, 0.5, np.nextafter(0.5, 1.0), 0.75, 1.0 - 2.0**-53, 0.3],
        ]
    )
    target = random.random(len(input))
    target[::3], target[1::3] = 0.0, 1.0
    return {"input": input, "target": target}


def scores(random: np.random.Generator, classes: int) -> Array:
    """Raw scores: ordinary, confident, tied, huge, and with classes that are ruled out."""
    rows = [random.normal(size=(5, classes)), random.normal(0, 10, (5, classes)), spread(random, (3, classes), -20, 3)]
    for gap in (30.0, 300.0, 600.0, 740.0):
        confident = random.normal(size=(2, classes))
        confident[:, 0] += gap
        rows.append(confident)
    rows += [np.zeros((1, classes)), np.full((1, classes), 1e3), 1e5 + random.normal(size=(2, classes))]
    ruled_out = random.normal(size=(2, classes))
    ruled_out[:, 1] = -np.inf
    return np.concatenate([*rows, ruled_out])


def vectors(random: np.random.Generator) -> list[tuple[Array, Array]]:
    """Pairs of arrays of vectors: any, opposite, parallel but for 1e-9 or one ulp, huge, tiny, subnormal, uneven."""
    shape = (5, 5)
    one, other = random.normal(size=shape), random.normal(size=shape)
    beside = one * 3.7 + 1e-9 * other
    return [
        (one, other),
        (one, -beside),
        (one, beside),
        (one, np.nextafter(one, np.where(random.random(shape) < 0.5, 9.0, -9.0))),
        (1e200 * one, 1.1e200 * one + 1e190 * other),
        (1e-200 * one, 1e-180 * other),
        (5e-324 * random.integers(1, 9, shape), other),
        (one * 10.0 ** random.uniform(-9, 9, shape), other),
    ]
