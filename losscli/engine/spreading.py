"""Inputs smaller than the units they belong to: spread over them, and their gradients added up again."""

from __future__ import annotations

from math import prod

import numpy as np

from losscli.numerics.exact import group_totals, rounded
from losscli.schema.data import Data, Held
from losscli.schema.loss import Array


def spread(data: Data, shape: tuple[int, ...]) -> Data | None:
    """The data over all units: from a single number, from one an entry of the other axes, or None if it is neither."""
    given = data.shape
    if given in ((), shape[:-1], (*shape[:-1], 1)) and given != shape:
        whole = data.store.flat(0, data.size).reshape(_aligned(given, shape))
        at = np.broadcast_to(np.arange(data.size).reshape(whole.shape), shape)
        return Data(
            data.source,
            data.dtype,
            Held(np.broadcast_to(whole, shape)),
            lambda unit: data.place(int(at.flat[unit])),
            decimal=data.decimal,
        )
    return None


def summed_to(gradient: Array, given: tuple[int, ...]) -> Array:
    """The gradient with respect to an input before it was spread: exact sums, each rounded once."""
    shape = gradient.shape
    size = int(np.prod(given))
    codes = np.broadcast_to(np.arange(size).reshape(_aligned(given, shape)), shape).reshape(-1)
    sums = [rounded(each) for each in group_totals(np.ascontiguousarray(gradient).reshape(-1), codes, size)]
    return np.array(sums, dtype=np.float64).reshape(given)


def _aligned(given: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The given shape with an axis for every axis of the units."""
    return (1,) * len(shape) if prod(given) == 1 else given if len(given) == len(shape) else (*given, 1)
