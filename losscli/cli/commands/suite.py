"""`losscli suite`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import typer

from losscli.cli.options import SUITE_FORMATS, check_apart, chosen_format
from losscli.report.report import Screen
from losscli.schema.faults import DataFault, Exit, UsageFault

if TYPE_CHECKING:
    from losscli.cli.options import Invocation
    from losscli.report.report import Report
    from losscli.suites.model import SuiteRun


def command(line: Invocation) -> None:
    """Check suites of claims: YAML files of cases, each with its expected values.

    Exit code 0: all cases hold; 1: at least one is refuted; 3: at least one cannot be run. A case:

      {name: cat, loss: cross_entropy, inputs: [logits.npy, 'labels.csv::label'], expect: {value: 0.2953}}

    Examples:

      losscli suite samples/

      losscli suite checks.yaml --filter 'focal-*' --fail-fast

      losscli suite checks/ -f github --junit losses.xml

      losscli suite checks.yaml --update
    """
    from losscli.cli.console import complain, emit, say, show
    from losscli.report.suite import report
    from losscli.suites.api import run_paths

    settings = line.settings
    output, junit, quiet = settings.output, settings.junit, settings.quiet
    if settings.schema:
        emit(_schema(), output)
        return
    if not line.sources:
        raise UsageFault("no suite is named", "give a suite file, or a folder that holds some")
    chosen = chosen_format(settings.suite_format, output, SUITE_FORMATS)
    check_apart(output, junit)
    run = run_paths(
        line.sources,
        settings.filter,
        fail_fast=settings.fail_fast,
        full=settings.full,
        jobs=settings.jobs,
        allow_outside=settings.allow_outside,
        no_code=settings.no_code,
        bar=_bar(settings.progress, quiet=quiet),
    )
    shown, refuted = report(run), run.count("refuted")
    if junit is not None:
        from losscli.report.writers.junit import write_junit

        emit(write_junit(shown, settings.junit_family), junit)
    if chosen == "github":
        _add_to_job_summary(shown)
    if settings.update:
        changes, refuted = _updated(run)
        shown = _with_changes(shown, changes, chosen)
    show(shown, chosen, settings)
    say(_warnings(run), run.notes, quiet=quiet)
    if output is not None and not run.holds and not quiet:
        complain(shown.summary)
    if any(outcome.bug for outcome in run.cases):
        raise typer.Exit(Exit.BUG)
    if run.count("error"):
        raise typer.Exit(Exit.DATA)
    if refuted:
        raise typer.Exit(Exit.REFUTED)


def _with_changes(shown: Report, changes: list[str], form: str) -> Report:
    """Shows the changes below a table; with another format on standard error."""
    from losscli.cli.console import complain
    from losscli.report.report import Verbatim

    if form == "table" and changes:
        return replace(shown, groups=(*shown.groups, (Verbatim(tuple(changes)),)))
    for line in changes:
        complain(line)
    return shown


def _add_to_job_summary(shown: Report) -> None:
    """The report as Markdown, where GitHub shows it with the run."""
    import os

    from losscli.report.write import written

    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.writelines(written(shown, "markdown", Screen()))
        except OSError as error:
            fact = f"GITHUB_STEP_SUMMARY: {error.strerror or error}"
            raise DataFault(fact, "name a file that can be written to, or unset it") from None


def _updated(run: SuiteRun) -> tuple[list[str], int]:
    """Rewrites expected values. Returns the changes in lines, and how many cases stay refuted."""
    from losscli.report.atomic_write import write_file
    from losscli.report.suite import differences
    from losscli.suites.update import remaining, updates

    changed = updates(run.cases)
    rest = remaining(run.cases, changed)
    for each in changed:
        content = each.after.encode("utf-8")
        write_file(each.file, partial(_write, content), updates=True)
    return differences(changed, rest), len(rest)


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _schema() -> str:
    import json

    from losscli.suites.keys import json_schema

    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _bar(wanted: bool | None, *, quiet: bool) -> Callable[[int], AbstractContextManager[Callable[[int], None] | None]]:
    from losscli.cli.progress import progress

    return lambda total: progress(total, wanted, quiet=quiet, what="cases")


def _warnings(run: SuiteRun) -> list[str]:
    """The warnings of refuted cases; those of cases that hold are not shown."""
    return [
        f"{outcome.file}:{outcome.line} {outcome.name}: {warning}"
        for outcome in run.cases
        if outcome.status == "refuted" and outcome.verified is not None
        for warning in outcome.verified.warnings
    ]
