"""Mistakes in a line of a formula: general changes of its syntax tree, whatever loss it is of.

Each rule looks at one part of a formula and says what a person may have written in its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from losscli.schema.formulas import parsed, shown
from losscli.schema.records import record
from losscli.verify.diagnosis.formulas.trees import Rebuild, both, call_of, everywhere, factors_of, times
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.reductions.scaling import BASE_2, BASE_10

declare = area("formula")
_WRITE = "write {right}"
_LEFT_OUT = declare("{what}_left_out", "A", "{piece} was left out: {wrong} was computed", _WRITE, later=1)
ONE_BRANCH = declare(
    "one_branch_everywhere", "A", "one branch was taken everywhere: {wrong}", "take each branch where it holds", later=1
)
BRANCHES_EXCHANGED = declare(
    "branches_exchanged", "A", "the branches stand in each other's place: {wrong}", "exchange them", later=1
)
_SIGN = declare("sign_of_{what}", "A", "the sign of {piece} is turned round: {wrong} was computed", _WRITE, later=2)
_TAKEN_FOR = declare("{other}_for_{what}", "A", "the {other} was taken, not the {what}: {wrong}", _WRITE, later=2)
_SQUARED = declare("squared", "B", "{piece} was squared: {wrong} was computed", _WRITE)
_PARENTHESES = declare("parentheses_left_out", "B", "the parentheses were left out: {wrong} was computed", _WRITE)
_TRUE_CLASS = declare(
    "true_class_counted", "A", "the true class was counted among the others: {wrong}", "leave the true class out"
)
_TRUE_CLASS_ALONE = declare(
    "true_class_only", "A", "the true class alone was taken, not all classes: {wrong}", "sum over all classes"
)
_DIVIDED_BY_OTHERS = declare(
    "divided_by_others", "A", "it was divided by C - 1, the number of the other classes", "divide by C", later=2
)
_PRODUCT = declare("product_for_power", "B", "{piece} was multiplied, where a power is meant: {wrong}", _WRITE)
_ONE_ADDED = declare("one_added", "B", "1 was added: {wrong} was computed", _WRITE)
_MISPLACED = declare(
    "power_misplaced", "B", "the power {piece} was taken of another part: {wrong} was computed", _WRITE
)
_OTHER_WAY = declare(
    "divergence_exchanged", "A", "the two distributions stand in each other's place: {wrong} was computed", _WRITE
)
_TWICE = declare("same_term_twice", "B", "the same term was taken twice: {wrong} was computed", _WRITE, later=2)
_OF_DIFFERENCE = declare(
    "{function}_of_difference", "B", "the {function} was taken of the difference: {wrong}", _WRITE, later=1
)
_OPTION = declare("{option}_{form}", "B", "{option} stands as {wrong}", "take {option} as it is", later=2)
SWAPPED = declare(
    "{option}_and_{other}_swapped", "A", "{option} and {other} stand in each other's place", "exchange them"
)
ABS_OF_CONDITION = declare(
    "abs_left_out_of_condition",
    "A",
    "the condition asked {wrong}, without the absolute value",
    "compare the absolute value",
    later=2,
)
ON_ONE_SIDE = declare(
    "{what}_on_one_side",
    "B",
    "{piece} was applied in one place, and not in another: {wrong} was computed",
    "apply it in both places",
    later=1,
)
AFTER_MEAN = declare(
    "{what}_of_mean",
    "A",
    "the mean of {inner} was taken first, and then {function} of it, not of each sample",
    "take the mean last",
)
_FORMS = {"squared": "{} ** 2", "root": "sqrt({})", "inverse": "1 / {}", "complement": "1 - {}"}


@record
class Change:
    """What stands in the place of a part of a formula, and the mistake that put it there: `said` fills its text."""

    mistake: Mistake
    part: ast.expr
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.mistake.name.format(**self.said)


def changes(part: ast.expr, numbers: frozenset[str]) -> Iterator[Change]:
    """What may stand in the place of a part; `numbers` are the options that are single numbers."""
    match part:
        case ast.Call(func=ast.Name(id=name), args=arguments):
            yield from _of_call(part, name, arguments)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield from _of_sum(part)
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            yield from _of_product(part)
        case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
            yield from _of_power(base, exponent)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            yield _turned(inner, inner)
        case ast.Name(id=name) if name in numbers:
            for form, text in _FORMS.items():
                yield Change(_OPTION, parsed(text.format(name)), {"option": name, "form": form})


def _left_out(what: str, piece: str, rest: ast.expr) -> Change:
    return Change(_LEFT_OUT, rest, {"what": what, "piece": piece})


def _turned(term: ast.expr, new: ast.expr) -> Change:
    return Change(_SIGN, new, {"what": word(term, "term"), "piece": shown(term)})


def word(tree: ast.expr, otherwise: str) -> str:
    """What a part is called in the name of a mistake."""
    match tree:
        case ast.Name(id=name):
            return name
        case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
            return word(inner, otherwise)
        case ast.Constant(value=1):
            return "one"
        case ast.Constant(value=2):
            return "two"
    return otherwise


_LOGARITHMS = ("log", "log1p")
_FUNCTION_WORDS = {
    "abs": ("abs", "the absolute value"),
    "log": ("log", "the logarithm"),
    "log1p": ("log", "the logarithm"),
    "exp": ("exp", "the exponential"),
    "sqrt": ("root", "the root"),
    "sigmoid": ("sigmoid", "the sigmoid"),
    "logsumexp": ("log", "the logarithm of the sum"),
}


def _of_call(part: ast.expr, name: str, arguments: list[ast.expr]) -> Iterator[Change]:
    first = arguments[0]
    if name in _FUNCTION_WORDS and name != "logsumexp":
        inner = both(first, ast.Add(), ast.Constant(1)) if name == "log1p" else first
        if name in _LOGARITHMS:
            for mistake, base in ((BASE_10, 10), (BASE_2, 2)):
                yield Change(mistake, both(part, ast.Div(), call_of("log", ast.Constant(base))), {})
        yield _left_out(*_FUNCTION_WORDS[name], inner)
    match name, arguments:
        case "max" | "min", [left, right]:
            for kept, dropped in ((left, right), (right, left)):
                if not isinstance(kept, ast.Constant):
                    piece = f"{name}({', '.join(('…', shown(dropped)))})"
                    yield _left_out("clamp", piece, kept)
            other = "min" if name == "max" else "max"
            yield Change(_TAKEN_FOR, call_of(other, left, right), {"other": other, "what": name})
        case "max", [row]:
            for other in ("sum", "mean"):
                yield Change(_TAKEN_FOR, call_of(other, row), {"other": other, "what": "max"})
        case "sum", [row]:
            for other in ("mean", "max"):
                yield Change(_TAKEN_FOR, call_of(other, row), {"other": other, "what": "sum"})
            yield Change(_TRUE_CLASS_ALONE, ast.Subscript(row, ast.Name("target")), {})
            squared = call_of("sum", both(row, ast.Pow(), ast.Constant(2)))
            yield Change(_SQUARED, squared, {"piece": shown(row)})
        case "mean", [row]:
            yield Change(_TAKEN_FOR, call_of("sum", row), {"other": "sum", "what": "mean"})
        case "log", [x]:
            yield Change(_ONE_ADDED, call_of("log1p", x), {})
        case "log1p", [x]:
            yield _left_out("one", "the 1 under the logarithm", call_of("log", x))
        case "softplus", [x]:
            yield _left_out("log", "log(1 + …)", call_of("exp", x))
            yield Change(_ONE_ADDED, call_of("softplus", both(ast.Constant(1), ast.Add(), x)), {})
        case "xlogy", [x, y]:
            if isinstance(y, ast.BinOp) and isinstance(y.op, ast.Div) and ast.dump(x) == ast.dump(y.left):
                yield Change(_OTHER_WAY, call_of("xlogy", y.right, both(y.right, ast.Div(), y.left)), {})
            yield _left_out("log", "the logarithm", both(x, ast.Mult(), y))
            yield _left_out(word(x, "factor"), f"the factor {shown(x)}", call_of("log", y))
        case "norm", [row, power]:
            size = both(call_of("abs", row), ast.Pow(), power)
            yield _left_out("root", "the root", call_of("sum", size))
        case "others", [row, _]:
            yield Change(_TRUE_CLASS, row, {})
        case "size", [_]:
            yield Change(_DIVIDED_BY_OTHERS, both(part, ast.Sub(), ast.Constant(1)), {})


def _of_sum(part: ast.BinOp) -> Iterator[Change]:
    left, right = part.left, part.right
    plus = isinstance(part.op, ast.Add)
    if isinstance(left, ast.Constant) and left.value == 1 and not plus:
        yield _left_out("one_minus", "1 - …", right)
        yield _left_out("one", "the 1", ast.UnaryOp(ast.USub(), right))
        if isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow):
            complement = both(left, ast.Sub(), right.left)
            yield Change(_MISPLACED, both(complement, ast.Pow(), right.right), {"piece": shown(right.right)})
    else:
        yield _left_out(
            word(left, "term"), f"the term {shown(left)}", right if plus else ast.UnaryOp(ast.USub(), right)
        )
    yield _left_out(word(right, "term"), f"the term {shown(right)}", left)
    yield _turned(right, both(left, ast.Sub() if plus else ast.Add(), right))
    yield _turned(left, both(right if plus else ast.UnaryOp(ast.USub(), right), ast.Sub(), left))
    yield _turned_both(part)
    for kept in (left, right) if plus else ():
        if not isinstance(kept, ast.Constant):
            yield Change(_TWICE, both(kept, part.op, kept), {})
    match left, right:
        case ast.Call(func=ast.Name(id=f), args=[x]), ast.Call(func=ast.Name(id=g), args=[y]) if f == g and not plus:
            distance = call_of(f, call_of("abs", both(x, ast.Sub(), y)))
            yield Change(_OF_DIFFERENCE, distance, {"function": _FUNCTION_WORDS.get(f, (f,))[0]})
    if (branches := _branches(part)) is not None:
        yield Change(ONE_BRANCH, branches[0], {})
        yield Change(ONE_BRANCH, branches[1], {})
        yield Change(BRANCHES_EXCHANGED, branches[2], {})


def _turned_both(part: ast.BinOp) -> Change:
    """What is turned round is a difference as a whole: b - a for a - b, -a - b for a + b."""
    inner = both(part.right, ast.Sub(), part.left)
    new = inner if isinstance(part.op, ast.Sub) else ast.UnaryOp(ast.USub(), part)
    return Change(_SIGN, new, {"what": "difference", "piece": shown(part)})


def _truth_of(part: ast.BinOp) -> tuple[ast.expr, ast.expr] | None:
    """The factors t and 1 - t, in either order, of what is blended by a target t."""
    for factor in factors_of(part.left):
        for other in factors_of(part.right):
            for truth, rest in ((factor, other), (other, factor)):
                match truth, rest:
                    case ast.Name(id="target"), ast.BinOp(
                        op=ast.Sub(), left=ast.Constant(value=1), right=ast.Name(id="target")
                    ):
                        return factor, other
    return None


def _branches(part: ast.BinOp) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    """The two branches of `a · t + b · (1 - t)`, and the sum with them exchanged; None if a sum is no such."""
    truths = _truth_of(part)
    if truths is None:
        return None
    left_truth, right_truth = truths
    left = [factor for factor in factors_of(part.left) if factor is not left_truth]
    right = [factor for factor in factors_of(part.right) if factor is not right_truth]
    if isinstance(part.op, ast.Sub):
        right = [ast.Constant(-1), *right]
    one, other = times(left or [ast.Constant(1)]), times(right or [ast.Constant(1)])
    return one, other, both(both(one, ast.Mult(), right_truth), ast.Add(), both(other, ast.Mult(), left_truth))


def _of_product(part: ast.BinOp) -> Iterator[Change]:
    left, right = part.left, part.right
    if isinstance(part.op, ast.Mult):
        for kept, dropped in ((right, left), (left, right)):
            match dropped:
                case ast.Constant(value=2):
                    yield _left_out("two", "the factor 2", kept)
                case ast.Constant():
                    yield _left_out("half" if dropped.value == 0.5 else "factor", f"the {shown(dropped)}", kept)
                case _:
                    yield _left_out(word(dropped, "factor"), f"the factor {shown(dropped)}", kept)
    else:
        for piece, rest in _divisors(right):
            what = "half" if isinstance(piece, ast.Constant) and piece.value == 2 else "divisor"
            text = "the 1/2" if what == "half" else f"the division by {shown(piece)}"
            yield _left_out(what, text, left if rest is None else both(left, ast.Div(), rest))
        if not isinstance(right, ast.Constant):
            yield Change(_ONE_ADDED, both(left, ast.Div(), both(right, ast.Add(), ast.Constant(1))), {})
    match left:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield Change(_PARENTHESES, both(left.left, left.op, both(left.right, part.op, right)), {})
    match right:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            yield Change(_PARENTHESES, both(both(left, part.op, right.left), right.op, right.right), {})


def _divisors(tree: ast.expr) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Each factor of a divisor, and what is left of it without."""
    factors = factors_of(tree)
    for at, factor in enumerate(factors):
        rest = [*factors[:at], *factors[at + 1 :]]
        yield factor, times(rest) if rest else None


