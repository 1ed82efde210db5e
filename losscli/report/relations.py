"""The identities of a loss on some data, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from losscli.checks.relations import FAILS, HOLDS, RULE, Comparison, Identity
from losscli.report.report import (
    Cell,
    Column,
    Heading,
    Part,
    Prose,
    Report,
    Signature,
    rows_document,
    table_of,
    words_table,
)
from losscli.schema.text import plural

_HEADER = ("relation", "verdict", "compared", "this", "other", "difference_ulps", "allowed_ulps", "condition")
_EMPTY: tuple[Cell, ...] = (None,) * 4
_COLUMNS = (
    Column("compared", left=True),
    Column("this loss", digits=None),
    Column("the other", digits=None),
    Column("ulps apart"),
    Column("allowed", digits=3),
)


def report(identities: Sequence[Identity], signature: str) -> Report:
    """Each identity with both its sides, their difference in ulps, and its verdict."""
    groups: list[tuple[Part, ...]] = [(Signature(signature),)]
    for identity in identities:
        parts: list[Part] = [Heading(identity.text, identity.verdict)]
        if identity.condition:
            given = "given: " if identity.verdict in (HOLDS, FAILS) else ""
            parts.append(Prose(f"{given}{identity.condition}", dim=True, indent=2))
        if rows := [_row(what, sides) for what, sides in _compared(identity)]:
            parts.append(table_of(_COLUMNS, rows))
        if identity.undecided:
            parts.append(Prose(_lost(identity), dim=True, indent=2))
        groups.append(tuple(parts))
    if not identities:
        groups.append((Prose("this loss states no identities"),))
    elif any(identity.verdict in (HOLDS, FAILS) for identity in identities):
        groups.append((Prose(f"{RULE[0].upper()}{RULE[1:]}.", dim=True),))
    objects = [_object(identity) for identity in identities]
    rows = [row for identity in identities for row in _rows(identity)]
    return Report(tuple(groups), rows_document(objects), words_table(_HEADER, rows))


def _row(what: str, sides: Comparison) -> tuple[Cell, ...]:
    return what, sides.this, sides.other, _ulps(sides.difference_ulps), sides.allowed_ulps


def _ulps(count: int) -> str:
    return str(count) if count < 10**6 else f"{count:.1e}"


def _compared(each: Identity) -> list[tuple[str, Comparison]]:
    """What was compared, by name."""
    found = []
    if each.worst is not None:
        index = ",".join(map(str, each.sample))
        found.append((f"sample {index}" if index else "the sample", each.worst))
    if each.reduced is not None:
        found.append((" and ".join(dict.fromkeys(each.reductions)), each.reduced))
    return found


def _lost(each: Identity) -> str:
    return f"{plural(each.undecided, 'sample')} of {each.samples} left out: rounding leaves nothing of the inputs"


def _rows(each: Identity) -> list[tuple[Cell, ...]]:
    compared: list[tuple[str, Comparison | None]] = [*_compared(each)] or [("", None)]
    return [
        (each.text, each.verdict, what, *(_EMPTY if sides is None else _sides(sides)), each.condition)
        for what, sides in compared
    ]


def _sides(sides: Comparison) -> tuple[Cell, ...]:
    return sides.this, sides.other, sides.difference_ulps, sides.allowed_ulps


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
        "allowed_ulps": None if main is None else main.allowed_ulps,
        "sample": list(each.sample) if each.worst is not None else None,
        "samples": each.samples,
        "undecided": each.undecided,
        "reductions": list(each.reductions) if each.reduced is not None else None,
        "reduced_this": None if each.reduced is None else each.reduced.this,
        "reduced_other": None if each.reduced is None else each.reduced.other,
        "reduced_difference_ulps": None if each.reduced is None else each.reduced.difference_ulps,
    }
