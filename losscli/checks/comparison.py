"""The one comparison: a claim, our numbers, and how far from each other they may lie."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Context
from math import floor, inf, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from losscli.checks.claims import BOUNDS, Claim, Tolerances, half_precision_spacing, halves
from losscli.checks.matching import matching
from losscli.checks.rounding import EPS, Scale, in_float32, of_inputs, scale_of
from losscli.engine.evaluate import Wanted
from losscli.numerics.ulps import ulp
from losscli.request.compute import Result
from losscli.schema.loss import Array
from losscli.schema.records import record

HOLDS, REFUTED = "holds", "refuted"
WEAK = "too weak to judge"
_INPUTS_SHARE = 0.01  # of ours: the most that rounded inputs may account for
_ULPS = 4.0
_SAME = "the same numbers"


@record
class Part:
    """One reason why numbers may differ, and by how much."""

    reason: str
    widths: Array


@record
class Window:
    """How far from a claim each of our numbers may lie: the sum of its parts; and the rule in words.

    `center` are the numbers that it lies around, where these are not ours.
    """

    widths: Array
    rule: str
    parts: tuple[Part, ...] = ()
    center: Array | None = None


@record
class Worst:
    """The element that lies farthest out, by its distance over its tolerance."""

    index: tuple[int, ...]
    claim: float
    ours: float


@record
class Comparison:
    """A claim against our numbers. `inside` says which lie within the window; `weak` that zeros would hold as well.

    `misfit` says that the data did not fit, and ours is of mended ones, so that nothing holds.
    """

    claim: Claim
    ours: Array
    window: Window
    inside: NDArray[np.bool_]
    weak: bool = False
    misfit: bool = False

    @property
    def holds(self) -> bool:
        return bool(self.inside.all()) and not self.weak and not self.misfit

    @property
    def verdict(self) -> str:
        return HOLDS if self.holds else REFUTED

    @property
    def bound(self) -> bool:
        return self.claim.kind in BOUNDS

    @property
    def rule(self) -> str:
        return f"{WEAK}: zeros would hold as well; {self.window.rule}" if self.weak else self.window.rule

    @property
    def elements(self) -> int:
        return int(self.ours.size)

    @property
    def single(self) -> bool:
        return self.ours.ndim == 0

    @property
    def distances(self) -> Array:
        """|claim - ours|, 0 where both are the same infinity or no number."""
        return _distances(self.claim.values, self.ours)

    @property
    def differing(self) -> int:
        return int(np.count_nonzero(~self.inside if self.bound else self.distances != 0.0))

    @property
    def beyond(self) -> int:
        return int(np.count_nonzero(~self.inside))

    @property
    def at(self) -> int:
        """The element that lies farthest out."""
        if not self.elements or self.bound:
            return 0
        center = self.ours if self.window.center is None else self.window.center
        with np.errstate(invalid="ignore", divide="ignore"):
            away = _distances(self.claim.values, center)
            excess = np.where(away == 0.0, 0.0, away / self.window.widths)
        excess = np.where(np.isnan(excess), inf, np.where(self.inside, np.minimum(excess, 1.0), excess))
        return int(excess.argmax())

    @property
    def tolerance(self) -> float:
        """The tolerance of the element farthest out."""
        return float(self.window.widths.flat[self.at]) if self.window.widths.size else 0.0

    @property
    def difference(self) -> float:
        """How far off the number, or the farthest of an array, is: as --atol it passes. Of a bound, with its sign."""
        if not self.bound:
            return float(self.distances.max(initial=0.0))
        extreme = np.max if self.claim.kind == "at_most" else np.min
        return float(extreme(self.ours)) - float(self.claim.values) if self.elements else 0.0

    @property
    def smallest_tolerance(self) -> str:
        """The absolute tolerance that would pass, in few digits: given back, it passes."""
        return rounded_up(self.difference)

    @property
    def agreement(self) -> int | None:
        """To how many digits two numbers agree; None where that means nothing."""
        size = float(np.max(np.abs(self.ours), initial=0.0)) if self.elements else 0.0
        if self.bound or not self.single or not 0.0 < self.difference < inf or not 0.0 < size < inf:
            return None
        return max(0, floor(log10(size / self.difference)))

    @property
    def worst(self) -> Worst | None:
        if self.single or self.bound or not self.elements:
            return None
        index = tuple(int(i) for i in np.unravel_index(self.at, self.ours.shape))
        return Worst(index, float(self.claim.values.flat[self.at]), float(self.ours.flat[self.at]))

    @property
    def text(self) -> str:
        """A single number as it was written."""
        return self.claim.text(0).strip() if self.claim.values.ndim == 0 and self.claim.text is not None else ""


def compare(claim: Claim, result: Result, wanted: Tolerances) -> Comparison:
    """Judges a claim against what was computed for it."""
    ours = matching(claim, result)
    if claim.kind in BOUNDS:
        return _bound(claim, ours)
    if wanted.given:
        atol, rtol = wanted.atol or 0.0, wanted.rtol or 0.0
        with np.errstate(invalid="ignore"):
            widths = np.asarray(atol + rtol * np.abs(ours))
            return _within(claim, ours, Window(widths, f"atol {atol:g} + rtol {rtol:g} · |ours|"))
    if (plain := _of_its_size_alone(claim, ours, wanted)).holds:
        return plain
    scale = scale_of(claim, ours, result)
    comparison = _first_that_holds(claim, ours, scale, result, wanted)
    return _unless_weak(comparison, scale) if comparison.holds else comparison


def _of_its_size_alone(claim: Claim, ours: Array, wanted: Tolerances) -> Comparison:
    """A number that holds with the least that its window can be, so that nobody goes through the data again."""
    nothing = np.zeros(ours.shape)
    single = ours.ndim == 0 and bool((np.abs(claim.values) > halves(claim)).all())
    scale = Scale(np.abs(ours) if single else nothing, nothing, nothing)
    return _within(claim, ours, window_around(claim, ours, scale, wanted) if single else Window(nothing, _SAME))


def window_around(claim: Claim, center: Array, scale: Scale, wanted: Tolerances) -> Window:
    """What the claim's digits and the precision of computing leave, around ours or another hypothesis' numbers."""
    rounding = "the decimals it was rounded to" if claim.text is None else "the last written digit"
    half = Part(f"half a unit of {rounding}", halves(claim))
    if wanted.precision == "double":
        single = claim.values.ndim == 0
        left = Part("double precision", _ULPS * ulp(center) if single else scale.double)
    else:
        left = Part("single precision", scale.single)
    spacing = half_precision_spacing(claim)
    if spacing.any() and wanted.precision != "double":
        coarse = np.where(spacing > half.widths, spacing, half.widths)
        half = Part("the spacing of a 16-bit float", coarse)
    return _window((half, left) if half.widths.any() else (left,))


def _first_that_holds(claim: Claim, ours: Array, scale: Scale, result: Result, wanted: Tolerances) -> Comparison:
    """The first comparison that holds, from the strictest to what inputs leave open; else the first of all."""
    first = _within(claim, ours, window_around(claim, ours, scale, wanted))
    if first.holds or wanted.precision == "double":
        return first
    for looser in _looser(first, result, wanted):
        if looser.holds:
            return looser
    return first


def _looser(first: Comparison, result: Result, wanted: Tolerances) -> Iterator[Comparison]:
    claim, ours, window = first.claim, first.ours, first.window
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.sqrt(np.mean(np.square(ours))) if ours.size else np.zeros(())
        largest = np.max(np.abs(ours), initial=0.0)
        near = first.difference <= _INPUTS_SHARE * largest + float(np.max(window.widths, initial=0.0))
    if not near:  # beyond what either could account for
        return
    if not wanted.exact_inputs and (left := of_inputs(claim, ours, result)) is not None:
        part = Part("the inputs' decimals", np.minimum(left, _INPUTS_SHARE * size))
        yield _within(claim, ours, _window((*window.parts, part)))
    if first.difference <= _INPUTS_SHARE * largest:
        narrow = in_float32(result, Wanted(per_sample=claim.kind != "gradient", gradients=claim.kind == "gradient"))
        if narrow is not None:
            center = matching(claim, narrow)
            shifted = Window(window.widths, f"{window.rule}, from the inputs in float32", window.parts, center)
            yield _within(claim, ours, shifted)


def _window(parts: tuple[Part, ...]) -> Window:
    with np.errstate(invalid="ignore"):
        widths = sum((part.widths for part in parts[1:]), start=parts[0].widths)
    return Window(np.asarray(widths), " + ".join(part.reason for part in parts), parts)


def _within(claim: Claim, ours: Array, window: Window) -> Comparison:
    """Which numbers lie within the window: a claim's decimals, and the difference, are rounded to floats themselves."""
    center = ours if window.center is None else window.center
    with np.errstate(invalid="ignore"):
        away = _distances(claim.values, center)
        slack = np.where(window.widths > 0.0, ulp(np.maximum(np.abs(center), np.abs(claim.values))), 0.0)
        inside = np.asarray((away == 0.0) | (np.isfinite(away) & (away <= window.widths + slack)))
    return Comparison(claim, ours, window, inside)


