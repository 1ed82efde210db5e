"""Forward-mode derivatives of unmodified NumPy code: arrays that carry their value and a derivative.

A function of float64 arrays runs on `Dual` arrays through NumPy's own hooks. What does not move with its operands
(comparisons, exponents, indices of maxima) comes back as plain arrays. What is not listed here raises TypeError, and so
does turning a Dual into a plain array, where its derivative would be lost without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.ufunc_derivatives import CONSTANT, SLOPES

Array = NDArray[Any]


def _alike(name: str) -> Callable[..., Any]:
    """A method that does the same to the value and to the derivative."""

    def method(self: Dual, *rest: Any, **keywords: Any) -> Dual:
        return Dual(*(getattr(part, name)(*rest, **keywords) for part in (self.value, self.slope)))

    return method


def _of_the_value(name: str) -> Callable[..., Any]:
    """A method that asks the value alone."""
    return lambda self, *rest, **keywords: getattr(self.value, name)(*rest, **keywords)


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    """A float64 array and its derivative, of one shape."""

    def __init__(self, value: Any, slope: Any) -> None:
        self.value = np.asarray(value)
        self.slope = np.broadcast_to(slope, self.value.shape)
        if not self.slope.flags.writeable:
            self.slope = self.slope.copy()

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("a dual number becomes no plain array: its derivative would be lost")

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

    @property
    def T(self) -> Dual:  # noqa: N802  NumPy's name
        return Dual(self.value.T, self.slope.T)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Dual]:
        return (self[at] for at in range(len(self)))

    def __float__(self) -> float:
        """The value alone: code that asks for a Python number only chooses a way by it."""
        return float(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getitem__(self, key: Any) -> Dual:
        return Dual(self.value[key], self.slope[key])

    def __setitem__(self, key: Any, new: Any) -> None:
        self.value[key], self.slope[key] = parts(new)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: Any = None, where: Any = True, **keywords: Any
    ) -> Any:
        if method in ("reduce", "accumulate"):
            return _folded(ufunc, method, inputs[0], out=out, where=where, **keywords)
        if method != "__call__":
            return NotImplemented
        values = [parts(operand)[0] for operand in inputs]
        result = ufunc(*values)
        if ufunc in CONSTANT:
            return result if not out else _written(out[0], Dual(result, 0.0), where)
        if ufunc is np.frexp:
            mantissa, exponent = result
            return Dual(mantissa, np.ldexp(inputs[0].slope, -exponent)), exponent
        if ufunc is np.modf:
            return Dual(result[0], inputs[0].slope), result[1]
        if ufunc is np.matmul:
            return _bilinear(np.matmul, *inputs)
        if ufunc not in SLOPES:
            return NotImplemented
        slope = np.zeros(np.shape(result))
        with np.errstate(all="ignore"):  # of operands that stand still too slopes are formed, infinite ones among them
            for operand, factor in zip(inputs, SLOPES[ufunc](result, *values), strict=True):
                if isinstance(operand, Dual):  # 0 · inf = 0: what does not move has no part in the derivative
                    moves = np.broadcast_to(operand.slope, slope.shape)
                    slope += np.where(moves == 0.0, 0.0, factor * moves)
        new = Dual(result, slope)
        return _written(out[0], new, where) if out else new

    def __array_function__(self, function: Any, _types: Any, args: Any, keywords: Any) -> Any:
        if function in _LINEAR:
            array, *rest = args
            value, slope = parts(array)
            return Dual(function(value, *rest, **keywords), function(slope, *rest, **keywords))
        if function in _OF_VALUE:
            return function(*(_values(arg) for arg in args), **{k: _values(arg) for k, arg in keywords.items()})
        if function in _FUNCTIONS:
            return _FUNCTIONS[function](*args, **keywords)
        return NotImplemented

    def sum(self, axis: Any = None, keepdims: bool = False, where: Any = True) -> Dual:
        return Dual(*(part.sum(axis=axis, keepdims=keepdims, where=where) for part in (self.value, self.slope)))

    def mean(self, axis: Any = None, keepdims: bool = False) -> Dual:
        return Dual(self.value.mean(axis=axis, keepdims=keepdims), self.slope.mean(axis=axis, keepdims=keepdims))

    def max(self, axis: int | None = None, initial: float = -np.inf, keepdims: bool = False) -> Dual:
        """The largest, at a tie with the derivative of the first."""
        return _extreme(self, axis, initial, keepdims, np.argmax, np.maximum)

    def min(self, axis: int | None = None, initial: float = np.inf, keepdims: bool = False) -> Dual:
        """The smallest, at a tie with the derivative of the first."""
        return _extreme(self, axis, initial, keepdims, np.argmin, np.minimum)

    cumsum, reshape, transpose, swapaxes = map(_alike, ("cumsum", "reshape", "transpose", "swapaxes"))
    squeeze, repeat, take, copy = map(_alike, ("squeeze", "repeat", "take", "copy"))
    argmax, argmin, argsort = map(_of_the_value, ("argmax", "argmin", "argsort"))
    any, all = map(_of_the_value, ("any", "all"))

    def prod(self, axis: int | None = None) -> Any:
        return np.multiply.reduce(self, axis=axis)

    def dot(self, other: Any) -> Dual:
        return _bilinear(np.dot, self, other)

    def ravel(self) -> Dual:
        return Dual(self.value.ravel(), self.slope.ravel())

    def fill(self, number: Any) -> None:
        self[...] = number

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return _clip(self, low, high)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Itself as float64; for types that have no derivative, the value alone."""
        if np.dtype(dtype) == np.float64:
            return self.copy() if copy else self
        return self.value.astype(dtype, copy=copy)


