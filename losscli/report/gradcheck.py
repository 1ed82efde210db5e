"""Checked gradients as a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from losscli.checks.comparison import Comparison
from losscli.checks.gradcheck import CLOSE, COLUMNS, FAILS, HOLDS, Checked, Kink
from losscli.report.report import Cell, Column, Part, Prose, Report, Signature, rows_document, table_of, words_table
from losscli.schema.text import plural, significant
from losscli.verify.verify import Verified

_HEADER = ("role", "kind", "method", "verdict", "elements", "checked", "kinks", "bounded", "failing")
_NUMBERS = ("worst_difference", "index", "gradient", "expected")
_COLUMNS = (
    Column("verdict", left=True),
    Column("gradient to", left=True, strong=True),
    Column("checked by", left=True, wraps=True),
    Column("elements"),
    Column("worst difference", digits=3),
    Column("at"),
)
_KINK_COLUMNS = (
    Column("gradient to", left=True),
    Column("at"),
    Column("left"),
    Column("right"),
    Column("ours"),
    Column("which is", left=True),
)
_SHOWN_KINKS = 10
_RULE = (
    f"A difference is relative to the sample's largest slope; {CLOSE:g} is allowed between a gradient and a"
    f" derivative. Of rows of more than {COLUMNS}, {COLUMNS} columns are sampled."
)
_ITSELF = (
    "{0} was compared with its own derivatives; whether it is the right loss was not judged. To judge that:"
    " losscli verify LOSS … --claim-per-sample {0}"
)


def report(
    ours: Sequence[Checked], given: Verified | None, signature: str, digits: int | None, function: str = ""
) -> Report:
    """One row per input and method of differentiation, and one per given gradient; `function` is the user's own."""
    claims = () if given is None else given.claims
    rows = [*map(_row, ours), *map(_row_of_given, claims)]
    first = {check.role: check for check in reversed(ours)}.values()  # the road that sees all elements
    remarks = [_contract(check) for check in first if check.bounded]
    remarks += [line for check in ours for line in _remarks(check, digits)]
    remarks += map(_remark_of_given, claims)
    explanations = () if given is None else given.explanations
    remarks += [f"{each.text[:1].upper()}{each.text[1:]} ({each.mistake}): {each.cure}." for each in explanations]
    kinks = list({(each.role, kink.index): (each.role, kink) for each in ours for kink in each.bent}.values())
    objects = [*map(_object, ours), *map(_object_of_given, claims)]
    groups: list[tuple[Part, ...]] = [(Signature(signature),), (table_of(_COLUMNS, rows),)]
    groups += [tuple(map(Prose, remarks))] if remarks else []
    groups += [_kinks(kinks)] if kinks else []
    groups.append((Prose(_RULE, dim=True),))
    groups += [(Prose(_ITSELF.format(function)),)] if function else []
    sheet = words_table((*_HEADER, *_NUMBERS), list(map(_cells, objects)))
    return Report(tuple(groups), rows_document(objects), sheet)


def _kinks(kinks: Sequence[tuple[str, Kink]]) -> tuple[Part, ...]:
    shown = [_kink(*kink) for kink in kinks[:_SHOWN_KINKS]]
    more = f"{len(kinks) - len(shown)} more: -f json" if len(kinks) > len(shown) else ""
    rule = Prose("Kinks: any number between the derivatives from both sides is a subgradient.")
    return rule, table_of(_KINK_COLUMNS, shown, more)


def _row(check: Checked) -> tuple[Cell, ...]:
    counted: Cell = f"{check.checked} of {check.elements}" if check.checked != check.elements else check.elements
    worst = check.worst if check.index or check.checked else None
    return check.verdict, check.role, check.method, counted, worst, _index(check.index)


def _row_of_given(claim: Comparison) -> tuple[Cell, ...]:
    source = f"yours: {claim.claim.source}"
    return _verdict(claim), claim.claim.role, source, claim.elements, _farthest(claim), _index(_at(claim))


def _remarks(each: Checked, digits: int | None) -> list[str]:
    """Sentences about one row."""
    found = []
    if each.failing:
        found.append(
            f"{each.role}, {each.method}: {plural(each.failing, 'element')} off; the worst, at {_index(each.index)},"
            f" is {significant(each.gradient, digits)}, and the derivative {significant(each.derivative, digits)}."
        )
    if each.undecided:
        found.append(f"{each.role}, {each.method}: {plural(each.undecided, 'element')} could not be judged.")
    return found


def _remark_of_given(each: Comparison) -> str:
    start = f"Your gradient with respect to {each.claim.role}"
    if each.holds:
        return f"{start} agrees with ours within {each.rule}."
    if each.weak:
        return f"{start} is {each.rule}."
    theirs, ours = float(each.claim.values.flat[each.at]), float(each.ours.flat[each.at])
    return (
        f"{start}: {each.beyond} of {each.elements} elements differ by more than {each.rule}; the worst, at"
        f" {_index(_at(each))}, is {theirs!r}, and ours {ours!r}."
    )


def _contract(each: Checked) -> str:
    """Sentences about gradients that a convention's constants set."""
    return (
        f"{each.role}: at {plural(each.bounded, 'element')} the convention's constants set the gradient, which by"
        " contract is not the derivative there; without them (--convention exact) it is."
    )


def _kink(role: str, kink: Kink) -> tuple[Cell, ...]:
    side = "inside" if kink.inside else "outside"
    return role, _index(kink.index), kink.left, kink.right, kink.gradient, side


def _verdict(each: Comparison) -> str:
    return HOLDS if each.holds else FAILS


def _at(each: Comparison) -> tuple[int, ...]:
    return () if each.worst is None else each.worst.index


def _farthest(each: Comparison) -> float:
    """The largest difference, relative to the largest slope."""
    largest = float(np.max(np.abs(each.ours), initial=0.0))
    return float(each.distances.flat[each.at]) / largest if each.elements and largest else each.difference


def _index(index: tuple[int, ...]) -> str:
    return ",".join(map(str, index))


def _object(each: Checked) -> dict[str, Any]:
    return {
        "role": each.role,
        "kind": "ours",
        "method": each.method,
        "source": None,
        "verdict": each.verdict,
        "elements": each.elements,
        "checked": each.checked,
        "kinks": each.kinks,
        "bounded": each.bounded,
        "undecided": each.undecided,
        "failing": each.failing,
        "worst_difference": each.worst,
        "index": list(each.index),
        "gradient": each.gradient,
        "expected": each.derivative,
        "subdifferentials": [
            {
                "index": list(kink.index),
                "left": kink.left,
                "right": kink.right,
                "gradient": kink.gradient,
                "inside": kink.inside,
            }
            for kink in each.bent
        ],
    }


def _object_of_given(each: Comparison) -> dict[str, Any]:
    return {
        "role": each.claim.role,
        "kind": "given",
        "method": each.rule,
        "source": each.claim.source,
        "verdict": _verdict(each),
        "elements": each.elements,
        "checked": each.elements,
        "kinks": 0,
        "bounded": 0,
        "undecided": 0,
        "failing": each.beyond,
        "worst_difference": _farthest(each),
        "index": list(_at(each)),
        "gradient": float(each.claim.values.flat[each.at]) if each.elements else None,
        "expected": float(each.ours.flat[each.at]) if each.elements else None,
        "subdifferentials": [],
    }


def _cells(row: dict[str, Any]) -> list[Cell]:
    numbers = [row[name] for name in _NUMBERS]
    cells = [_index(tuple(number)) if isinstance(number, list) else number for number in numbers]
    return [*(row[name] for name in _HEADER), *cells]