def _distances(claimed: Array, ours: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        same = (claimed == ours) | (np.isnan(claimed) & np.isnan(ours))
        away = np.where(same, 0.0, np.abs(claimed - ours))
    return np.asarray(np.where(np.isnan(away), inf, away))


def _unless_weak(comparison: Comparison, scale: Scale) -> Comparison:
    """Refuted, where the claim holds only since its digits are so few that zeros would hold as well."""
    claim, ours = comparison.claim, comparison.ours
    with np.errstate(invalid="ignore", over="ignore"):
        felt = np.maximum(_distances(claim.values, ours) - EPS * scale.least, 0.0)
        if ours.size == 1:
            half = halves(claim)
            weak = bool((np.abs(claim.values) <= half).all() and felt.any())
        else:
            finite = np.isfinite(ours) & np.isfinite(felt)
            largest = np.max(np.abs(ours), initial=0.0, where=finite) or 1.0
            weak = bool(np.sum((felt / largest)[finite] ** 2) > 0.5 * np.sum((ours / largest)[finite] ** 2))
    return Comparison(claim, ours, comparison.window, comparison.inside, weak)


def _bound(claim: Claim, ours: Array) -> Comparison:
    """Whether our value, or without a reduction each of all losses, keeps a bound; not a number never does."""
    limit = float(claim.values)
    most = claim.kind == "at_most"
    inside = np.asarray(ours <= limit if most else ours >= limit)
    return Comparison(claim, ours, Window(np.zeros(()), f"ours {'≤' if most else '≥'} {limit!r}"), inside)


def rounded_up(value: float, digits: int = 3) -> str:
    """A number written with few digits that is not less than it."""
    if not isfinite(value):
        return f"{value:g}"
    return f"{Context(prec=digits, rounding=ROUND_CEILING).create_decimal_from_float(value):g}"
