"""What became of gradients, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from losscli.checks.comparison import Comparison
from losscli.checks.gradcheck import CLOSE, COLUMNS, FAILS, HOLDS, Checked, Kink
from losscli.report.formats import Screen
from losscli.report.grid import grid
from losscli.report.tables import console, drawn
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.schema.text import plural, printable, significant
from losscli.verify.verify import Explanation, Verified

_STYLES = {HOLDS: "bold green", FAILS: "bold red"}
_HEADER = ("role", "kind", "method", "verdict", "elements", "checked", "kinks", "bounded", "failing")
_NUMBERS = ("worst_difference", "index", "gradient", "expected")
_SHOWN_KINKS = 10
_DIGITS = 3


def as_format(
    ours: Sequence[Checked], given: Verified | None, form: str, signature: str, screen: Screen, digits: int | None
) -> str:
    """A row for each input and each road to its derivative, and one for each given gradient."""
    claims = () if given is None else given.claims
    objects = [*map(_object, ours), *map(_object_of_given, claims)]
    if form == "json":
        return to_json({"schema": 1, "rows": objects}) + "\n"
    if form == "csv":
        return to_csv([(*_HEADER, *_NUMBERS), *(_cells(each, None) for each in objects)])
    if form == "markdown":
        rows = to_markdown([(*_HEADER, *_NUMBERS), *(_cells(each, digits) for each in objects)])
        return f"`{signature}`\n\n{rows}"
    explanations = () if given is None else given.explanations
    return _as_table(ours, claims, explanations, signature, screen, digits)


def _as_table(
    ours: Sequence[Checked],
    given: Sequence[Comparison],
    explanations: Sequence[Explanation],
    signature: str,
    screen: Screen,
    digits: int | None,
) -> str:
    from rich.text import Text

    paper = console(screen)
    paper.print(Text(signature, style="dim"), soft_wrap=True)
    paper.print()
    rows: list[tuple[str, ...]] = [("", "gradient to", "checked by", "elements", "worst difference", "at")]
    rows += [_row(each, digits) for each in ours]
    rows += [_row_of_given(each, digits) for each in given]
    paper.print(grid(rows, ("bold",)))
    first = {each.role: each for each in reversed(ours)}.values()  # the road that sees all elements
    lines = [_contract(each) for each in first if each.bounded]
    lines += [line for each in ours for line in _remarks(each, digits)]
    lines += [_remark_of_given(each) for each in given]
    lines += [f"{each.text[:1].upper()}{each.text[1:]} ({each.mistake}): {each.cure}." for each in explanations]
    for line in lines:
        paper.print()
        paper.print(Text(printable(line)))
    kinks = list({(each.role, kink.index): (each.role, kink) for each in ours for kink in each.bent}.values())
    if kinks:
        paper.print()
        paper.print(Text("Kinks: any number between the derivatives from both sides is a subgradient."))
        shown = kinks[:_SHOWN_KINKS]
        paper.print(grid([("  gradient to", "at", "left", "right", "ours"), *(_kink(*each, digits) for each in shown)]))
        if len(kinks) > len(shown):
            paper.print(Text(f"  and {len(kinks) - len(shown)} more: -f json", style="dim"))
    paper.print()
    paper.print(Text(_rule(), style="dim"))
    return drawn(paper)


def _rule() -> str:
    return (
        f"A difference counts as a share of the sample's largest slope; {CLOSE:g} is allowed between a gradient and a"
        f" derivative. Of rows of more than {COLUMNS}, {COLUMNS} columns are sampled."
    )


def _row(each: Checked, digits: int | None) -> tuple[str, ...]:
    counted = f"{each.checked} of {each.elements}" if each.checked != each.elements else str(each.elements)
    worst = significant(each.worst, digits or _DIGITS) if each.index or each.checked else ""
    return each.verdict, each.role, each.method, counted, worst, _index(each.index)


def _row_of_given(each: Comparison, digits: int | None) -> tuple[str, ...]:
    worst = significant(_farthest(each), digits or _DIGITS)
    return _verdict(each), each.claim.role, f"yours: {each.claim.source}", str(each.elements), worst, _index(_at(each))


def _remarks(each: Checked, digits: int | None) -> list[str]:
    """What must be said in words about one row."""
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
    """What to say of slopes that a convention's constants set."""
    return (
        f"{each.role}: at {plural(each.bounded, 'element')} the convention's constants set the gradient, which by"
        " contract is not the derivative there; without them (--convention exact) it is."
    )


def _kink(role: str, kink: Kink, digits: int | None) -> tuple[str, ...]:
    left, right, ours = (significant(x, digits or 6) for x in (kink.left, kink.right, kink.gradient))
    return f"  {role}", _index(kink.index), left, right, f"{ours}, {'inside' if kink.inside else 'outside'}"


def _verdict(each: Comparison) -> str:
    return HOLDS if each.holds else FAILS


def _at(each: Comparison) -> tuple[int, ...]:
    return () if each.worst is None else each.worst.index


def _farthest(each: Comparison) -> float:
    """The difference of the element farthest out, as a share of the largest slope."""
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


def _cells(row: dict[str, Any], digits: int | None) -> list[str]:
    numbers = [row[name] for name in _NUMBERS]
    texts = [
        _index(tuple(number)) if isinstance(number, list) else "" if number is None else significant(number, digits)
        for number in numbers
    ]
    return [*(str(row[name]) for name in _HEADER), *texts]
