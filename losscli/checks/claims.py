"""What somebody claims: a number or an array of numbers, and the digits it is written with."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import floor, inf, isfinite, log10
from pathlib import Path
from typing import Any

import numpy as np

from losscli.checks.almost_numbers import almost
from losscli.reading.text.numbers import misread
from losscli.reading.text.printed import number_text
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.settings import check

_NUMBER = re.compile(r"[+-]?([0-9]*+)\.?([0-9]*+)(?:[eE]([+-]?[0-9]++))?")
_FARTHEST = 400  # powers of ten beyond it are 0 or infinity as floats
_DECIMALS = 6  # up to which a stored number may have been rounded before it was stored
_LONG = 6  # digits from which on a number may be a half-precision one, printed
WEAK = 3  # digits under which a claim tells little
SMALL_FLOATS = {"float16": (10, -14), "bfloat16": (7, -126)}  # bits of the mantissa, least exponent
BOUNDS = ("at_most", "at_least")


@record
class Tolerances:
    """What is asked for in place of the rule: |difference| ≤ atol + rtol · |ours|; or a stricter rule.

    `precision` double allows no rounding but that of float64; `exact_inputs` takes inputs from text as exact.
    """

    rtol: float | None = None
    atol: float | None = None
    precision: str = "single"
    exact_inputs: bool = False

    @property
    def given(self) -> bool:
        return self.rtol is not None or self.atol is not None


def tolerances(
    rtol: float | None = None, atol: float | None = None, precision: str = "single", exact_inputs: bool = False
) -> Tolerances:
    """Tolerances, checked: the same for the command line, suites and Python."""
    for name, value in (("rtol", rtol), ("atol", atol), ("precision", precision)):
        check(name, value)
    if (rtol is not None or atol is not None) and (precision == "double" or exact_inputs):
        idle = "precision double" if precision == "double" else "exact_inputs"
        raise UsageFault(f"{idle} has no use beside rtol and atol, which stand in place of the rule", "leave one out")
    return Tolerances(rtol, atol, precision, exact_inputs)


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
    computed: bool = False  # by a function, and so never rounded to decimals
    warnings: tuple[str, ...] = ()

    @property
    def digits(self) -> int | None:
        """The significant digits that a single number is written with; None for other claims."""
        if self.text is None or self.values.size != 1:
            return None
        return Digits.of(self.text(0)).count


@record
class FunctionClaim:
    """A claim that a function is to make: `FILE.py:FUNCTION`, from a folder on, or a function of Python's.

    kind: value, per_sample or gradient, then of a `role`, or without one of what the function names.
    """

    kind: str
    function: str | Callable[..., Any]
    role: str = ""
    base: Path | None = None


@record
class Digits:
    """A decimal number's form: the power of ten of its last digit, its significant digits, whether it has an exponent.

    `0.0120` has its last digit at 10^-4, three significant digits, and no exponent.
    """

    last: int
    count: int
    exponent: bool

    @classmethod
    def of(cls, text: str) -> Digits:
        """The form of a text; of what is no decimal number (nan, inf), an exact one."""
        match = _NUMBER.fullmatch(text.strip())
        if match is None or not (match[1] or match[2]):
            return cls(-_FARTHEST, 0, exponent=True)
        whole, fraction, exponent = match[1], match[2], match[3] or "0"
        power = int(exponent) if len(exponent) <= 5 else -_FARTHEST if exponent[0] == "-" else _FARTHEST
        last = max(-_FARTHEST, min(_FARTHEST, power - len(fraction)))
        return cls(last, len((whole + fraction).lstrip("0")) or len(fraction) or 1, exponent=bool(match[3]))

    @property
    def half(self) -> float:
        """Half a unit of the last digit: `1.0` 0.05, `2.` 0.5, `1e-3` 0.0005, `1.10e2` 0.5."""
        return half_unit(self.last)


def half_unit(power: int) -> float:
    """Half of ten to a power, 0 or infinite beyond the floats."""
    return inf if power >= _FARTHEST else float(f"5e{power - 1}")


def claim_of(data: Data, kind: str, role: str = "") -> Claim:
    """A claim from an array that was read."""
    if data.words:
        raise DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "a claim is a number")
    values = data.array().astype(np.float64)
    return Claim(kind, data.source, values, data.dtype, role, data.text)


def written(value: object, kind: str) -> Claim:
    """A claim from one number in Python: a text keeps its digits, all else is a binary number."""
    if isinstance(value, str):
        return number_claim(value, kind)
    return Claim(kind, "claim", np.asarray(value, dtype=np.float64), np.asarray(value).dtype.name)


def number_claim(text: str, kind: str, role: str = "", source: str = "claim") -> Claim:
    """A claim from the text of one number, as it is written or as Python, NumPy or PyTorch print it."""
    number = number_text(text)
    if number is None:
        fact, cure = almost(text) or misread(text.strip())
        raise DataFault(f"{source}: {fact}", cure)
    return Claim(kind, source, np.asarray(float(number)), "text", role, lambda _: number)


def halves(claim: Claim) -> Array:
    """How far each number may lie from what it was rounded from.

    Text: half a unit of the last digit. In an array the shortest cells are not taken for the coarsest: JSON and `%g`
    drop zeros at the end, so that a cell counts with the digits of the others, in fixed notation by decimals and else
    by significant digits. Binary numbers: of the decimals that give every element back, if these are few.
    """
    values = claim.values
    if claim.computed:
        return np.zeros(values.shape)
    if claim.text is None:
        return np.full(values.shape, _rounded_before_stored(values, claim.dtype))
    forms = [Digits.of(claim.text(at)) for at in range(values.size)]
    own = np.array([form.half for form in forms], dtype=np.float64).reshape(values.shape)
    if values.size < 2:
        return own
    fixed = min((form.half for form in forms if not form.exponent), default=0.0)
    digits = max(form.count for form in forms)
    return np.minimum(own, np.maximum(fixed, _half_at_digit(values, digits)))


def _half_at_digit(values: Array, digits: int) -> Array:
    """Half a unit of each value's digit of that number, counted from its first; 0 for 0."""
    powers = [floor(log10(abs(value))) if value and isfinite(value) else None for value in values.flat]
    halves = [0.0 if power is None else half_unit(power - digits + 1) for power in powers]
    return np.array(halves, dtype=np.float64).reshape(values.shape)


