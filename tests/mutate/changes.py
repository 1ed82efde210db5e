"""The small changes: a sign, a term, a factor, a comparison, an order of arguments, a constant, a condition."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_OTHER_OPERATOR: dict[type[ast.operator], tuple[str, type[ast.operator]]] = {
    ast.Add: ("sign", ast.Sub),
    ast.Sub: ("sign", ast.Add),
    ast.Mult: ("inverse", ast.Div),
    ast.Div: ("inverse", ast.Mult),
    ast.BitAnd: ("condition", ast.BitOr),
    ast.BitOr: ("condition", ast.BitAnd),
}
_OTHER_COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_OTHER_FUNCTION = {
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "log1p": "log",
    "expm1": "exp",
    "greater": "greater_equal",
    "less": "less_equal",
    "subtract": "add",
    "add": "subtract",
    "divide": "multiply",
    "multiply": "divide",
}
_DROPPED = ("abs", "square", "sqrt", "negative")
_SYMMETRIC = (
    "two_sum",
    "two_product",
    "isclose",
    "zip",
    "concatenate",
    "broadcast_to",
    "full",
    "arange",
    "stack",
    "equal",
    "total_of_products",
)
_DEFINED = ("denominator", "divisor", "check", "kinks")  # what `define` is told besides the kernel


@dataclass(frozen=True)
class Mutant:
    """A file with one change. Its `id` names no line, so that it stays when others move."""

    id: str
    line: int
    source: str


def mutants(path: Path) -> list[Mutant]:
    """Every change of a file, each made alone; of equal changes in one function the first keeps the plain name."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    for place, node in _nodes(ast.parse(source), path.stem if "losses" in path.parts else ""):
        for kind, other in _changes(node):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            text = ast.unparse(other)
            changed = text if isinstance(other, ast.stmt) else f"({text})"
            name = f"{path.stem}.{place}: {kind}: {ast.unparse(node)[:90]} -> {text[:90]}"
            seen[name] = seen.get(name, 0) + 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            found.append(Mutant(name, node.lineno, (source[:begin] + changed.encode() + source[end:]).decode()))
    return found


def _nodes(tree: ast.Module, kernel: str) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    """What may be changed: the bodies of functions, and what `define` is told of denominators.

    Of a loss, which has a kernel, only what its numbers need: its identities and its worked example are compared with
    them by tests.
    """
    functions = {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef)}
    told = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg in _DEFINED]
    chosen = _needed([functions[kernel], *told], functions) if kernel in functions else set(functions)
    for statement in ast.walk(ast.Module([part for part in tree.body if getattr(part, "name", "") in chosen], [])):
        if isinstance(statement, ast.FunctionDef):
            for part in statement.body:
                yield from ((statement.name, node) for node in _inside(part))
    for part in tree.body:
        if isinstance(part, ast.ClassDef):
            for method in (method for method in part.body if isinstance(method, ast.FunctionDef)):
                yield from ((method.name, node) for line in method.body for node in _inside(line))
    yield from (("define", node) for value in told for node in _inside(value))


def _needed(roots: Sequence[ast.AST], functions: dict[str, ast.FunctionDef]) -> set[str]:
    """The functions of the module that the roots name, and those that these name."""
    found: set[str] = {root.name for root in roots if isinstance(root, ast.FunctionDef)}
    pending = list(roots)
    while pending:
        for node in ast.walk(pending.pop()):
            if isinstance(node, ast.Name) and node.id in functions and node.id not in found:
                found.add(node.id)
                pending.append(functions[node.id])
    return found


def _inside(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """All below, but for nested functions (met on their own), texts, indices and types."""
    if isinstance(node, (ast.FunctionDef, ast.JoinedStr, ast.Raise)):
        return
    if isinstance(node, (ast.expr, ast.stmt)) and hasattr(node, "lineno"):
        yield node
    if isinstance(node, ast.AnnAssign):
        children: list[ast.AST] = [node.value] if node.value else []
    elif isinstance(node, ast.Subscript):
        children = [node.value]
    elif isinstance(node, ast.keyword) and node.arg in ("axis", "dtype", "out", "where", "copy"):
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from _inside(child)


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.AugAssign) and type(node.op) in _OTHER_OPERATOR:
        kind, other = _OTHER_OPERATOR[type(node.op)]
        yield kind, ast.AugAssign(node.target, other(), node.value)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield "sign" if isinstance(node.op, ast.USub) else "condition", node.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OTHER_COMPARISON:
        yield "comparison", ast.Compare(node.left, [_OTHER_COMPARISON[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        yield "constant", ast.Constant(node.value * 2 if node.value else node.value + 1)
        if node.value == 1:
            yield "constant", ast.Constant(node.value - 1)
    elif isinstance(node, ast.IfExp):
        yield "condition", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.BoolOp):
        yield "condition", ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if type(node.op) in _OTHER_OPERATOR:
        kind, other = _OTHER_OPERATOR[type(node.op)]
        yield kind, ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, (ast.Add, ast.Sub)):
        yield "dropped term", node.left
        yield "dropped term", node.right
    elif isinstance(node.op, (ast.Mult, ast.Div, ast.Pow)):
        yield "dropped factor", node.left
    if isinstance(node.op, ast.Mult):
        yield "dropped factor", node.right


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    args = node.args
    if name in _OTHER_FUNCTION and isinstance(node.func, ast.Attribute):
        yield (
            "function",
            ast.Call(ast.Attribute(node.func.value, _OTHER_FUNCTION[name], ast.Load()), args, node.keywords),
        )
    if name in _DROPPED and len(args) == 1 and not node.keywords:
        yield "dropped function", args[0]
    if name in ("where", "clip") and len(args) == 3:
        yield "swapped", ast.Call(node.func, [args[0], args[2], args[1]], node.keywords)
    elif len(args) >= 2 and name[:1].islower() and name not in (*_OTHER_FUNCTION, *_SYMMETRIC):
        yield "swapped", ast.Call(node.func, [args[1], args[0], *args[2:]], node.keywords)
