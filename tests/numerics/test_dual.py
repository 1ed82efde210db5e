"""Dual numbers: every derivative against differences in 60 digits; NumPy's functions on value and slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from losscli.numerics.dual import Dual
from losscli.numerics.ufunc_derivatives import SLOPES

INSIDE = {np.arccosh: 1.7, np.arctanh: 0.3, np.arcsin: 0.3, np.arccos: 0.3, np.ldexp: 0.6}
OTHERS = {np.absolute: "fabs", np.divide: "fdiv", np.add: "fadd", np.subtract: "fsub", np.multiply: "fmul"}
MPMATH: dict[Any, Callable[..., Any]] = {
    np.power: lambda a, b: a**b,
    np.float_power: lambda a, b: a**b,
    np.maximum: max,
    np.fmax: max,
    np.minimum: min,
    np.fmin: min,
    np.logaddexp: lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)),
    np.logaddexp2: lambda a, b: mpmath.log(mpmath.mpf(2) ** a + mpmath.mpf(2) ** b) / mpmath.log(2),
    np.remainder: lambda a, b: a - b * mpmath.floor(a / b),
    np.copysign: lambda a, b: abs(a) * mpmath.sign(b),
    np.nextafter: lambda a, _: a,
    np.ldexp: lambda a, b: a * mpmath.mpf(2) ** b,
    np.positive: lambda a: a,
    np.conjugate: lambda a: a,
    np.negative: lambda a: -a,
    np.fabs: abs,
    np.square: lambda a: a * a,
    np.reciprocal: lambda a: 1 / a,
    np.exp2: lambda a: mpmath.mpf(2) ** a,
    np.log2: lambda a: mpmath.log(a) / mpmath.log(2),
    np.arctan2: mpmath.atan2,
    **{
        getattr(np, f"arc{name}"): getattr(mpmath, f"a{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
}


def exact(ufunc: Any) -> Callable[..., Any]:
    return MPMATH.get(ufunc) or getattr(mpmath, OTHERS.get(ufunc, ufunc.__name__))


@pytest.mark.parametrize("ufunc", SLOPES, ids=lambda ufunc: ufunc.__name__)
def test_derivatives(ufunc: Any) -> None:
    first = INSIDE.get(ufunc, 0.7)
    operands: list[Any] = [first] if ufunc.nin == 1 else [first, 3 if ufunc is np.ldexp else 1.3]
    for at in range(1 if ufunc is np.ldexp else ufunc.nin):
        duals = [Dual(np.array([x]), 1.0 if at == i else 0.0) if i == at else x for i, x in enumerate(operands)]
        found = ufunc(*duals)
        with mpmath.workdps(60):
            step = mpmath.mpf(10) ** -25
            sides = [
                exact(ufunc)(*(x + s * step if i == at else mpmath.mpf(x) for i, x in enumerate(operands)))
                for s in (1, -1)
            ]
            expected = float((sides[0] - sides[1]) / (2 * step))
        if ufunc is np.nextafter:
            expected = 1.0 - at
        assert found.slope[0] == pytest.approx(expected, rel=4e-15, abs=1e-25)
        assert found.value[0] == ufunc(*operands)


X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]])
DX = np.array([[1.0, 2.0, -3.0], [0.5, 0.0, 4.0]])
W = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]])


def overwritten(x: Any) -> Any:
    result = np.empty_like(x)
    result[x > 0.0] = np.log(x[x > 0.0])
    result[~(x > 0.0)] = 0.0
    result[:, 1] += x[:, 0] * x[:, 2]
    return result


def with_out(x: Any) -> Any:
    result = np.zeros_like(x)
    np.multiply(x, x, out=result, where=x > 0.0)
    result *= 2.0
    return result


def put(x: Any) -> Any:
    result = np.zeros_like(x)
    np.put_along_axis(result, np.array([[0], [2]]), x[:, :1] ** 2, 1)
    return result


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: (x * x).sum(axis=1),
    "np.sum": lambda x: np.sum(x * x, axis=0, keepdims=True),
    "mean": lambda x: np.mean(x**3),
    "max": lambda x: np.max(x * x, axis=1),
    "max of all": lambda x: (x * x).max(),
    "min": lambda x: (x * x).min(axis=0, keepdims=True),
    "max with initial": lambda x: x.max(axis=1, initial=2.5),
    "maximum.reduce": lambda x: np.maximum.reduce(x * x, axis=1),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "add.reduce": lambda x: np.add.reduce(x * x, axis=1, keepdims=True),
    "prod": lambda x: np.prod(x, axis=1),
    "cumsum": lambda x: np.cumsum(x * x, axis=1),
    "cumprod": lambda x: np.cumprod(x, axis=1),
    "where": lambda x: np.where(x > 0.0, x * x, -x),
    "clip": lambda x: np.clip(x, -1.0, 1.0) ** 2,
    "clip from below": lambda x: np.clip(x, 0.0, None) ** 2,
    "matmul": lambda x: (x @ W) ** 2,
    "matmul from the left": lambda x: W @ (x * x),
    "dot": lambda x: x.dot(x.T),
    "einsum": lambda x: np.einsum("ij,ik->jk", x, x * x),
    "outer": lambda x: np.outer(x[0], x[1]),
    "concatenate": lambda x: np.concatenate([x, np.ones((1, 3)), x * x]),
    "stack": lambda x: np.stack([x[0], x[1] * x[1]], axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x * x, np.array([[1], [2]]), 1),
    "fancy": lambda x: (x * x)[np.arange(2), [2, 0]],
    "transpose": lambda x: np.moveaxis(x * x, 0, 1).T,
    "reshape": lambda x: (x * x).reshape(-1, 2)[:, None],
    "sort": lambda x: np.sort(x * x, axis=1),
    "diff": lambda x: np.diff(x * x, axis=1),
    "norm": lambda x: np.linalg.norm(x, axis=1),
    "broadcast": lambda x: np.broadcast_to(x[:1] ** 2, (4, 3)),
    "overwritten": overwritten,
    "with out": with_out,
    "put_along_axis": put,
    "frexp": lambda x: np.frexp(1.1 * x)[0] * 8.0,
    "iterated": lambda x: sum(row * row for row in x),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    """Value and derivative along DX; the derivative against the central difference of the same program."""
    program, step = PROGRAMS[name], 2.0**-17
    found = program(Dual(X.copy(), DX.copy()))
    expected = (program(X + step * DX) - program(X - step * DX)) / (2.0 * step)
    np.testing.assert_array_equal(found.value, program(X.copy()))
    np.testing.assert_allclose(found.slope, expected, rtol=1e-7, atol=1e-8)


def test_what_would_lose_the_derivative_is_refused() -> None:
    dual, plain = Dual(X.copy(), DX), np.zeros((2, 3))
    with pytest.raises(TypeError, match="would be lost"):
        plain[:] = dual
    with pytest.raises(TypeError, match="would be lost"):
        np.asarray(dual)
    with pytest.raises(TypeError):
        np.fft.fft(dual)
    plain += dual  # this one takes the place of the array
    assert isinstance(plain, Dual)


def test_what_does_not_move_is_plain() -> None:
    dual = Dual(X.copy(), DX)
    for result in (dual > 0.0, np.isfinite(dual), dual.argmax(axis=1), np.argsort(dual, axis=1), np.any(dual > 1.0)):
        assert not isinstance(result, Dual)
    assert float(dual[0, 0]) == 0.5
    assert np.array_equal(np.sign(dual), np.sign(X))


def test_what_stands_still_has_no_part_even_where_the_slope_is_infinite() -> None:
    """d/dx (√0 + x) is 1: the root's slope at 0 is infinite, and its operand does not move."""
    root: Any = np.sqrt(Dual(np.zeros(1), np.zeros(1)))
    assert (root + Dual(np.zeros(1), 1.0)).slope.tolist() == [1.0]
