"""The parts of a formula, and formulas with other parts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import copy

Rebuild = Callable[[ast.expr], ast.expr]


def parts(tree: ast.expr) -> Iterator[tuple[ast.expr, Rebuild]]:
    """Every part of a formula that is one itself, and how the formula is made with another in its place."""
    yield tree, lambda new: new
    for name, field in ast.iter_fields(tree):
        for at, child in enumerate(field) if isinstance(field, list) else ((None, field),):
            if isinstance(child, ast.expr) and name != "func":
                for part, rebuild in parts(child):
                    yield part, _putting(tree, name, at, rebuild)


def _putting(tree: ast.expr, name: str, at: int | None, rebuild: Rebuild) -> Rebuild:
    def put(new: ast.expr) -> ast.expr:
        whole = copy(tree)
        inside = rebuild(new)
        if at is None:
            setattr(whole, name, inside)
        else:
            setattr(whole, name, [inside if place == at else child for place, child in enumerate(getattr(tree, name))])
        return whole

    return put


def everywhere(tree: ast.expr, change_of: Callable[[ast.expr], ast.expr | None]) -> ast.expr:
    """The formula with every part changed that `change_of` gives another for, from the inside out."""
    whole = copy(tree)
    for name, field in ast.iter_fields(tree):
        if name == "func":
            continue
        if isinstance(field, list):
            setattr(whole, name, [everywhere(c, change_of) if isinstance(c, ast.expr) else c for c in field])
        elif isinstance(field, ast.expr):
            setattr(whole, name, everywhere(field, change_of))
    changed = change_of(whole)
    return whole if changed is None else changed


def exchanged(tree: ast.expr, first: str, second: str) -> ast.expr:
    """A formula with two names in each other's place."""
    other = {first: second, second: first}
    return everywhere(
        tree, lambda part: ast.Name(other[part.id]) if isinstance(part, ast.Name) and part.id in other else None
    )


def call_of(name: str, *arguments: ast.expr) -> ast.expr:
    """A function of arguments."""
    return ast.Call(ast.Name(name), list(arguments), [])


def both(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """Two parts with an operator between them."""
    return ast.BinOp(left, operator, right)


def factors_of(tree: ast.expr) -> list[ast.expr]:
    """The parts that are multiplied; a sign is the factor -1."""
    match tree:
        case ast.BinOp(op=ast.Mult()):
            return [*factors_of(tree.left), *factors_of(tree.right)]
        case ast.UnaryOp(op=ast.USub()):
            return [ast.Constant(-1), *factors_of(tree.operand)]
    return [tree]


def times(factors: list[ast.expr]) -> ast.expr:
    """The product of factors."""
    product = factors[0]
    for factor in factors[1:]:
        product = both(product, ast.Mult(), factor)
    return product
