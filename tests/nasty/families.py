"""Inputs made to hurt, by what the numbers are: a mapping from the name of a family to what draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape], Array]
Pair = Callable[[np.random.Generator, Shape], tuple[Array, Array]]

FAMILIES = ("ordinary", "confident", "huge", "offset", "ties", "subnormal", "near-parallel", "mixed sign")
TINIEST = 5e-324
GAPS = np.array([30.0, 37.0, 45.0, 120.0, 300.0, 600.0, 700.0, 740.0])


def normal(random: np.random.Generator, shape: Shape) -> Array:
    return random.normal(size=shape)


def tiniest(random: np.random.Generator, shape: Shape) -> Array:
    """Subnormal numbers above 0, of one bit to all of theirs."""
    return np.asarray(TINIEST * np.ceil(10.0 ** random.uniform(0, 15, shape)))


def signs(random: np.random.Generator, shape: int | Shape) -> Array:
    return random.choice([-1.0, 1.0], shape)


def spread(random: np.random.Generator, shape: int | Shape, low: float, high: float) -> Array:
    """Numbers of both signs with magnitudes from 10^low to 10^high."""
    return np.asarray(signs(random, shape) * 10.0 ** random.uniform(low, high, shape))


def neighbours(random: np.random.Generator, values: Array) -> Array:
    """The next float above or below."""
    return np.asarray(np.nextafter(values, np.inf * signs(random, values.shape)))


def _around_1(random: np.random.Generator, shape: Shape) -> Array:
    """0, both ones, and their neighbours: where the two sides of a margin or of a sigmoid meet."""
    values = np.resize([0.0, 1.0, -1.0, 1.0 + 2.0**-52, 1.0 - 2.0**-53, -1.0 - 2.0**-52, 2.0**-53 - 1.0], shape)
    return random.permutation(values)


SINGLE_SCORES: Mapping[str, Draw] = {
    "ordinary": lambda random, shape: random.normal(0, 3, shape),
    "confident": lambda random, shape: signs(random, shape) * (np.resize(GAPS, shape) + random.random(shape)),
    "huge": lambda random, shape: spread(random, shape, 3, 300),
    "ties": _around_1,
    "subnormal": lambda random, shape: signs(random, shape) * tiniest(random, shape),
    "mixed sign": lambda random, shape: spread(random, shape, -20, 2),
}


def _confident_rows(random: np.random.Generator, shape: Shape) -> Array:
    """The first class leads by a gap."""
    rows = random.normal(size=shape)
    rows[:, 0] = rows.max(axis=1) + np.resize(GAPS, len(rows))
    return rows


def _tied_rows(random: np.random.Generator, shape: Shape) -> Array:
    """All alike; two alike at the top; neighbours."""
    rows = np.resize([0.0, 1.0, -3.0, 1e3], shape[::-1]).T.copy()
    rows[1::3] = random.normal(size=rows[1::3].shape)
    rows[1::3, 1] = rows[1::3, 0] = np.abs(rows[1::3]).max(axis=1)
    rows[2::3] = neighbours(random, rows[2::3] + 1.0)
    return rows


ROWS_OF_SCORES: Mapping[str, Draw] = {
    "ordinary": lambda random, shape: random.normal(0, 3, shape),
    "confident": _confident_rows,
    "huge": lambda random, shape: spread(random, shape, 3, 5) * 10.0 ** np.linspace(0, 100, shape[0])[:, None],
    "offset": lambda random, shape: signs(random, (shape[0], 1)) * 1e8 + random.normal(size=shape),
    "ties": _tied_rows,
    "subnormal": lambda random, shape: signs(random, shape) * tiniest(random, shape),
    "near-parallel": lambda random, shape: random.normal(size=(shape[0], 1)) + 1e-12 * random.normal(size=shape),
    "mixed sign": lambda random, shape: spread(random, shape, -20, 2),
}


def log_softmax(scores: Array) -> Array:
    """In plain float64: what a program would write to a file."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


ROWS_OF_LOG_PROBABILITIES: Mapping[str, Draw] = {
    "ordinary": lambda random, shape: log_softmax(random.normal(0, 3, shape)),
    "confident": lambda random, shape: log_softmax(_confident_rows(random, shape)),
    "huge": lambda random, shape: -(10.0 ** random.uniform(3, 300, shape)),
    "offset": lambda random, shape: log_softmax(random.normal(size=shape)) - 1e4,
    "ties": lambda _, shape: np.full(shape, -np.log(shape[-1])),
    "subnormal": lambda random, shape: -tiniest(random, shape),
    "mixed sign": lambda random, shape: spread(random, shape, -20, 2),
}


def _near_certain(random: np.random.Generator, shape: Shape) -> Array:
    """Within 10^-1 to 2^-53 of 1, or as near to 0 as 10^-300."""
    near_1 = 1.0 - np.maximum(10.0 ** random.uniform(-16, -1, shape), 2.0**-53)
    return np.where(random.random(shape) < 0.5, near_1, 10.0 ** random.uniform(-300, -1, shape))


