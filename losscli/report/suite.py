"""What came of suites, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from losscli.checks.comparison import Comparison
from losscli.report.formats import Screen
from losscli.report.text import to_json, to_markdown
from losscli.schema.text import plural, printable, significant
from losscli.suites.model import ERROR, HOLDS, REFUTED, Outcome, SuiteRun
from losscli.suites.update import Remainder, Update

_MOST_SHOWN = 64  # elements of an array that an update leaves to its user
_STYLES = {HOLDS: "green", REFUTED: "bold red", ERROR: "bold red"}


def as_format(run: SuiteRun, form: str, screen: Screen) -> str:
    """The outcome of each case, and why those that do not hold do not."""
    if form == "json":
        return as_json(run)
    if form == "github":
        return "".join(map(annotation, failed(run)))
    return as_markdown(run) if form == "markdown" else _as_table(run, screen)


def failed(run: SuiteRun) -> list[Outcome]:
    """The cases that do not hold."""
    return [outcome for outcome in run.cases if outcome.status != HOLDS]


def message(outcome: Outcome) -> list[str]:
    """Why a case does not hold, in lines of text that is safe to show; none if it does."""
    if outcome.status == HOLDS:
        return []
    if outcome.verified is None:
        return [printable(line) for line in outcome.faults]
    from losscli.report.verify import report

    return [printable(line) for line in report(outcome.verified)]


def summary(run: SuiteRun) -> str:
    """`3 cases: 2 hold, 1 is refuted`."""
    hold, refuted, errors = (run.count(status) for status in (HOLDS, REFUTED, ERROR))
    parts = [f"{hold} {'holds' if hold == 1 else 'hold'}"]
    if refuted:
        parts.append(f"{refuted} refuted")
    if errors:
        parts.append(plural(errors, "error"))
    return f"{plural(len(run.cases), 'case')}: {', '.join(parts)}"


def as_json(run: SuiteRun) -> str:
    """One object: the cases, and how many ended how."""
    counts = {"holds": run.count(HOLDS), "refuted": run.count(REFUTED), "errors": run.count(ERROR)}
    return to_json({"schema": 1, "cases": [_object(outcome) for outcome in run.cases], **counts}) + "\n"


def _object(outcome: Outcome) -> dict[str, Any]:
    explanations: list[dict[str, Any]] = []
    if outcome.explanations:
        from losscli.report.verify import explanation_object

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


def annotation(outcome: Outcome) -> str:
    """A workflow command that GitHub shows at the case's line."""
    properties = {"file": outcome.file, "line": str(outcome.line), "title": f"{outcome.status}: {outcome.name}"}
    marked = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::error {marked}::{_data(chr(10).join(message(outcome)))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


def _rows(run: SuiteRun) -> list[tuple[str, str, str, str]]:
    return [(each.status, each.name, _shown(each), f"{each.file}:{each.line}") for each in run.cases]


def _shown(outcome: Outcome) -> str:
    value = outcome.value
    if value is None:
        return ""
    return significant(value, None) if isinstance(value, float) else f"{plural(value.size, 'number')}"


def as_markdown(run: SuiteRun) -> str:
    """A table of the cases, and a report of each that does not hold."""
    parts = [f"**{summary(run)}**\n", to_markdown([("status", "case", "value", "place"), *_rows(run)])]
    for outcome in failed(run):
        parts.append(f"**{outcome.status}: {_escaped(outcome.name)}** ({_escaped(outcome.file)}:{outcome.line})\n")
        parts.append("".join(f"    {line}".rstrip() + "\n" for line in message(outcome)))
    return "\n".join(parts)


def _escaped(text: str) -> str:
    """User text that stands in Markdown as itself."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in printable(text))


def _as_table(run: SuiteRun, screen: Screen) -> str:
    from rich.text import Text

    from losscli.report.tables import Column, console, drawn, fitting, table

    paper = console(screen)
    statuses, names, values, places = zip(*_rows(run), strict=True)
    columns = (
        Column("status", statuses, left=True),
        Column("case", names, left=True, strong=True),
        Column("value", values),
        Column("place", places, left=True),
    )
    paper.print(table(fitting(columns, screen, optional=("place", "value")), screen))
    for outcome in failed(run):
        heading = f"  {printable(outcome.name)}  {printable(outcome.file)}:{outcome.line}"
        paper.print(Text.assemble((outcome.status, _STYLES[outcome.status]), heading), soft_wrap=True)
        for line in message(outcome):
            paper.print(Text(f"  {line}"), soft_wrap=True)
        paper.print()
    style = "bold green" if run.holds else "bold red"
    paper.print(Text(summary(run), style=style))
    return drawn(paper).lstrip("\n")


def differences(updated: Sequence[Update], rest: Sequence[Remainder]) -> list[str]:
    """What an update changes, as a diff a file, and what it leaves to its user."""
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
    """What would stand in the suite for a claim."""
    name = f"gradients: {each.claim.role}" if each.claim.role else each.claim.kind
    if each.bound:
        return f"{name}: {each.rule} does not hold, ours is {_shown(outcome)}"
    if each.single:
        return f"{name}: {float(each.ours)!r}"
    return f"{name}: {to_json(each.ours) if each.elements <= _MOST_SHOWN else f'an array of {each.elements} numbers'}"
