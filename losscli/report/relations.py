"""The identities of a loss on some data, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from losscli.checks.relations import FAILS, HOLDS, RULE, Comparison, Identity
from losscli.report.formats import Screen
from losscli.report.grid import grid
from losscli.report.tables import console, drawn
from losscli.report.text import jsonable, to_csv, to_json, to_markdown
from losscli.schema.text import plural, printable, significant

_STYLES = {HOLDS: "bold green", FAILS: "bold red"}
_HEADER = ("relation", "verdict", "compared", "this", "other", "difference_ulps", "allowed_ulps", "condition")


def as_format(identities: Sequence[Identity], form: str, signature: str, screen: Screen, digits: int | None) -> str:
    """Each identity with both its sides, their difference in ulps, and its verdict."""
    if form == "json":
        return to_json({"schema": 1, "rows": [_object(identity) for identity in identities]}) + "\n"
    if form == "csv":
        return to_csv([_HEADER, *(row for each in identities for row in _rows(each, None))])
    if form == "markdown":
        rows = to_markdown([_HEADER, *(row for each in identities for row in _rows(each, digits))])
        return f"`{signature}`\n\n{rows}\n{RULE[0].upper()}{RULE[1:]}.\n"
    return _as_table(identities, signature, screen, digits)


def _as_table(identities: Sequence[Identity], signature: str, screen: Screen, digits: int | None) -> str:
    from rich.text import Text

    paper = console(screen)
    paper.print(Text(signature, style="dim"), soft_wrap=True)
    for each in identities:
        paper.print()
        paper.print(Text.assemble((each.verdict, _STYLES.get(each.verdict, "bold")), "  ", printable(each.text)))
        if each.condition:
            paper.print(Text(f"  {_condition(each)}", style="dim"))
        lines = [_line(what, sides, digits) for what, sides in _compared(each)]
        if lines:
            paper.print(grid(lines))
        if each.undecided:
            paper.print(Text(f"  {_lost(each)}", style="dim"))
    if not identities:
        paper.print("this loss states no identities")
    elif any(each.verdict in _STYLES for each in identities):
        paper.print()
        paper.print(Text(f"{RULE[0].upper()}{RULE[1:]}.", style="dim"))
    return drawn(paper)


def _line(what: str, sides: Comparison, digits: int | None) -> tuple[str, ...]:
    ulps = _ulps(sides.difference_ulps)
    allowed = f"{ulps}, {sides.allowed_ulps:.3g} allowed"
    return (f"  {what}", significant(sides.this, digits), significant(sides.other, digits), allowed)


def _ulps(count: int) -> str:
    return plural(count, "ulp") if count < 10**6 else f"{count:.1e} ulps"


def _compared(each: Identity) -> list[tuple[str, Comparison]]:
    """What was compared, by name."""
    found = []
    if each.worst is not None:
        index = ",".join(map(str, each.sample))
        found.append((f"sample {index}" if index else "the sample", each.worst))
    if each.reduced is not None:
        found.append((" and ".join(dict.fromkeys(each.reductions)), each.reduced))
    return found


def _condition(each: Identity) -> str:
    return printable(each.condition if each.verdict not in _STYLES else f"given: {each.condition}")


def _lost(each: Identity) -> str:
    return f"{plural(each.undecided, 'sample')} of {each.samples} left out: rounding leaves nothing of the inputs"


def _rows(each: Identity, digits: int | None) -> list[list[str]]:
    compared: list[tuple[str, Comparison | None]] = [*_compared(each)] or [("", None)]
    return [
        [
            each.text,
            each.verdict,
            what,
            "" if sides is None else significant(sides.this, digits),
            "" if sides is None else significant(sides.other, digits),
            "" if sides is None else str(sides.difference_ulps),
            "" if sides is None else significant(sides.allowed_ulps, 3),
            each.condition,
        ]
        for what, sides in compared
    ]


def _object(each: Identity) -> dict[str, Any]:
    """One row: `this` and `other` are of the worst sample, or of the reduced values where those alone are compared."""
    main = each.worst or each.reduced
    return {
        "relation": each.text,
        "other_loss": each.other_loss,
        "verdict": each.verdict,
        "condition": each.condition,
        "this": None if main is None else main.this,
        "other": None if main is None else main.other,
        "difference_ulps": None if main is None else main.difference_ulps,
        "allowed_ulps": None if main is None else jsonable(main.allowed_ulps),
        "sample": list(each.sample) if each.worst is not None else None,
        "samples": each.samples,
        "undecided": each.undecided,
        "reductions": list(each.reductions) if each.reduced is not None else None,
        "reduced_this": None if each.reduced is None else each.reduced.this,
        "reduced_other": None if each.reduced is None else each.reduced.other,
        "reduced_difference_ulps": None if each.reduced is None else each.reduced.difference_ulps,
    }
