"""Formulas as text that is executed: `loss = delta * (error - delta / 2), if error > delta`.

A formula is a Python expression of names, numbers, comparisons, arithmetic and the functions below, and nothing else:
its syntax tree is walked, never run by Python. What is shown is made of the same tree, so that text and number cannot
drift. A product with a factor of 0 is 0, whatever the other factor: 0·inf counts as 0 in this project.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from math import inf, pi
from operator import eq, getitem, ne
from typing import Any

import numpy as np

from losscli.numerics.sigmoid import sigmoid
from losscli.schema.records import record


@record
class Line:
    """A line of a worked example: `name = formula`, where `condition` holds (None: always)."""

    name: str
    formula: ast.expr
    condition: ast.expr | None


@cache
def line(text: str) -> Line:
    """The line that `name = formula` or `name = formula, if condition` says."""
    assignment, _, condition = text.partition(", if ")
    name, _, formula = assignment.partition(" = ")
    return Line(name, parsed(formula), parsed(condition) if condition else None)


@cache
def parsed(text: str) -> ast.expr:
    """The syntax tree of a formula."""
    return ast.parse(text, mode="eval").body


def worked(lines: Iterable[str], named: Mapping[str, Any], settings: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """The lines whose conditions hold, worked out one after the other: name, text and number.

    Of `settings` those that are numbers are shown as such: constants, which have no name for users. A condition that
    depends on settings and the form of the data alone is not shown.
    """
    known = dict(named)
    rows = []
    for parts in map(line, lines):
        if parts.condition is None or np.all(value(parts.condition, known)):
            known[parts.name] = value(parts.formula, known)
            text = shown(parts.formula, settings)
            if parts.condition is not None and names(parts.condition, inside_form=False) - set(settings):
                text += f", since {shown(parts.condition, settings)}"
            rows.append((parts.name, text, known[parts.name]))
    return rows


def names(tree: ast.expr, *, inside_form: bool = True) -> set[str]:
    """The inputs, options and earlier lines that a formula names; or without those of which it asks the form alone."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    skipped = {id(call.func) for call in calls}
    for call in calls:
        if not inside_form and isinstance(call.func, ast.Name) and call.func.id in ("ndim", "size"):
            skipped |= {id(argument) for argument in call.args}
    every = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in skipped}
    return every - set(_NUMBERS)


@record
class Meaning:
    """What the signs and the functions of formulas do: with the entries of one unit, or with those of all at once."""

    operators: Mapping[type[ast.operator], Callable[..., Any]]
    comparisons: Mapping[type[ast.cmpop], Callable[..., Any]]
    functions: Mapping[str, Callable[..., Any]]
    negative: Callable[[Any], Any]
    entry: Callable[[Any, Any], Any]  # of a row


def value(tree: ast.expr, named: Mapping[str, Any], meaning: Meaning | None = None) -> Any:
    """What a formula gives: a number, an array or, of a condition, a truth."""
    means = meaning or ONE_UNIT
    match tree:
        case ast.Constant():
            return tree.value
        case ast.Name():
            return _NUMBERS[tree.id] if tree.id in _NUMBERS else named[tree.id]
        case ast.BinOp() if type(tree.op) in means.operators:
            return means.operators[type(tree.op)](value(tree.left, named, means), value(tree.right, named, means))
        case ast.UnaryOp(op=ast.USub()):
            return means.negative(value(tree.operand, named, means))
        case ast.UnaryOp(op=ast.Not()):
            return np.logical_not(value(tree.operand, named, means))
        case ast.Compare(ops=[operator], comparators=[right]) if type(operator) in means.comparisons:
            return means.comparisons[type(operator)](value(tree.left, named, means), value(right, named, means))
        case ast.BoolOp():
            return _joined(tree, named, means)
        case ast.Subscript():
            return means.entry(value(tree.value, named, means), value(tree.slice, named, means))
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in means.functions:
            return means.functions[name](*(value(argument, named, means) for argument in tree.args))
    raise TypeError(
        f"{ast.unparse(tree)} is no formula: names, numbers, operators and the functions of schema/formulas.py are;"
        " a branch is a line of its own: `…, if condition`"
    )


