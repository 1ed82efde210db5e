"""Lines of formulas worked out for all units at once, with the way back from a slope of the last to those of inputs.

A value is a number for all (0 axes), a number a unit (1), or a row a unit (2); rows that all units share have length 1
on the first axis.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from losscli.numerics.sigmoid import sigmoid
from losscli.schema.formulas import COMPARISONS, Line, Meaning, value
from losscli.schema.loss import Array
from losscli.schema.records import record

Back = Callable[[Array], Array]


@record
class Traced:
    """A value that depends on inputs, and how its slope goes back to those that it was made of."""

    value: Array
    made_of: tuple[tuple[Traced, Back], ...] = ()


def worked_out(lines: Iterable[Line], named: Mapping[str, Any]) -> dict[str, Any]:
    """What every name stands for once all lines are worked out; where no condition of a line holds, it is 0."""
    known = dict(named)
    for line in lines:
        condition = True if line.condition is None else _plain(value(line.condition, known, ALL_UNITS))
        if np.ndim(condition):
            known[line.name] = _where(condition, value(line.formula, known, ALL_UNITS), known.get(line.name, 0.0))
        elif condition:
            known[line.name] = value(line.formula, known, ALL_UNITS)
    return known


def slopes(last: Traced, up: Array, inputs: Mapping[str, Traced]) -> dict[str, Array]:
    """The slopes of the sum of `up` times the last line's value with respect to inputs."""
    order: list[Traced] = []
    seen: set[int] = set()

    def visit(node: Traced) -> None:
        if id(node) not in seen:
            seen.add(id(node))
            for source, _ in node.made_of:
                visit(source)
            order.append(node)

    visit(last)
    coming: dict[int, Array] = {id(last): np.broadcast_to(up, last.value.shape)}
    for node in reversed(order):
        arrived = coming.get(id(node))
        if arrived is None:
            continue
        for source, back in node.made_of:
            going = back(arrived)
            coming[id(source)] = coming[id(source)] + going if id(source) in coming else going
    return {name: coming.get(id(leaf), np.zeros_like(leaf.value)) for name, leaf in inputs.items()}


def _plain(operand: Any) -> Any:
    return operand.value if isinstance(operand, Traced) else operand


def _lifted(*operands: Any) -> list[Any]:
    """Numbers a unit as columns, where there are rows beside them."""
    rows = any(np.ndim(operand) == 2 for operand in operands)
    return [operand[:, None] if rows and np.ndim(operand) == 1 else operand for operand in operands]


def _sent_back(up: Array, slope: Any, like: Array) -> Array:
    """A slope times what it is a slope of, in the shape of an operand; 0 of an infinite slope is 0."""
    going = np.where(up == 0.0, 0.0, up * slope)
    return going.sum(axis=1) if going.ndim > like.ndim else going


def _made(result: Any, *operands: tuple[Any, Callable[[], Any]]) -> Any:
    """A result with the way back to those operands that depend on inputs, each with its slope."""
    sources = tuple(
        (operand, lambda up, slope=slope, like=operand.value: _sent_back(up, slope(), like))
        for operand, slope in operands
        if isinstance(operand, Traced)
    )
    return Traced(np.asarray(result), sources) if sources else result


Binary = Callable[[Any, Any], Any]


def _two(function: Binary, left_slope: Binary, right_slope: Binary) -> Binary:
    """A function of two values, element by element, with its slopes."""

    def of(left: Any, right: Any) -> Any:
        x, y = _lifted(_plain(left), _plain(right))
        return _made(
            function(x, y), (left, lambda: np.asarray(left_slope(x, y))), (right, lambda: np.asarray(right_slope(x, y)))
        )

    return of


