"""A gradient that somebody brings, against ours."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted, evaluate
from losscli.engine.layout import shape_text
from losscli.engine.reduce import reduce
from losscli.numerics.ulps import ulp
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.synonyms import role_named

_TYPES: dict[str, type[np.floating]] = {"float32": np.float32, "float16": np.float16}
_SPACINGS = 16.0  # of the stored type, at the largest slope of the unit: what a framework's own rounding comes to
_CONSTANT = 1e-3  # a ratio is one where it is this much the same in all elements


@record
class Brought:
    """What became of a gradient with respect to one input: how many elements differ, and how.

    `ratio` is theirs over ours, where it is one number for all elements; `meaning` what such a ratio usually means.
    `worst` is the largest difference in units of the unit's largest slope, at the element `index`.
    """

    role: str
    source: str
    rule: str
    elements: int
    differing: int
    worst: float
    index: tuple[int, ...]
    ours: float
    theirs: float
    ratio: float | None
    meaning: str

    @property
    def holds(self) -> bool:
        return not self.differing


def compare(bound: Bound, gradients: dict[str, Data]) -> list[Brought]:
    """Each gradient that was brought, by role, with ours of the reduced value."""
    found = evaluate(bound, Wanted(gradients=True))
    ours = found.gradients or {}
    reduced = reduce(bound, found.tally)
    counts = {"samples that count": float(reduced.count), "the denominator of the mean": reduced.denominator}
    if bound.layout.shape:
        counts["the size of the batch"] = float(bound.layout.shape[0])
    if bound.layout.length:
        counts["classes or components"] = float(bound.layout.length)
    return [_compare(role, data, ours[role], counts) for role, data in gradients.items()]


def role_of(word: str, bound: Bound) -> str:
    """The input that a gradient is with respect to; left out, the only differentiable one or the first."""
    names = [field.name for field in bound.differentiable]
    role = names[0] if not word and names else word if word in names else role_named(word, names)
    if role is None:
        raise UsageFault(f"{bound.loss.name} has no gradient with respect to {word!r}", f"it has: {', '.join(names)}")
    return role


def _compare(role: str, data: Data, ours: Array, counts: dict[str, float]) -> Brought:
    if data.words or data.shape != ours.shape:
        fact = f"the gradient {data.source} has shape {shape_text(data.shape)}, but {role} has {shape_text(ours.shape)}"
        raise DataFault(fact, "give one number for every entry of the input")
    theirs = data.store.flat(0, data.size).astype(np.float64).reshape(data.shape)
    with np.errstate(all="ignore"):
        sizes = np.where(np.isfinite(ours), np.abs(ours), 0.0)
        largest = sizes.max(axis=tuple(range(1, ours.ndim)) or None, keepdims=True, initial=0.0)
        scale = np.broadcast_to(largest, ours.shape)
        allowed, rule = _allowed(data, scale)
        away = np.abs(ours - theirs)
        same = (away <= allowed) | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        relative = np.where(same & ~(away > 0.0), 0.0, away / np.maximum(scale, np.finfo(np.float64).tiny))
        relative = np.where(np.isnan(relative), np.inf, relative)
    at = int(relative.argmax()) if relative.size else 0
    differing = int((~same).sum())
    ratio = _ratio(ours, theirs, scale) if differing else None
    return Brought(
        role=role,
        source=data.source,
        rule=rule,
        elements=ours.size,
        differing=differing,
        worst=float(relative.flat[at]) if relative.size else 0.0,
        index=tuple(int(i) for i in np.unravel_index(at, ours.shape)) if relative.size else (),
        ours=float(ours.flat[at]) if relative.size else 0.0,
        theirs=float(theirs.flat[at]) if relative.size else 0.0,
        ratio=ratio,
        meaning="" if ratio is None else _meaning(ratio, counts),
    )


def _allowed(data: Data, scale: Array) -> tuple[Array, str]:
    """How far each element may be off, and the rule in words."""
    if data.text is not None:
        halves = [_half_unit(data.text(at)) for at in range(data.size)]
        half = np.array(halves, dtype=np.float64).reshape(data.shape)
        spacings = _SPACINGS * ulp(scale)
        return np.maximum(half, spacings), "half a unit of the last written digit, and 16 spacings of a float64"
    kind = _TYPES.get(data.dtype, np.float64)
    name = np.dtype(kind).name
    return _SPACINGS * ulp(scale, kind), f"16 spacings of a {name} at the largest slope of the sample"


def _half_unit(text: str) -> float:
    """Half a unit in the place of the last written digit."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    try:
        return float(Fraction(1, 2) * Fraction(10) ** (int(exponent or "0") - decimals))
    except (ValueError, OverflowError):
        return 0.0


def _ratio(ours: Array, theirs: Array, scale: Array) -> float | None:
    """Theirs over ours, where it is the same throughout; None if it is not, or where one has a slope and not both."""
    with np.errstate(all="ignore"):
        told = np.isfinite(ours) & np.isfinite(theirs) & (np.abs(ours) > _CONSTANT * scale)
        if not told.any() or not np.isfinite(theirs).all():
            return None
        ratios = theirs[told] / ours[told]
        middle = float(np.median(ratios))
        close = np.abs(theirs - middle * ours) <= _CONSTANT * abs(middle) * scale
    return middle if middle and bool(close.all()) else None


def _meaning(ratio: float, counts: dict[str, float]) -> str:
    """What usually lies behind a constant ratio."""
    simple = {-1.0: "the sign is turned round", 2.0: "a factor 2 too much", 0.5: "a factor 2 too little"}
    words = [text for value, text in simple.items() if _near(ratio, value)]
    for count, name in {count: name for name, count in reversed(counts.items())}.items():  # one name a number
        if count > 1.0 and _near(abs(ratio), count):
            words.append(f"not divided by {count:g}, {name}")
        elif count > 1.0 and _near(abs(ratio), 1.0 / count):
            words.append(f"divided by {count:g} once too often, {name}")
    return "; or ".join(words)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _CONSTANT * abs(other)