def _joined(tree: ast.BoolOp, named: Mapping[str, Any], means: Meaning) -> Any:
    """`and` and `or` of truths or of arrays of them; what no longer matters is not worked out."""
    decides = isinstance(tree.op, ast.Or)
    join = np.logical_or if decides else np.logical_and
    truth = value(tree.values[0], named, means)
    for part in tree.values[1:]:
        if np.ndim(truth) == 0 and bool(truth) == decides:
            return decides
        truth = join(truth, value(part, named, means))
    return truth


def _product(left: Any, right: Any) -> Any:
    product = np.multiply(left, right)
    return np.where(np.equal(left, 0) & np.isinf(right) | np.equal(right, 0) & np.isinf(left), 0.0, product)[()]


def _largest(*values: Any) -> Any:
    return np.max(values[0]) if len(values) == 1 else reduce(np.maximum, values)


def _smallest(*values: Any) -> Any:
    return np.min(values[0]) if len(values) == 1 else reduce(np.minimum, values)


def _logsumexp(row: Any) -> Any:
    at = np.argmax(row)
    return row[at] + np.log1p(np.sum(np.exp(np.delete(row, at) - row[at])))


def _where(condition: Any, yes: Any, no: Any) -> Any:
    chosen: Any = np.where(condition, yes, no)
    return chosen[()]


def _distribution(truth: Any, row: Any) -> Any:
    """A distribution over the classes of a row, or the one that is all on a label."""
    return truth if np.ndim(truth) else np.eye(len(row))[int(truth)]


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


_NUMBERS = {"inf": inf, "pi": pi}
_OPERATORS: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: _product,
    ast.Div: np.divide,
    ast.Pow: np.float_power,
    ast.MatMult: np.matmul,
}
COMPARISONS: dict[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "all": np.all,
    "distribution": _distribution,
    "exp": np.exp,
    "expm1": np.expm1,
    "finite": np.isfinite,
    "log": np.log,
    "log1p": np.log1p,
    "logsumexp": _logsumexp,
    "max": _largest,
    "mean": np.mean,
    "min": _smallest,
    "ndim": np.ndim,
    "norm": np.linalg.norm,
    "others": np.delete,
    "ones": np.ones_like,
    "sigmoid": lambda x: np.asarray(sigmoid(x))[()],
    "sinh": np.sinh,
    "size": np.size,
    "softplus": _softplus,
    "sqrt": np.sqrt,
    "sum": np.sum,
    "weighted": lambda weight, x: x if weight is None else _product(weight, x),
    "where": _where,
    "xlogy": lambda x, y: np.where(np.equal(x, 0), 0.0, x * np.log(y)),
}
ONE_UNIT = Meaning(_OPERATORS, COMPARISONS, _FUNCTIONS, np.negative, getitem)

# For display
_OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _MINUS, _POWER, _ATOM = range(9)
_SIGNS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: (" + ", _SUM),
    ast.Sub: (" - ", _SUM),
    ast.Mult: (" · ", _TERM),
    ast.Div: (" / ", _TERM),
    ast.MatMult: (" · ", _TERM),
    ast.Pow: ("^", _POWER),
    ast.Lt: (" < ", _COMPARE),
    ast.LtE: (" ≤ ", _COMPARE),
    ast.Gt: (" > ", _COMPARE),
    ast.GtE: (" ≥ ", _COMPARE),
    ast.Eq: (" = ", _COMPARE),
    ast.NotEq: (" ≠ ", _COMPARE),
    ast.And: (" and ", _AND),
    ast.Or: (" or ", _OR),
}
_SUPERSCRIPTS: dict[object, str] = {2: "²", 3: "³", 4: "⁴"}
_SPELLED = {
    "expm1": "exp(x) - 1",
    "log1p": "log(1 + x)",
    "sigmoid": "1 / (1 + exp(-x))",
    "softplus": "log(1 + exp(x))",
}


def shown(tree: ast.expr, settings: Mapping[str, Any] | None = None) -> str:
    """A formula as people write it: `delta · (error - delta / 2)`, `|difference|²`, `Σ input · target`."""
    return _spelled(tree, settings or {})[0]