def _one(function: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def of(operand: Any) -> Any:
        x = _plain(operand)
        return _made(function(x), (operand, lambda: slope(x)))

    return of


def _of_row(function: Callable[[Array], Array], slope: Callable[[Array, Array], Any]) -> Callable[[Any], Any]:
    """A number of each row; of a number a unit, that number."""

    def of(operand: Any) -> Any:
        x = _plain(operand)
        if np.ndim(x) < 2:
            return operand
        result = function(x)
        if not isinstance(operand, Traced):
            return result
        return Traced(result, ((operand, lambda up: _sent_back(up[:, None], slope(x, result[:, None]), x)),))

    return of


def _product(x: Any, y: Any) -> Any:
    product = np.multiply(x, y)
    return np.where((np.equal(x, 0) & np.isinf(y)) | (np.equal(y, 0) & np.isinf(x)), 0.0, product)


def _log_sum_exp(rows: Array) -> Array:
    largest = rows.max(axis=1)
    return np.asarray(largest + np.log(np.exp(rows - largest[:, None]).sum(axis=1)))


def _where(condition: Any, yes: Any, no: Any) -> Any:
    truth, x, y = _lifted(_plain(condition), _plain(yes), _plain(no))
    return _made(
        np.where(truth, x, y),
        (yes, lambda: np.where(truth, 1.0, 0.0)),
        (no, lambda: np.where(truth, 0.0, 1.0)),
    )


def _norm(row: Any, power: Any = 2.0) -> Any:
    p = float(_plain(power))
    if p == 0.0:
        raise ValueError("there is no norm of power 0")
    if np.isinf(p):
        return _FUNCTIONS["max"](_FUNCTIONS["abs"](row))
    return _OPERATORS[ast.Pow](_FUNCTIONS["sum"](_OPERATORS[ast.Pow](_FUNCTIONS["abs"](row), p)), 1.0 / p)


def _distribution(truth: Any, row: Any) -> Any:
    labels = _plain(truth)
    return truth if np.ndim(labels) == 2 else np.eye(_size(row))[np.asarray(labels, dtype=np.intp)]


def _others(row: Any, label: Any) -> Any:
    x, at = _plain(row), np.asarray(_plain(label), dtype=np.intp)
    kept = np.ones(x.shape, dtype=bool)
    kept[np.arange(len(x)), at] = False

    def back(up: Array) -> Array:
        whole = np.zeros(x.shape)
        whole[kept] = up.reshape(-1)
        return whole

    rest = x[kept].reshape(len(x), -1)
    return Traced(rest, ((row, back),)) if isinstance(row, Traced) else rest


def _entry(row: Any, label: Any) -> Any:
    x, at = _plain(row), np.asarray(_plain(label))
    if np.ndim(x) < 2:
        return row
    if at.ndim != 1 or at.dtype.kind not in "iu":
        raise TypeError("an entry is named by a label")
    rows = np.arange(len(at)) if len(x) > 1 else np.zeros(len(at), dtype=np.intp)

    def back(up: Array) -> Array:
        whole = np.zeros(x.shape)
        whole[rows, at] = up
        return whole

    return Traced(x[rows, at], ((row, back),)) if isinstance(row, Traced) else x[rows, at]


def _size(operand: Any) -> int:
    shape = np.shape(_plain(operand))
    return shape[1] if len(shape) == 2 else 1


def _compared(compare: Callable[..., Any]) -> Binary:
    def of(left: Any, right: Any) -> Any:
        x, y = _plain(left), _plain(right)
        return compare(*(_lifted(x, y) if isinstance(x, np.ndarray) and isinstance(y, np.ndarray) else (x, y)))

    return of


def _ones(x: Any) -> Any:
    return np.ones_like(x)


_OPERATORS: dict[type[ast.operator], Binary] = {
    ast.Add: _two(np.add, lambda x, _: _ones(x), lambda _, y: _ones(y)),
    ast.Sub: _two(np.subtract, lambda x, _: _ones(x), lambda _, y: -_ones(y)),
    ast.Mult: _two(_product, lambda _, y: y, lambda x, _: x),
    ast.Div: _two(np.divide, lambda _, y: np.divide(1.0, y), lambda x, y: -np.divide(np.divide(x, y), y)),
    ast.Pow: _two(
        np.float_power,
        lambda x, y: np.where(np.equal(y, 0.0), 0.0, y * np.float_power(x, np.subtract(y, 1.0))),
        lambda x, y: np.float_power(x, y) * np.log(x),
    ),
    ast.MatMult: lambda left, right: _FUNCTIONS["sum"](_OPERATORS[ast.Mult](left, right)),
}
_LARGER = _two(np.maximum, np.greater_equal, lambda x, y: np.greater(y, x))
_SMALLER = _two(np.minimum, np.less_equal, lambda x, y: np.less(y, x))
_LARGEST = _of_row(lambda x: x.max(axis=1), np.equal)
_SMALLEST = _of_row(lambda x: x.min(axis=1), np.equal)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _one(np.abs, np.sign),
    "all": lambda truths: np.all(_plain(truths)),
    "distribution": _distribution,
    "exp": _one(np.exp, np.exp),
    "expm1": _one(np.expm1, np.exp),
    "finite": lambda x: np.isfinite(_plain(x)),
    "log": _one(np.log, lambda x: np.divide(1.0, x)),
    "log1p": _one(np.log1p, lambda x: np.divide(1.0, 1.0 + x)),
    "logsumexp": _of_row(_log_sum_exp, lambda x, y: np.exp(x - y)),
    "max": lambda *x: _LARGEST(x[0]) if len(x) == 1 else reduce(_LARGER, x),
    "mean": _of_row(
        lambda x: x.sum(axis=1) / max(1, x.shape[1]), lambda x, _: np.full(x.shape, 1.0 / max(1, x.shape[1]))
    ),
    "min": lambda *x: _SMALLEST(x[0]) if len(x) == 1 else reduce(_SMALLER, x),
    "ndim": lambda x: max(0, np.ndim(_plain(x)) - 1),
    "norm": _norm,
    "ones": lambda x: np.ones_like(_plain(x)),
    "others": _others,
    "sigmoid": _one(lambda x: np.asarray(sigmoid(x)), lambda x: np.asarray(sigmoid(x)) * np.asarray(sigmoid(-x))),
    "sinh": _one(np.sinh, np.cosh),
    "size": _size,
    "softplus": _one(lambda x: np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x))), lambda x: np.asarray(sigmoid(x))),
    "sqrt": _one(np.sqrt, lambda x: np.divide(0.5, np.sqrt(x))),
    "sum": _of_row(lambda x: x.sum(axis=1), lambda x, _: np.ones(x.shape)),
    "weighted": lambda weight, x: x if weight is None else _OPERATORS[ast.Mult](weight, x),
    "where": _where,
    "xlogy": _two(
        lambda x, y: np.where(np.equal(x, 0), 0.0, x * np.log(y)),
        lambda _, y: np.log(y),
        np.divide,
    ),
}
ALL_UNITS = Meaning(
    _OPERATORS,
    {sign: _compared(compare) for sign, compare in COMPARISONS.items()},
    _FUNCTIONS,
    _one(np.negative, lambda x: -_ones(x)),
    _entry,
)
