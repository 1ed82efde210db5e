"""`losscli relations`."""

from __future__ import annotations

from dataclasses import replace

import typer

from losscli.cli.arguments import LossWord, SourceWords
from losscli.cli.loss_options import LossCommand, loss_options_of
from losscli.cli.options import common_of
from losscli.schema.faults import Exit, UsageFault

KIND = LossCommand


def command(
    context: typer.Context,
    loss: LossWord,
    sources: SourceWords = None,
) -> None:
    """The identities of a loss on your data, in ulps.

    An identity holds exactly for the formulas; what is left is rounding. Unless --convention says otherwise they are
    evaluated under the convention exact, since constants such as a clamp or an epsilon break some. Ends with 1 if an
    identity fails, with 0 if all hold or do not apply. The data are held in memory.

    Examples:

      losscli relations cross_entropy logits.npy labels.csv::label

      losscli relations huber run.csv --delta 0.5 -f json
    """
    from losscli.checks.relations import any_fails, relations
    from losscli.cli.console import emit, say, screen
    from losscli.report.relations import as_format
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources
    from losscli.request.signature import loss_and_options

    common = common_of(context)
    form = common.form()
    common.refuse_penalty("relations")
    if form == "bare":
        raise UsageFault("relations has no single number to show", "leave --bare out")
    digits = common.shown_digits()
    meant = loss_named(loss)
    wording = replace(common.wording(), convention=common.convention or meant.brings or "exact")
    reading = common.reading(context.command_path)
    request = from_sources(meant, sources or (), loss_options_of(context), wording, reading)
    bound = replace(request, settings=replace(request.settings, elements=True)).bound()
    found = relations(bound)
    signature = f"{loss_and_options(bound)} | {bound.convention.name}"
    emit(as_format(found, form, signature, screen(common.output), digits), common.output)
    say(request.warnings, request.notes, quiet=common.quiet)
    if any_fails(found):
        raise typer.Exit(Exit.REFUTED)
