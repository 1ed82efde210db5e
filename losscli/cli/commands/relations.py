"""`losscli relations`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from losscli.schema.faults import Exit

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """Check known identities (such as RMSE² = MSE) on your data.

    The formulas satisfy an identity exactly, so that only rounding is left, shown in ulps. The default convention is
    exact, since constants such as a clamp or an epsilon break some identities. Exit code 1: an identity fails; 0: all
    hold or do not apply. The data are held in memory.

    Examples:

      losscli relations cross_entropy logits.npy labels.csv::label

      losscli relations huber run.csv --delta 0.5 -f json
    """
    from losscli.checks.relations import any_fails, relations
    from losscli.cli.console import say, show
    from losscli.report.relations import report
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources
    from losscli.request.signature import loss_and_options

    form, settings = line.form(), line.settings
    meant = loss_named(line.loss)
    settings = replace(settings, convention=settings.convention or meant.brings or "exact")
    request = from_sources(meant, line.sources, line.options, settings, line.reading())
    bound = replace(request, settings=replace(request.settings, elements=True)).bound()
    found = relations(bound)
    signature = f"{loss_and_options(bound)} | {bound.convention.name}"
    show(report(found, signature), form, settings)
    say(request.warnings, request.notes, quiet=settings.quiet)
    if any_fails(found):
        raise typer.Exit(Exit.REFUTED)
