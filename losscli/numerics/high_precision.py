"""Arrays of many digits that unmodified NumPy code runs on, by way of mpmath.

An object array alone would not do: NumPy asks its elements for `exp`, has no `isfinite` or `frexp` for them, and stops
at a division by zero where float64 has an infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.ufunc_derivatives import CONSTANT

DIGITS = 60
_PREDICATES: dict[Any, str] = {np.isnan: "isnan", np.isinf: "isinf", np.isfinite: "isfinite"}
_NAMED = {name: name for name in ("sqrt", "exp", "expm1", "log", "log1p", "log10", "hypot", "sign", "floor", "ceil")}
_NAMED |= {name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
_NAMED |= {f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
_NAMED |= {"arctan2": "atan2", "rint": "nint"}
_NATIVE = {np.maximum, np.minimum, np.add, np.subtract, np.multiply, np.matmul, np.absolute}  # NumPy's own on objects


def available() -> bool:
    """Whether mpmath is installed."""
    from importlib.util import find_spec

    return find_spec("mpmath") is not None


class Precise(np.ndarray[Any, Any]):
    """An object array whose elements are numbers of `DIGITS` digits."""

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: Any = None, where: Any = True, **keywords: Any
    ) -> Any:
        operands = [_objects(operand) for operand in inputs]
        if method != "__call__":
            return _precise(getattr(ufunc, method)(*operands, **keywords))
        function = _functions().get(ufunc)
        if function is not None:
            result = np.frompyfunc(function, len(operands), ufunc.nout)(*operands)
        elif ufunc in CONSTANT or ufunc in _NATIVE:
            result = ufunc(*operands)
        else:
            return NotImplemented
        if ufunc is np.frexp:
            return _precise(result[0]), _exponents(np.asarray(result[1]))
        if ufunc in _PREDICATES:
            result = np.asarray(result).astype(bool)
        return _written(out[0], result, where) if out else _precise(result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.isposinf, np.isneginf):
            infinity = np.inf if function is np.isposinf else -np.inf
            return np.equal(args[0], infinity)
        return _precise(super().__array_function__(function, types, args, kwargs))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Itself as float64, for it is that already; other types as plain arrays."""
        if np.dtype(dtype) == np.float64:
            return self.copy()
        return np.asarray(self).astype(dtype)

    def __float__(self) -> float:
        """For code that only chooses a way by a number; elements refuse it, so that none is rounded without a word."""
        return float(floats(np.asarray(self)))


def precise(array: NDArray[Any]) -> Precise:
    """The numbers in high precision, exactly."""
    numbers = np.frompyfunc(_context().mpf, 1, 1)(array.astype(np.float64).astype(object))
    return np.asarray(numbers, dtype=object).reshape(array.shape).view(Precise)


def floats(array: Any) -> NDArray[np.float64]:
    """Numbers of many digits, rounded to float64."""
    from mpmath import libmp

    def rounded(number: Any) -> float:
        return libmp.to_float(number._mpf_) if hasattr(number, "_mpf_") else float(number)

    return np.asarray(np.frompyfunc(rounded, 1, 1)(np.asarray(array, dtype=object)), dtype=np.float64)


def _exponents(exponents: NDArray[Any]) -> Any:
    """Whole numbers, or where one is beyond those of a machine, such as that of exp(-1e308), numbers of many digits."""
    try:
        return exponents.astype(np.intp)
    except OverflowError:
        return _precise(np.frompyfunc(_context().mpf, 1, 1)(exponents))


def _objects(operand: Any) -> Any:
    """An operand as Python's numbers, which mpmath takes, where NumPy's it may not."""
    if isinstance(operand, np.ndarray):
        return np.asarray(operand).astype(object) if operand.dtype != object else np.asarray(operand)
    return operand.item() if isinstance(operand, np.generic) else operand


def _precise(result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(map(_precise, result))
    if isinstance(result, np.ndarray):
        return result.view(Precise) if result.dtype == object else result.view(np.ndarray)
    if isinstance(result, _context().mpf):  # of all of an array
        single = np.empty((), dtype=object)
        single[()] = result
        return single.view(Precise)
    return result


def _written(target: Any, result: Any, where: Any) -> Any:
    """The result in `target`; a fresh array in its place, if that is a plain one, which would round."""
    if where is True and np.shape(target) == np.shape(result):
        kept = result
    else:
        kept = np.where(np.asarray(where), np.asarray(result, dtype=object), np.asarray(target).astype(object))
    if not isinstance(target, Precise):
        return _precise(kept)
    target[...] = kept
    return target


@cache
def _context() -> Any:
    """A context of our own: mpmath's other users keep theirs."""
    from mpmath import MPContext

    def refuse(_: Any) -> float:
        raise TypeError("a number of many digits becomes no float64: its digits would be lost")

    context = MPContext()
    context.dps = DIGITS
    context.mpf.__float__ = refuse  # the class is this context's own
    return context


@cache
def _functions() -> dict[Any, Callable[..., Any]]:
    """What NumPy has no loop for on objects, or one that fails where float64 has an infinity or a NaN."""
    mp = _context()
    named = {getattr(np, name): getattr(mp, theirs) for name, theirs in _NAMED.items()}
    written: dict[Any, Callable[..., Any]] = {
        np.divide: lambda a, b: mp.mpf(a) / b,
        np.power: lambda a, b: mp.mpf(a) ** b,
        np.exp2: lambda a: mp.mpf(2) ** a,
        np.log2: lambda a: mp.log(a) / mp.log(2),
        np.logaddexp: lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))) if a != b else a + mp.log(2),
        np.cbrt: lambda a: mp.sign(a) * mp.cbrt(abs(a)),
        np.ldexp: lambda a, b: mp.ldexp(mp.mpf(a), int(b)),
        np.copysign: lambda a, b: abs(a) if b >= 0 else -abs(a),
        np.square: lambda a: a * a,
        np.reciprocal: lambda a: 1 / mp.mpf(a),
        np.negative: lambda a: -a,
    }
    predicates = {ufunc: getattr(mp, name) for ufunc, name in _PREDICATES.items()}
    return {ufunc: _real(function) for ufunc, function in (named | written).items()} | {np.frexp: mp.frexp} | predicates


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on the real numbers and the infinities, as float64 has it."""
    mp = _context()

    def real(*operands: Any) -> Any:
        try:
            result = function(*operands)
        except ZeroDivisionError:  # a quotient by 0, or a negative power of it
            above = operands[0]
            return mp.nan if len(operands) > 1 and (above != above) else _limit(operands)
        except ValueError:
            return mp.nan
        return mp.nan if isinstance(result, (complex, mp.mpc)) else result

    def _limit(operands: tuple[Any, ...]) -> Any:
        if len(operands) == 2 and operands[1] == 0:  # a quotient
            return mp.nan if operands[0] == 0 else mp.inf * mp.sign(operands[0])
        return mp.inf

    return real