def _of_power(base: ast.expr, exponent: ast.expr) -> Iterator[Change]:
    match base:
        case ast.Call(func=ast.Name(id="max"), args=[ast.Constant() as bound, ast.BinOp(op=ast.Sub()) as gap]):
            inside = both(gap.left, gap.op, both(gap.right, ast.Pow(), exponent))
            yield Change(_MISPLACED, call_of("max", bound, inside), {"piece": shown(exponent)})
    if isinstance(exponent, ast.Constant) and exponent.value == 2:
        yield _left_out("square", "the square", call_of("abs", base))
        yield _left_out("square", "the square", base)
        return
    yield _left_out(word(exponent, "exponent"), f"the exponent {shown(exponent)}", base)
    yield Change(_PRODUCT, both(base, ast.Mult(), exponent), {"piece": shown(exponent)})
    match base:
        case ast.BinOp(op=ast.Sub(), left=ast.Constant(value=1), right=x):
            power = both(ast.Constant(1), ast.Sub(), both(x, ast.Pow(), exponent))
            yield Change(_PARENTHESES, power, {})


def function_of(part: ast.expr) -> tuple[ast.expr, Rebuild, str] | None:
    """What a function is applied to, the function of another, and its word; None for what is linear."""
    match part:
        case ast.BinOp(op=ast.Pow(), left=inner, right=ast.Constant() | ast.Name() as exponent):
            return inner, lambda new: both(new, ast.Pow(), exponent), "square"
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=[bound, inner] | [inner, bound]) if isinstance(
            bound, ast.Constant
        ):
            return inner, lambda new: call_of(name, bound, new), "clamp"
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _FUNCTION_WORDS and name != "logsumexp":
            return inner, lambda new: call_of(name, new), _FUNCTION_WORDS[name][0]
    return None


def without_abs(tree: ast.expr, plain: Mapping[str, ast.expr]) -> ast.expr | None:
    """A condition that compares the number itself where its absolute value is meant; None if it compares none."""

    def change_of(part: ast.expr) -> ast.expr | None:
        match part:
            case ast.Name(id=name) if name in plain:
                return plain[name]
            case ast.Call(func=ast.Name(id="abs"), args=[inner]):
                return inner
        return None

    changed = everywhere(tree, change_of)
    return None if ast.dump(changed) == ast.dump(tree) else changed