def _rounded_before_stored(values: Array, dtype: str) -> float:
    """Half a unit of the fewest decimals that give every stored element back; 0 if these are many, or none.

    An array of whole numbers is not taken for one that was rounded to them: it may hold counts or labels.
    """
    kind = np.dtype(dtype) if dtype in ("float32", "float16") else np.dtype(np.float64)
    stored = values.astype(kind)
    with np.errstate(over="ignore", invalid="ignore"):
        fitting = (d for d in range(_DECIMALS + 1) if np.array_equal(np.round(values, d).astype(kind), stored))
        decimals = next(fitting, None)
    if decimals is None or not values.size:
        return 0.0
    if values.size == 1:
        decimals = max(decimals, 1)
    return half_unit(-decimals) if decimals >= 2 or values.size == 1 else 0.0


def half_precision_spacing(claim: Claim) -> Array:
    """The spacing of float16 or bfloat16 where a claim is stored so, or printed from such a number; else 0."""
    if claim.dtype in SMALL_FLOATS:
        return _spacing(claim.values, claim.dtype)
    mantissa = "" if claim.text is None or claim.values.size != 1 else claim.text(0).strip().lower().partition("e")[0]
    spacings = np.zeros(claim.values.shape)
    if Digits.of(mantissa.rstrip("0")).count >= _LONG:  # zeros at the end were not needed to write it
        for name in SMALL_FLOATS:
            spacing = _spacing(claim.values, name)
            spacings = np.where(np.remainder(claim.values, spacing) == 0.0, np.maximum(spacings, spacing), spacings)
    return np.asarray(spacings)


def _spacing(values: Array, name: str) -> Array:
    """The distance of a value to the next larger of a small float type."""
    bits, least = SMALL_FLOATS[name]
    _, exponents = np.frexp(values)
    return np.asarray(np.ldexp(1.0, np.where(values == 0.0, least, np.maximum(exponents - 1, least)) - bits))
