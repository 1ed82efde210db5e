"""Arrays that break sums: huge spread, exact cancellation, subnormal numbers, whole numbers that use every bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.nasty.families import spread

Floats = NDArray[np.float64]


def every_magnitude(rng: np.random.Generator, size: int) -> Floats:
    return spread(rng, size, -300, 300)


def cancelling(rng: np.random.Generator, size: int) -> Floats:
    half = every_magnitude(rng, size // 2)
    return rng.permutation(np.concatenate([half, -half, [1e-290]]))


def ordinary(rng: np.random.Generator, size: int) -> Floats:
    return rng.standard_normal(size)


def negative(rng: np.random.Generator, size: int) -> Floats:
    return np.asarray(-np.square(rng.standard_normal(size)))


def single_precision(rng: np.random.Generator, size: int) -> Floats:
    return rng.standard_normal(size).astype(np.float32).astype(np.float64)


def subnormal(rng: np.random.Generator, size: int) -> Floats:
    return np.asarray(rng.integers(-(2**52), 2**52, size) * 5e-324, np.float64)


def whole(rng: np.random.Generator, size: int) -> Floats:
    return rng.integers(-(2**53), 2**53, size).astype(np.float64)


def extreme(rng: np.random.Generator, size: int) -> Floats:
    return rng.choice([np.finfo(np.float64).max, -1.7e308, 5e-324, -0.0, 0.0, 1e300, 1.0], size)


def every_exponent(rng: np.random.Generator, size: int) -> Floats:
    return np.ldexp(rng.uniform(-1, 1, size), rng.integers(-1073, 1025, size))


def products_near_underflow(rng: np.random.Generator, size: int) -> Floats:
    return np.asarray(rng.standard_normal(size) * np.exp2(rng.uniform(-540, -440, size)))


def zeros(rng: np.random.Generator, size: int) -> Floats:
    return rng.choice([0.0, -0.0], size)


KINDS: tuple[Callable[[np.random.Generator, int], Floats], ...] = (
    every_magnitude,
    cancelling,
    ordinary,
    negative,
    single_precision,
    subnormal,
    whole,
    extreme,
    every_exponent,
    products_near_underflow,
    zeros,
)
