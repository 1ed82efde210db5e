"""Forward-mode derivatives of unmodified NumPy code: arrays that carry a derivative beside their value.

A kernel runs on `Dual` arrays as it runs on float64, through NumPy's own hooks. What has no derivative (comparisons,
exponents, indices of maxima) comes back as plain arrays, and what is not listed here raises TypeError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_CONSTANT = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.isnan, np.isinf, np.isfinite, np.sign, np.rint),
}


def _slopes(ufunc: Any, r: Any, a: Any, b: Any = None) -> tuple[Any, ...]:
    """The derivatives of a result r with respect to each of its operands."""
    match ufunc.__name__:
        case "add":
            return 1.0, 1.0
        case "subtract":
            return 1.0, -1.0
        case "multiply":
            return b, a
        case "divide":
            return 1.0 / b, -a / (b * b)
        case "power":
            return b * a ** (b - 1.0), r * np.log(a)
        case "maximum":
            return 1.0 * (a >= b), 1.0 * (a < b)
        case "minimum":
            return 1.0 * (a <= b), 1.0 * (a > b)
        case "negative":
            return (-1.0,)
        case "absolute":
            return (np.where(a > 0.0, 1.0, -1.0),)  # at 0 from the left, as kernels see it that ask for `x > 0`
        case "exp":
            return (r,)
        case "log":
            return (1.0 / a,)
        case "log1p":
            return (1.0 / (1.0 + a),)
        case "sqrt":
            return (0.5 / r,)
    return ()


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A float64 array and its derivative, of one shape."""

    def __init__(self, value: Any, slope: Any) -> None:
        self.value = np.asarray(value)
        self.slope = np.broadcast_to(slope, self.value.shape)
        if not self.slope.flags.writeable:
            self.slope = self.slope.copy()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def size(self) -> int:
        return self.value.size

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, key: Any) -> Dual:
        return Dual(self.value[key], self.slope[key])

    def __setitem__(self, key: Any, new: Any) -> None:
        self.value[key], self.slope[key] = _parts(new)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, where: Any = True) -> Any:
        if method != "__call__":
            return NotImplemented
        values = [_parts(operand)[0] for operand in inputs]
        result = ufunc(*values)
        if ufunc in _CONSTANT:
            return result
        if ufunc is np.frexp:
            mantissa, exponent = result
            return Dual(mantissa, np.ldexp(inputs[0].slope, -exponent)), exponent
        slopes = _slopes(ufunc, result, *values)
        if not slopes:
            return NotImplemented
        slope = np.zeros(np.shape(result))
        for operand, factor in zip(inputs, slopes, strict=True):
            if isinstance(operand, Dual):  # 0 · inf = 0: what does not move has no part in the derivative
                moves = np.broadcast_to(operand.slope, slope.shape)
                slope += np.where(moves == 0.0, 0.0, factor * moves)
        target = out[0] if out else None
        if target is None:
            return Dual(result, slope)
        value, old = _parts(target)
        new = Dual(np.where(where, result, value), np.where(where, slope, old))
        if isinstance(target, Dual):
            target[...] = new
            return target
        return new  # written to a fresh plain array, which only its value would fit

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function not in _FUNCTIONS:
            return NotImplemented
        return _FUNCTIONS[function](*args, **kwargs)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Dual:
        return Dual(self.value.sum(axis=axis, keepdims=keepdims), self.slope.sum(axis=axis, keepdims=keepdims))

    def min(self) -> Any:
        """The least number of all, which kernels ask for to choose a way: without its derivative."""
        return self.value.min()

    def max(self, axis: int | None = None, initial: float = -np.inf, keepdims: bool = False) -> Any:
        """The largest along an axis, at a tie with the derivative of the first; of all, without any, as for `min`."""
        if axis is None:
            return self.value.max()
        at = np.expand_dims(self.value.argmax(axis=axis), axis)
        value, slope = (np.take_along_axis(part, at, axis) for part in (self.value, self.slope))
        best = Dual(np.maximum(value, initial), np.where(value >= initial, slope, 0.0))
        return best if keepdims else best.reshape(np.squeeze(value, axis).shape)

    def argmax(self, axis: int) -> Array:
        return np.asarray(self.value.argmax(axis=axis))

    def reshape(self, *shape: Any) -> Dual:
        return Dual(self.value.reshape(*shape), self.slope.reshape(*shape))

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The value alone, for types that have no derivative."""
        return self.value.astype(dtype, copy=copy)


def _parts(operand: Any) -> tuple[Any, Any]:
    return (operand.value, operand.slope) if isinstance(operand, Dual) else (operand, 0.0)


def _where(condition: Any, one: Any, other: Any) -> Dual:
    (a, da), (b, db) = _parts(one), _parts(other)
    return Dual(np.where(condition, a, b), np.where(condition, da, db))


def _clip(values: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(values, low), high)


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Dual:
    values, slopes = zip(*map(_parts, arrays), strict=True)
    full = [np.broadcast_to(slope, np.shape(value)) for value, slope in zip(values, slopes, strict=True)]
    return Dual(np.concatenate(values, axis=axis), np.concatenate(full, axis=axis))


def _zeros_like(array: Dual) -> Dual:
    return Dual(np.zeros(array.shape), 0.0)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.concatenate: _concatenate,
    np.zeros_like: _zeros_like,
    np.full_like: lambda array, fill: Dual(np.full(array.shape, fill), 0.0),
    np.array_equal: lambda one, other: bool(np.array_equal(_parts(one)[0], _parts(other)[0])),
    np.any: lambda array, **rest: np.any(_parts(array)[0], **rest),
    np.isposinf: lambda array: np.isposinf(array.value),
    np.sum: lambda array, axis=None: array.sum(axis=axis),
}