def parts(operand: Any) -> tuple[Any, Any]:
    """Value and derivative of anything; what is no Dual does not move."""
    return (operand.value, operand.slope) if isinstance(operand, Dual) else (operand, np.zeros(np.shape(operand)))


def _values(argument: Any) -> Any:
    """An argument with the value in place of every Dual."""
    if isinstance(argument, (tuple, list)):
        return type(argument)(_values(item) for item in argument)
    return argument.value if isinstance(argument, Dual) else argument


def _written(target: Any, new: Dual, where: Any) -> Any:
    """The result in `target`. A plain array takes the value, and a fresh Dual is returned in its place."""
    value, slope = parts(target)
    kept = Dual(np.where(where, new.value, value), np.where(where, new.slope, slope))
    if isinstance(target, Dual):
        target[...] = kept
        return target
    target[...] = kept.value
    return kept if target.dtype.kind == "f" else target


def _folded(ufunc: Any, method: str, array: Any, axis: Any = 0, keepdims: bool = False, **keywords: Any) -> Any:
    """A reduction, or its intermediate results, as a chain of calls."""
    initial, where = keywords.get("initial"), keywords.get("where", True)
    if keywords.get("out") is not None or where is not True:
        return NotImplemented
    if ufunc is np.add and method == "reduce" and initial is None:
        return array.sum(axis=axis, keepdims=keepdims)
    if ufunc in (np.maximum, np.minimum) and method == "reduce" and isinstance(axis, (int, type(None))):
        pick = array.max if ufunc is np.maximum else array.min
        return pick(axis=axis, keepdims=keepdims, **({} if initial is None else {"initial": initial}))
    if ufunc in CONSTANT:
        return getattr(ufunc, method)(array.value, axis=axis)
    if axis is None:
        array, axis = array.ravel(), 0
    if not isinstance(axis, int):
        return NotImplemented
    lanes = list(np.moveaxis(array, axis, 0))
    results = [lanes[0] if initial is None else ufunc(lanes[0], initial)]
    for lane in lanes[1:]:
        results.append(ufunc(results[-1], lane))
    if method == "accumulate":
        return np.stack(results, axis=axis)
    return np.expand_dims(results[-1], axis) if keepdims else results[-1]


def _extreme(array: Dual, axis: int | None, initial: float, keepdims: bool, arg: Any, bound: Any) -> Dual:
    if axis is None:
        best = _extreme(array.ravel(), 0, initial, False, arg, bound)
        return best.reshape((1,) * array.ndim) if keepdims else best
    if not array.shape[axis]:
        shape = array.value.sum(axis=axis, keepdims=keepdims).shape
        return Dual(np.full(shape, initial), 0.0)
    at = np.expand_dims(arg(array.value, axis=axis), axis)
    value, slope = (np.take_along_axis(part, at, axis) for part in (array.value, array.slope))
    beaten = bound(value, initial)
    best = Dual(beaten, np.where(np.equal(beaten, value) | np.isnan(value), slope, 0.0))
    return best if keepdims else best.squeeze(axis)


def _where(condition: Any, *branches: Any) -> Any:
    if not branches:
        return np.where(_values(condition))
    (a, da), (b, db) = map(parts, branches)
    condition = _values(condition)
    return Dual(np.where(condition, a, b), np.where(condition, da, db))


def _clip(values: Any, low: Any = None, high: Any = None, out: Any = None, **bounds: Any) -> Any:
    low, high = bounds.get("min", low), bounds.get("max", high)
    raised = values if low is None else np.maximum(values, low)
    cut = raised if high is None else np.minimum(raised, high)
    return cut if out is None else _written(out, Dual(*parts(cut)), True)


