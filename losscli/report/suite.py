"""The outcomes of suites as a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from losscli.checks.comparison import Comparison
from losscli.report.report import Cell, Column, Ending, Heading, Part, Prose, Report, table_of
from losscli.report.writers.json import to_json
from losscli.report.writers.texts import shown
from losscli.schema.spelling import SUITE, asked_in
from losscli.schema.text import plural, shortest
from losscli.suites.model import ERROR, HOLDS, REFUTED, Outcome, SuiteRun
from losscli.suites.update import Remainder, Update

_MOST_SHOWN = 64  # elements of an array that an update leaves to its user
_COLUMNS = (
    Column("status", left=True),
    Column("case", left=True, strong=True, wraps=True),
    Column("expected", optional=True),
    Column("value", digits=None),
    Column("place", left=True, optional=True),
)


def report(run: SuiteRun) -> Report:
    """The outcome of each case, the reasons of those that do not hold, and the counts."""
    rows = [(each.status, each.name, _claimed(each), _value(each), f"{each.file}:{each.line}") for each in run.cases]
    groups: list[tuple[Part, ...]] = [(table_of(_COLUMNS, rows, elsewhere="-f json"),)]
    endings = [
        Ending(each.file, each.line, each.name, each.status, tuple(message(each)), each.seconds) for each in run.cases
    ]
    for outcome in run.cases:
        if outcome.status != HOLDS:
            heading = Heading(outcome.name, outcome.status, f"{outcome.file}:{outcome.line}")
            first, *rest = _reasons(outcome)
            groups += [(heading, *first), *rest]
    counts = {"holds": run.count(HOLDS), "refuted": run.count(REFUTED), "errors": run.count(ERROR)}
    return Report(
        tuple(groups),
        partial(_document, run, counts),
        endings=tuple(endings),
        summary=summary(run),
    )


def _document(run: SuiteRun, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"schema": 1, "cases": [_object(outcome) for outcome in run.cases], **counts}


def message(outcome: Outcome) -> list[str]:
    """Why a case does not hold, in lines; none if it does."""
    if outcome.status == HOLDS:
        return []
    if outcome.verified is None:
        return list(outcome.faults)
    from losscli.report.verify import lines

    with asked_in(SUITE):
        return lines(outcome.verified)


def _reasons(outcome: Outcome) -> list[tuple[Part, ...]]:
    """Why a case does not hold, in groups of parts."""
    if outcome.verified is None:
        return [tuple(Prose(line, indent=2) for line in outcome.faults)]
    from losscli.report.verify import parts

    with asked_in(SUITE):
        return parts(outcome.verified)


def in_one_line(outcome: Outcome) -> str:
    """Why a case does not hold, for a list of many: `0.3594, ours 0.36748: mean_of_batch_means`."""
    if outcome.verified is None or outcome.value is None:
        return outcome.faults[0] if outcome.faults else outcome.status
    mistake = f": {outcome.explanations[0].mistake}" if outcome.explanations else ""
    ours = f", ours {outcome.value:.6g}" if isinstance(outcome.value, float) else ""
    return f"{_claimed(outcome)}{ours}{mistake}"


def summary(run: SuiteRun) -> str:
    """`3 cases: 2 hold, 1 is refuted`."""
    hold, refuted, errors = (run.count(status) for status in (HOLDS, REFUTED, ERROR))
    parts = [f"{hold} {'holds' if hold == 1 else 'hold'}"]
    if refuted:
        parts.append(f"{refuted} refuted")
    if errors:
        parts.append(plural(errors, "error"))
    return f"{plural(len(run.cases), 'case')}: {', '.join(parts)}"


def _object(outcome: Outcome) -> dict[str, Any]:
    explanations: list[dict[str, Any]] = []
    if outcome.explanations:
        from losscli.verify.document import explanation_object

        explanations = [explanation_object(each, hint_only=False) for each in outcome.explanations]
    return {
        "file": outcome.file,
        "line": outcome.line,
        "name": outcome.name,
        "status": outcome.status,
        "value": outcome.value,
        "message": "\n".join(message(outcome)),
        "explanations": explanations,
        "per_sample": outcome.per_sample,
        "gradients": None if outcome.gradients is None else dict(outcome.gradients),
    }


def _claimed(outcome: Outcome) -> str:
    """The expected value as written; for arrays their number."""
    claims = () if outcome.verified is None else outcome.verified.claims
    if not claims:
        return ""
    first, more = claims[0], len(claims) - 1
    bound = {"at_most": "≤ ", "at_least": "≥ "}.get(first.claim.kind, "")
    text = first.text or shortest(float(first.claim.values)) if first.single else plural(first.elements, "number")
    return f"{bound}{text}{f' + {more} more' if more else ''}"


def _value(outcome: Outcome) -> Cell:
    value = outcome.value
    return value if value is None or isinstance(value, float) else plural(value.size, "number")


def differences(updated: Sequence[Update], rest: Sequence[Remainder]) -> list[str]:
    """The changes of an update as one diff per file, and what the user must change."""
    from difflib import unified_diff

    lines = []
    for update in updated:
        old, new = update.before.splitlines(), update.after.splitlines()
        lines += list(unified_diff(old, new, update.file, update.file, lineterm="", n=0))
    for each in rest:
        place = f"{each.outcome.file}:{each.outcome.line} {each.outcome.name}"
        lines += [f"{place}: not rewritten: {_ours(each.outcome, claim)}" for claim in each.claims]
    return lines


def _ours(outcome: Outcome, each: Comparison) -> str:
    """The value for a claim, as a suite would have it."""
    name = f"gradients: {each.claim.role}" if each.claim.role else each.claim.kind
    if each.bound:
        return f"{name}: {each.rule} does not hold, ours is {shown(_value(outcome), None)}"
    if each.single:
        return f"{name}: {float(each.ours)!r}"
    return f"{name}: {to_json(each.ours) if each.elements <= _MOST_SHOWN else f'an array of {each.elements} numbers'}"
