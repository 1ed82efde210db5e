"""`losscli suite`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import typer

from losscli.cli.options import SUITE_FORMATS, check_apart, chosen_format
from losscli.schema.faults import Exit, UsageFault

if TYPE_CHECKING:
    from losscli.cli.options import Invocation
    from losscli.suites.model import SuiteRun


def command(line: Invocation) -> None:
    """Runs suites: YAML files of cases, each with what is claimed of it.

    Ends with 0 if all hold, 1 if any is refuted, 3 if any is broken. A case:

      {name: cat, loss: cross_entropy, inputs: [logits.npy, 'labels.csv::label'], expect: {value: 0.2953}}

    Examples:

      losscli suite samples/

      losscli suite checks.yaml --filter 'focal-*' --fail-fast

      losscli suite checks/ -f github --junit losses.xml

      losscli suite checks.yaml --update
    """
    from losscli.cli.console import complain, emit, say, screen
    from losscli.report.suite import as_format, summary
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
    if junit is not None:
        from losscli.report.atomic_write import write_file
        from losscli.report.junit import as_junit

        document = as_junit(run).encode("utf-8")
        write_file(junit, lambda file: file.write(document))
    text, refuted = as_format(run, chosen, screen(output)), run.count("refuted")
    if settings.update:
        changes, refuted = _updated(run)
        text += _kept_apart(changes, chosen)
    emit(text, output)
    say(_warnings(run), run.notes, quiet=quiet)
    if output is not None and not run.holds and not quiet:
        complain(summary(run))
    if any(outcome.bug for outcome in run.cases):
        raise typer.Exit(Exit.BUG)
    if run.count("error"):
        raise typer.Exit(Exit.DATA)
    if refuted:
        raise typer.Exit(Exit.REFUTED)


def _kept_apart(changes: list[str], form: str) -> str:
    """The changes below a table for people; beside a machine's format they go to standard error."""
    from losscli.cli.console import complain
    from losscli.schema.text import printable

    if form == "table" and changes:
        return "\n" + "".join(f"{printable(line)}\n" for line in changes)
    for line in changes:
        complain(line)
    return ""


def _updated(run: SuiteRun) -> tuple[list[str], int]:
    """Rewrites what can be. What changes, in lines, and how many cases stay refuted."""
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
    from losscli.cli.console import progress

    return lambda total: progress(total, wanted, quiet=quiet, what="cases")


def _warnings(run: SuiteRun) -> list[str]:
    """What is odd about the data of refuted cases: of those that hold nobody needs to hear."""
    return [
        f"{outcome.file}:{outcome.line} {outcome.name}: {warning}"
        for outcome in run.cases
        if outcome.status == "refuted" and outcome.verified is not None
        for warning in outcome.verified.warnings
    ]
