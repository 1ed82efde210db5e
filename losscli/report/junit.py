"""JUnit XML, which every CI shows: a test suite a file, a test case a case, failures and errors apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from losscli.report.suite import message
from losscli.schema.text import printable
from losscli.suites.model import ERROR, REFUTED, Outcome, SuiteRun

_NO_XML = re.compile("[\ufffe\uffff]")  # XML 1.0 has no way to write these, nor the control characters


def as_junit(run: SuiteRun) -> str:
    """The document; refuted cases are failures, broken ones are errors."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="losscli"{_counts(run.cases)}>']
    for file, outcomes in groupby(run.cases, key=lambda outcome: outcome.file):
        lines += _suite(file, tuple(outcomes))
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(file: str, outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    yield f"  <testsuite name={_quoted(file)}{_counts(outcomes)}>"
    for outcome in outcomes:
        yield from _case(outcome)
    yield "  </testsuite>"


def _case(outcome: Outcome) -> Iterator[str]:
    places = f'classname={_quoted(outcome.file)} file={_quoted(outcome.file)} line="{outcome.line}"'
    opening = f'    <testcase name={_quoted(outcome.name)} {places} time="{outcome.seconds:.3f}"'
    lines = message(outcome)
    if not lines:
        yield f"{opening}/>"
        return
    tag = "error" if outcome.status == ERROR else "failure"
    yield f"{opening}>"
    yield f'      <{tag} type="{outcome.status}" message={_quoted(lines[0])}>{_escaped(lines)}</{tag}>'
    yield "    </testcase>"


def _counts(outcomes: tuple[Outcome, ...]) -> str:
    statuses = [outcome.status for outcome in outcomes]
    seconds = sum(outcome.seconds for outcome in outcomes)
    failures, errors = statuses.count(REFUTED), statuses.count(ERROR)
    return f' tests="{len(statuses)}" failures="{failures}" errors="{errors}" skipped="0" time="{seconds:.3f}"'


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(_safe(text))


def _escaped(lines: list[str]) -> str:
    from xml.sax.saxutils import escape

    return escape("\n".join(map(_safe, lines)))


def _safe(text: str) -> str:
    return _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(text))