PROBABILITIES: Mapping[str, Draw] = {
    "ordinary": lambda random, shape: random.uniform(0.01, 0.99, shape),
    "confident": _near_certain,
    "ties": lambda random, shape: random.choice([0.5, 0.5 - 2.0**-54, 0.5 + 2.0**-53, 0.25, 0.75], shape),
    "subnormal": tiniest,
    "mixed sign": lambda random, shape: 10.0 ** random.uniform(-20, -0.01, shape),
}


def _confident_distributions(random: np.random.Generator, shape: Shape) -> Array:
    """All but some 10^-1 to 10^-300 on one class."""
    rows = random.dirichlet(np.ones(shape[1]), shape[0]) * 10.0 ** -np.geomspace(1, 300, shape[0])[:, None]
    rows[:, 0] = np.minimum(1.0 - rows[:, 1:].sum(axis=1), 1.0 - 2.0**-53)
    return np.asarray(rows)


DISTRIBUTIONS: Mapping[str, Draw] = {
    "ordinary": lambda random, shape: random.dirichlet(np.ones(shape[1]), shape[0]),
    "confident": _confident_distributions,
    "ties": lambda _, shape: np.full(shape, 1.0 / shape[1]),
    "subnormal": lambda random, shape: tiniest(random, shape),
    "mixed sign": lambda random, shape: 10.0 ** random.uniform(-20, -0.01, shape),
}


def _pairs_at_offset(random: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    """Neighbours far from 0: their difference is all but lost."""
    base = signs(random, shape) * 1e8 + random.normal(size=shape)
    return base, base + random.normal(size=shape) * 10.0 ** random.uniform(-8, 0, shape)


def _tied_pairs(random: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    base = random.normal(size=shape)
    other = base.copy()
    other[::2] = neighbours(random, base[::2])
    return base, other


PAIRS: Mapping[str, Pair] = {
    "ordinary": lambda random, shape: (random.normal(size=shape), random.normal(size=shape)),
    "huge": lambda random, shape: (spread(random, shape, 100, 300), spread(random, shape, 100, 300)),
    "offset": _pairs_at_offset,
    "ties": _tied_pairs,
    "subnormal": lambda random, shape: (
        signs(random, shape) * tiniest(random, shape),
        signs(random, shape) * tiniest(random, shape),
    ),
    "mixed sign": lambda random, shape: (spread(random, shape, -20, 20), spread(random, shape, -20, 20)),
}
ABOVE_MINUS_1: Mapping[str, Pair] = {
    "ordinary": lambda random, shape: (random.uniform(-0.9, 9, shape), random.uniform(-0.9, 9, shape)),
    "huge": lambda random, shape: (10.0 ** random.uniform(100, 300, shape), 10.0 ** random.uniform(100, 300, shape)),
    "offset": lambda random, shape: _positive(_pairs_at_offset(random, shape)),
    "ties": lambda random, shape: _positive(_tied_pairs(random, shape)),
    "subnormal": PAIRS["subnormal"],
    "mixed sign": lambda random, shape: (
        np.maximum(spread(random, shape, -20, 0), 2.0**-53 - 1.0),
        spread(random, shape, -20, -0.01),
    ),
}


def _positive(pair: tuple[Array, Array]) -> tuple[Array, Array]:
    return np.abs(pair[0]), np.abs(pair[1])


def _beside(random: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    """Parallel or opposite but for 10^-1 to 10^-15 of the length."""
    one = random.normal(size=shape)
    turned = random.normal(size=shape) * 10.0 ** -np.linspace(1, 15, shape[0])[:, None]
    return one, signs(random, (shape[0], 1)) * (3.7 * one + turned)


VECTORS: Mapping[str, Pair] = {
    "ordinary": PAIRS["ordinary"],
    "huge": lambda random, shape: (1e200 * random.normal(size=shape), 1e200 * random.normal(size=shape)),
    "offset": lambda random, shape: (1e6 + random.normal(size=shape), 1e6 + random.normal(size=shape)),
    "ties": lambda random, shape: _tied_pairs(random, shape),
    "subnormal": PAIRS["subnormal"],
    "near-parallel": _beside,
    "mixed sign": lambda random, shape: (spread(random, shape, -9, 9), spread(random, shape, -9, 9)),
}


def _near_rows(random: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    """Distributions apart by 10^-1 to 10^-15 of each share."""
    rows = random.dirichlet(np.ones(shape[1]), shape[0])
    return rows, np.minimum(rows * (1.0 + signs(random, shape) * 10.0 ** -np.linspace(1, 15, shape[0])[:, None]), 1.0)


def both(drawn: Mapping[str, Draw]) -> Mapping[str, Pair]:
    """Two arrays of the same family."""

    def pair(draw: Draw) -> Pair:
        return lambda random, shape: (draw(random, shape), draw(random, shape))

    return {name: pair(draw) for name, draw in drawn.items()}


PAIRS_OF_DISTRIBUTIONS: Mapping[str, Pair] = {
    **both(DISTRIBUTIONS),
    "ties": lambda random, shape: _tied_rows_of_shares(random, shape),
    "near-parallel": _near_rows,
}


def _tied_rows_of_shares(random: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    rows = random.dirichlet(np.ones(shape[1]), shape[0])
    others = rows.copy()
    others[::2] = neighbours(random, rows[::2])
    return rows, others
