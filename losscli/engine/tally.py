"""What is kept of a chunk: sums that merge exactly, so that chunks, threads and shards change no bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.exact import NOTHING, UNIT, Total, group_totals, total, total_of_products
from losscli.schema.loss import Array

Key = TypeVar("Key")
Part = TypeVar("Part", "Group", "Bounded", "Spread", Total)


@dataclass(frozen=True, slots=True)
class Spread:
    """Sums of squares for a standard error: of the weighted losses, of the denominators, and of their products."""

    losses: Total = NOTHING
    denominators: Total = NOTHING
    products: Total = NOTHING

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            self.losses + other.losses, self.denominators + other.denominators, self.products + other.products
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one group."""

    count: int
    numerator: Total
    denominator: Total

    def __add__(self, other: Group) -> Group:
        return Group(self.count + other.count, self.numerator + other.numerator, self.denominator + other.denominator)


@dataclass(frozen=True, slots=True)
class Bounded:
    """The units whose loss a bound makes: the sum of their magnitudes, the largest with its unit, and their count."""

    total: Total
    largest: tuple[float, int]
    count: int

    def __add__(self, other: Bounded) -> Bounded:
        largest = min(self.largest, other.largest, key=_worst_first)
        return Bounded(self.total + other.total, largest, self.count + other.count)


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything about some units that a report may need."""

    count: int = 0
    ignored: int = 0
    numerator: Total = NOTHING
    averaged: Total | None = None  # the mean's numerator, where it is another
    denominator: Total = NOTHING
    spread: Spread | None = None
    worst: tuple[tuple[float, int], ...] = ()  # loss and unit, largest first
    keep_worst: int = 0
    groups: Mapping[float, Group] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()
    magnitude: Total = NOTHING  # Σ |loss|, of a loss that has bounds
    bounded: Mapping[str, Bounded] = field(default_factory=dict)  # by the words for the bound
    first_nan: int | None = None  # units
    first_infinite: int | None = None

    @property
    def mean_numerator(self) -> Total:
        return self.numerator if self.averaged is None else self.averaged

    def __add__(self, other: Tally) -> Tally:
        keep = max(self.keep_worst, other.keep_worst)
        return Tally(
            count=self.count + other.count,
            ignored=self.ignored + other.ignored,
            numerator=self.numerator + other.numerator,
            averaged=_both(self.averaged, other.averaged),
            denominator=self.denominator + other.denominator,
            spread=_both(self.spread, other.spread),
            worst=tuple(sorted((*self.worst, *other.worst), key=_worst_first)[:keep]),
            keep_worst=keep,
            groups=_merged(self.groups, other.groups),
            notes=self.notes | other.notes,
            magnitude=self.magnitude + other.magnitude,
            bounded=_merged(self.bounded, other.bounded),
            first_nan=_earlier(self.first_nan, other.first_nan),
            first_infinite=_earlier(self.first_infinite, other.first_infinite),
        )


def _merged(left: Mapping[Key, Part], right: Mapping[Key, Part]) -> dict[Key, Part]:
    """The entries of both, added where both have one."""
    return {**left, **right, **{key: left[key] + right[key] for key in left.keys() & right.keys()}}


def _both(left: Part | None, right: Part | None) -> Part | None:
    return left + right if left and right else left or right


def whole(count: int) -> Total:
    """A count as a total."""
    return Total(count << -UNIT)


def weighted_total(values: Array | None, weight: Array | None, units: int, *, exactly: bool) -> Total:
    """Σ value · weight over the units of a chunk, None standing for 1 each; an infinite value of weight 0 counts 0.

    Every product is taken exactly: the sum is rounded once, with weights as without.
    """
    if values is None:
        return whole(units) if weight is None else total(weight, exactly=exactly)
    if weight is None:
        return total(values, exactly=exactly)
    return total_of_products(weight, np.where(weight == 0.0, 0.0, values), exactly=exactly)


def weighted(values: Array, weight: Array | None) -> Array:
    """The products themselves, each rounded."""
    if weight is None:
        return values
    with np.errstate(invalid="ignore"):
        return np.where(weight == 0.0, 0.0, weight * values)


def bounded_of(
    bounds: Sequence[tuple[str, NDArray[np.bool_]]], losses: Array, units: NDArray[np.intp]
) -> dict[str, Bounded]:
    """The units of a chunk that each bound makes."""
    bounded = {}
    for words, marked in bounds:
        sizes = np.abs(losses[marked])
        if sizes.any():
            largest = worst_of(sizes, units[marked], 1)[0]
            bounded[words] = Bounded(total(sizes, exactly=True), largest, len(sizes))
    return bounded


def spread_of(losses: Array, divisors: Array | None) -> Spread:
    """The sums of squares of weighted losses and denominators, None standing for 1 each."""
    squares = total_of_products(losses, losses, exactly=True)
    if divisors is None:
        return Spread(squares, whole(len(losses)), total(losses, exactly=True))
    return Spread(
        squares,
        total_of_products(divisors, divisors, exactly=True),
        total_of_products(losses, divisors, exactly=True),
    )


def groups_of(keys: NDArray[np.float64], losses: Array, divisors: Array | None) -> dict[float, Group]:
    """The tallies of every group that occurs in a chunk."""
    names, codes = np.unique(keys, return_inverse=True)
    codes = codes.astype(np.intp, copy=False)
    counts = np.bincount(codes, minlength=len(names))
    tops = group_totals(losses, codes, len(names))
    below = np.ones(len(losses)) if divisors is None else divisors
    bottoms = group_totals(below, codes, len(names))
    return {
        float(name): Group(int(count), top, bottom)
        for name, count, top, bottom in zip(names, counts, tops, bottoms, strict=True)
    }


def worst_of(values: Array, units: NDArray[np.intp], keep: int) -> tuple[tuple[float, int], ...]:
    """The largest losses of a chunk and their units; of equal ones the first."""
    if not keep or not len(values):
        return ()
    if len(values) > keep:
        least = np.partition(values, -keep)[-keep]  # NaN sorts last, so it counts as worst
        chosen = np.flatnonzero(~(values < least))
        values, units = values[chosen], units[chosen]
    pairs = zip(values.tolist(), units.tolist(), strict=True)
    return tuple(sorted(pairs, key=_worst_first)[:keep])


def _worst_first(pair: tuple[float, int]) -> tuple[bool, float, int]:
    value, unit = pair
    return value == value, -value if value == value else 0.0, unit


def _earlier(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else min(left, right)
