"""Inputs of any role at the ends of its domain: labels and lengths stay as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import Domain

Array = NDArray[Any]


def filled(array: Array, domain: Domain, number: float) -> Array:
    """One number everywhere, or the nearest one that the domain has."""
    return array if domain.whole or domain.only else _within(np.full(array.shape, number), domain)


def extreme(array: Array, domain: Domain, random: np.random.Generator) -> Array:
    """Many of the numbers near the largest ones."""
    if domain.whole or domain.only:
        return array
    large = random.choice([-1.0, 1.0], array.shape) * 10.0 ** random.choice([9, 150, 301, 306.9], array.shape)
    return _within(np.where(random.random(array.shape) < random.random(), large, array), domain)


def _within(array: Array, domain: Domain) -> Array:
    least = np.nextafter(domain.low, np.inf) if domain.low_open else domain.low
    return np.clip(array, least, domain.high)