def _joined(join: Any) -> Callable[..., Dual]:
    """A function of several arrays that only puts them together."""

    def function(arrays: Sequence[Any], *rest: Any, **keywords: Any) -> Dual:
        values, slopes = zip(*map(parts, arrays), strict=True)
        return Dual(join(values, *rest, **keywords), join(slopes, *rest, **keywords))

    return function


def _bilinear(product: Any, left: Any, right: Any, **keywords: Any) -> Dual:
    """A function that is linear in each of two arrays."""
    (a, da), (b, db) = parts(left), parts(right)
    return Dual(product(a, b, **keywords), product(da, b, **keywords) + product(a, db, **keywords))


def _of_two(product: Any) -> Callable[..., Dual]:
    return lambda left, right, *rest, **keywords: _bilinear(lambda a, b: product(a, b, *rest, **keywords), left, right)


def _einsum(subscripts: str, *operands: Any, **keywords: Any) -> Dual:
    values, slopes = zip(*map(parts, operands), strict=True)
    moved = sum(
        np.einsum(subscripts, *values[:at], slopes[at], *values[at + 1 :], **keywords) for at in range(len(operands))
    )
    return Dual(np.einsum(subscripts, *values, **keywords), moved)


def _sort(array: Any, axis: int = -1, **_: Any) -> Dual:
    order = np.argsort(array.value, axis=axis, kind="stable")
    return Dual(*(np.take_along_axis(part, order, axis) for part in parts(array)))


def _put_along_axis(array: Dual, indices: Any, values: Any, axis: int) -> None:
    value, slope = parts(values)
    np.put_along_axis(array.value, indices, value, axis)
    np.put_along_axis(array.slope, indices, slope, axis)


def _copyto(target: Dual, source: Any, where: Any = True, **_: Any) -> None:
    value, slope = parts(source)
    np.copyto(target.value, value, where=where)
    np.copyto(target.slope, slope, where=where)


def _norm(array: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  NumPy's name
    if ord in (None, 2) and isinstance(axis, (int, type(None))):
        return np.sqrt((array * array).sum(axis=axis, keepdims=keepdims))
    if ord == 1 and isinstance(axis, int):
        return np.absolute(array).sum(axis=axis, keepdims=keepdims)
    if ord == np.inf and isinstance(axis, int):
        return np.absolute(array).max(axis=axis, keepdims=keepdims)
    raise TypeError(f"dual numbers have no norm of order {ord} along {axis}")


def _nan_to_num(array: Dual, *rest: Any, **keywords: Any) -> Dual:
    return Dual(np.nan_to_num(array.value, *rest, **keywords), np.where(np.isfinite(array.value), array.slope, 0.0))


# What may be done to the value and to the derivative alike
_LINEAR: frozenset[Any] = frozenset(
    {
        *(np.reshape, np.ravel, np.transpose, np.moveaxis, np.swapaxes, np.expand_dims, np.squeeze, np.rollaxis),
        *(np.broadcast_to, np.tile, np.repeat, np.roll, np.flip, np.rot90, np.atleast_1d, np.atleast_2d, np.copy),
        *(np.take, np.take_along_axis, np.compress, np.delete, np.diagonal, np.diag, np.triu, np.tril, np.trace),
        *(np.sum, np.mean, np.cumsum, np.diff, np.real),
    }
)

# What depends on the value and does not move
_OF_VALUE: frozenset[Any] = frozenset(
    {
        *(np.any, np.all, np.argmax, np.argmin, np.argsort, np.argpartition, np.argwhere, np.nonzero, np.flatnonzero),
        *(np.count_nonzero, np.array_equal, np.isclose, np.allclose, np.isposinf, np.isneginf, np.searchsorted),
        *(np.shape, np.ndim, np.size, np.lexsort, np.digitize, np.bincount, np.unique),
    }
)

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.max: lambda array, axis=None, **rest: array.max(axis, **rest),
    np.min: lambda array, axis=None, **rest: array.min(axis, **rest),
    np.prod: lambda array, axis=None: array.prod(axis),
    np.cumprod: lambda array, axis=None: np.multiply.accumulate(array, axis=axis),
    np.sort: _sort,
    np.linalg.norm: _norm,
    np.nan_to_num: _nan_to_num,
    np.zeros_like: lambda array, **_: Dual(np.zeros(array.shape), 0.0),
    np.ones_like: lambda array, **_: Dual(np.ones(array.shape), 0.0),
    np.empty_like: lambda array, **_: Dual(np.zeros(array.shape), 0.0),
    np.full_like: lambda array, fill, **_: Dual(np.full(array.shape, fill), 0.0),
    np.put_along_axis: _put_along_axis,
    np.copyto: _copyto,
    np.einsum: _einsum,
    **{join: _joined(join) for join in (np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack)},
    **{product: _of_two(product) for product in (np.dot, np.vdot, np.inner, np.outer, np.tensordot)},
}
