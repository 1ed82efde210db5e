"""What somebody claims, and how near a number must come for the claim to hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.ulps import ulp
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.loss import Array
from losscli.schema.records import record

_NUMBER = re.compile(r"\s*+[+-]?+([0-9]*+)\.?+([0-9]*+)(?:[eE]([+-]?+[0-9]++))?+\s*+")
_LONG = 10  # digits from which on a text may be a float32, printed
WEAK = 3  # digits under which a claim tells little
_SPACINGS = {"float64": 4, "float32": 16, "float16": 16}
_LEAST_ULPS = 4


@record
class Tolerances:
    """The tolerance that is asked for in place of a claim's own: |difference| ≤ atol + rtol · |ours|."""

    rtol: float | None = None
    atol: float | None = None

    @property
    def given(self) -> bool:
        return self.rtol is not None or self.atol is not None


@record
class Claim:
    """A claimed number, or array of numbers: the reduced value, the losses of all samples, or a gradient.

    kind: value, per_sample, gradient (then of a `role`), at_most or at_least. `text` gives the text of an element, if
    it was written as one; `dtype` is the type it is stored in otherwise.
    """

    kind: str
    source: str
    values: Array
    dtype: str
    role: str = ""
    text: Callable[[int], str] | None = None

    @property
    def digits(self) -> int | None:
        """The fewest significant digits that an element of few is written with; None for a binary claim."""
        if self.text is None or self.values.size > 1:
            return None
        return significant_digits(self.text(0))


def claim_of(data: Data, kind: str, role: str = "") -> Claim:
    """A claim from an array that was read."""
    if data.words:
        raise DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "a claim is a number")
    values = data.store.flat(0, data.size).astype(np.float64).reshape(data.shape)
    return Claim(kind, data.source, values, data.dtype, role, data.text)


def written(value: object, kind: str) -> Claim:
    """A claim from one number: a text keeps its digits, a float is what it prints as, a NumPy scalar has its type."""
    if isinstance(value, np.floating) and not isinstance(value, float):
        return Claim(kind, "claim", np.asarray(value, dtype=np.float64), value.dtype.name)
    text = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    if isinstance(value, np.float64):
        text = repr(float(value))
    try:
        number = float(text)
    except ValueError:
        raise DataFault(f"the claim {text!r} is not a number", "write it in decimal digits") from None
    return Claim(kind, "claim", np.asarray(number), "text", text=lambda _: text)


def significant_digits(text: str) -> int:
    """How many digits of a decimal number count: from the first that is not 0, trailing zeros included."""
    whole, fraction, _ = _parts(text)
    return len((whole + fraction).lstrip("0")) or len(fraction) or 1


def half_a_unit(text: str) -> Fraction:
    """Half a unit in the place of the last written digit: `1.0` 0.05, `2.` 0.5, `1e-3` 0.0005, `1.10e2` 0.5."""
    _, fraction, exponent = _parts(text)
    return Fraction(10) ** (exponent - len(fraction)) / 2


@record
class Window:
    """How far from each element of a claim ours may lie, and the rule that says so in words."""

    widths: Array
    rule: str


def window(claim: Claim, ours: Array, wanted: Tolerances) -> Window:
    """The tolerance of every element of a claim."""
    size = np.abs(ours)
    if wanted.given:
        atol, rtol = wanted.atol or 0.0, wanted.rtol or 0.0
        return Window(atol + rtol * size, f"atol {atol:g} + rtol {rtol:g} · |ours|")
    least = np.where(np.isfinite(size), _LEAST_ULPS * ulp(size), 0.0)
    if claim.text is None:
        name = claim.dtype if claim.dtype in _SPACINGS else "float64"
        widths = _SPACINGS[name] * ulp(np.abs(claim.values), getattr(np, name))
        return Window(np.maximum(widths, least), f"{_SPACINGS[name]} spacings of a {name}")
    texts = [claim.text(at) for at in range(claim.values.size)]
    if texts and all(_is_float32(text, value) for text, value in zip(texts, claim.values.flat, strict=True)):
        widths = _SPACINGS["float32"] * ulp(np.abs(claim.values), np.float32)
        return Window(np.maximum(widths, least), "a float32, printed: 16 spacings of a float32")
    widths = np.array([_half(text) for text in texts]).reshape(claim.values.shape)
    if widths.size and (widths <= least).all():
        return Window(least, f"{_LEAST_ULPS} ulp of our value, for the claim has more digits")
    return Window(np.maximum(widths, least), "half a unit of the last written digit")


def within(claim: Claim, ours: Array, widths: Array) -> NDArray[np.bool_]:
    """Which elements lie within their width. Where a float's rounding could decide, fractions do."""
    with np.errstate(invalid="ignore"):
        distance = np.abs(ours - claim.values)
        inside = np.asarray((distance <= widths) | (ours == claim.values) | (np.isnan(ours) & np.isnan(claim.values)))
        close = np.abs(distance - widths) <= 8.0 * (ulp(ours) + ulp(claim.values))
    for at in np.flatnonzero(close & np.isfinite(ours) & np.isfinite(claim.values) & np.isfinite(widths)).tolist():
        inside.flat[at] = _exactly_within(claim, float(ours.flat[at]), at, float(widths.flat[at]))
    return inside


def _exactly_within(claim: Claim, ours: float, at: int, width: float) -> bool:
    text = None if claim.text is None else claim.text(at).strip()
    decimal = text is not None and _NUMBER.fullmatch(text) is not None
    theirs = Fraction(text) if decimal and text else Fraction(float(claim.values.flat[at]))
    half = half_a_unit(text) if decimal and text else None
    exact = half if half is not None and float(half) == width else Fraction(width)
    return abs(Fraction(ours) - theirs) <= exact


def _is_float32(text: str, value: float) -> bool:
    if not np.isfinite(value) or significant_digits(text) < _LONG:
        return False
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float32(value)) == value


def _half(text: str) -> float:
    return float(half_a_unit(text)) if _NUMBER.fullmatch(text.strip()) else 0.0


def _parts(text: str) -> tuple[str, str, int]:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return "", "", 0
    return match[1], match[2], int(match[3] or 0)