def _spelled(tree: ast.expr, settings: Mapping[str, Any]) -> tuple[str, int]:
    """The text and how closely its outermost operator binds."""

    def inside(part: ast.expr, least: int) -> str:
        text, binds = _spelled(part, settings)
        return text if binds >= least else f"({text})"

    match tree:
        case _ if (rest := _without_neutral(tree, settings)) is not tree:
            return _spelled(rest, settings)
        case ast.Name(id=name) if isinstance(settings.get(name), float):
            return f"{settings[name]:.10g}", _ATOM
        case ast.Constant() if tree.value is not None:
            return str(tree.value).removesuffix(".0"), _ATOM
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=power)) if power in _SUPERSCRIPTS:
            return inside(tree.left, _ATOM) + _SUPERSCRIPTS[power], _POWER
        case ast.BinOp(op=ast.Add(), right=ast.UnaryOp(op=ast.USub(), operand=part)):
            return _spelled(ast.BinOp(tree.left, ast.Sub(), part), settings)
        case ast.BinOp():
            sign, binds = _SIGNS[type(tree.op)]
            after = binds + isinstance(tree.op, (ast.Sub, ast.Div, ast.Pow))
            return inside(tree.left, binds) + sign + inside(tree.right, after), binds
        case ast.UnaryOp(op=ast.USub(), operand=ast.Call(func=ast.Name(id="expm1"), args=[part])):
            return _spelled(_with_x("1 - exp(x)", part), settings)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Call(func=ast.Name(id="sum"))):
            return "-" + inside(tree.operand, _OR), _SUM
        case ast.UnaryOp(op=ast.USub()):
            return "-" + inside(tree.operand, _TERM), _MINUS
        case ast.UnaryOp(op=ast.Not()):
            return "not " + inside(tree.operand, _NOT), _NOT
        case ast.Compare(ops=[ast.Is()]):
            return f"no {inside(tree.left, _ATOM)}", _NOT
        case ast.Compare(ops=[ast.IsNot()]):
            return f"with {inside(tree.left, _ATOM)}", _NOT
        case ast.Compare(ops=[operator], comparators=[right]):
            sign, binds = _SIGNS[type(operator)]
            return inside(tree.left, _SUM) + sign + inside(right, _SUM), binds
        case ast.BoolOp():
            sign, binds = _SIGNS[type(tree.op)]
            return sign.join(inside(part, binds) for part in tree.values), binds
        case ast.Call(func=ast.Name(id="abs"), args=[part]):
            return f"|{inside(part, _OR)}|", _ATOM
        case ast.Call(func=ast.Name(id="sqrt"), args=[part]):
            return "√" + inside(part, _ATOM), _POWER
        case ast.Call(func=ast.Name(id="sum"), args=[part]):
            return "Σ " + inside(part, _TERM), _MINUS if isinstance(part, ast.Name) else _SUM
        case ast.Call(func=ast.Name(id="logsumexp"), args=[part]):
            return f"log Σ exp({inside(part, _OR)})", _SUM
        case ast.Call(func=ast.Name(id="xlogy"), args=[factor, part]):
            return f"{inside(factor, _TERM)} · log({inside(part, _OR)})", _TERM
        case ast.Call(func=ast.Name(id=name), args=[part]) if name in _SPELLED:
            return _spelled(_with_x(_SPELLED[name], part), settings)
        case ast.Call(func=ast.Name(id=name)):
            return f"{name}({', '.join(inside(part, _OR) for part in tree.args)})", _ATOM
    return ast.unparse(tree), _ATOM


def _without_neutral(tree: ast.expr, settings: Mapping[str, Any]) -> ast.expr:
    """A formula without a constant that changes nothing in it: a term 0, a factor 1, an infinite bound."""
    match tree:
        case ast.BinOp(op=ast.Add(), right=ast.Name(id=name)) if settings.get(name) == 0.0:
            return tree.left
        case ast.BinOp(op=ast.Mult(), left=ast.Name(id=name)) if settings.get(name) == 1.0:
            return tree.right
        case ast.Call(func=ast.Name(id="max" | "min"), args=[part, ast.Name(id=name)]) if settings.get(name) in (
            -inf,
            inf,
        ):
            return part
    return tree


def _with_x(text: str, x: ast.expr) -> ast.expr:
    """A formula of x for another x; minus a minus is nothing."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return x if node.id == "x" else node

        def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
            inner = self.visit(node.operand)
            twice = isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub)
            return inner.operand if twice else ast.UnaryOp(node.op, inner)

    tree: ast.expr = Put().visit(ast.parse(text, mode="eval").body)
    return tree
