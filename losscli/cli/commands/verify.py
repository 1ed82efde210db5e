"""`losscli verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from losscli.cli.arguments import LossWord, SourceWords
from losscli.cli.loss_options import LossCommand, loss_options_of
from losscli.cli.options import at_least as checked_at_least
from losscli.cli.options import common_of, only_one, sharing_input
from losscli.schema.faults import LossError, UsageFault, raise_all

KIND = LossCommand


def command(
    context: typer.Context,
    loss: LossWord,
    sources: SourceWords = None,
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", metavar="NUMBER|SOURCE|LOGFILE::/REGEX/", help="The value that somebody claims."),
    ] = None,
    claim_per_sample: Annotated[
        list[str] | None,
        typer.Option("--claim-per-sample", metavar="SOURCE", help="The claimed losses of all samples."),
    ] = None,
    claim_gradient: Annotated[
        list[str] | None,
        typer.Option("--claim-gradient", metavar="[ROLE=]SOURCE", help="A claimed gradient; may be repeated."),
    ] = None,
    at_most: Annotated[float | None, typer.Option("--at-most", metavar="X", help="The value is X or less.")] = None,
    at_least: Annotated[float | None, typer.Option("--at-least", metavar="X", help="The value is X or more.")] = None,
    rtol: Annotated[
        float | None,
        typer.Option("--rtol", metavar="X", help="|difference| ≤ atol + rtol · |ours|, not the digits' rule."),
    ] = None,
    atol: Annotated[float | None, typer.Option("--atol", metavar="X", help="See --rtol.")] = None,
    precision: Annotated[
        str,
        typer.Option("--precision", metavar="single|double", help="double: allow no rounding but that of float64."),
    ] = "single",
    exact_inputs: Annotated[
        bool, typer.Option("--exact-inputs", help="Inputs read from text are exact, not rounded.")
    ] = False,
    hint_only: Annotated[
        bool, typer.Option("--hint-only", help="Name the mistake, but never the right value.")
    ] = False,
) -> None:
    """Holds or refuted, and why.

    A claim holds if ours lies within half a unit of its last written digit (`1.0` ±0.05, `1.1019` ±0.00005) and what
    single precision leaves, and, where inputs are text of 3 to 7 decimals, what these leave. --precision double allows
    the digits alone; --rtol and --atol replace the rule. If it does not hold, the mistakes that give the claimed number
    are named. What zeros would pass as well is refuted: too weak to judge.

    Examples:

      losscli verify cross_entropy logits.npy labels.csv::label --claim 0.2953

      losscli verify mse run.csv --claim 'train.log::/val_loss=([0-9.]+)/'

      losscli verify bce run.csv --claim-gradient grad.npy --at-most 0.5

      losscli verify cross_entropy logits.npy labels.csv::label --claim 0.31 --hint-only
    """
    from losscli.checks.claim_sources import claim_from, gradient_from
    from losscli.checks.claims import Claim, tolerances
    from losscli.cli.console import emit, say, screen
    from losscli.report.verify import as_format
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources
    from losscli.verify.judge import judge
    from losscli.verify.verify import NOTHING_CLAIMED

    common = common_of(context)
    form = common.form()
    digits = common.shown_digits()
    jobs = checked_at_least(1, common.jobs, "--jobs")
    wanted = tolerances(rtol, atol, precision, exact_inputs)
    single = (
        ("value", only_one(claim, "--claim")),
        ("per_sample", only_one(claim_per_sample, "--claim-per-sample")),
        ("at_most", None if at_most is None else repr(at_most)),
        ("at_least", None if at_least is None else repr(at_least)),
    )
    words = (*(word for _, word in single), *(claim_gradient or ()))
    reading = common.reading(context.command_path)
    reading = sharing_input(reading, sources or (), *((word,) for word in words))
    named, notes = loss_named(loss), list[str]()
    claims: list[Claim] = []
    faults: list[LossError] = [] if any(words) else [UsageFault(*NOTHING_CLAIMED)]
    for kind, word in single:
        if word is not None:
            try:
                claims.append(claim_from(word, kind, reading, notes=notes))
            except LossError as fault:
                faults.append(fault)
    try:
        options, beside = loss_options_of(context), [word for word in words if word is not None]
        request = from_sources(named, sources or (), options, common.wording(), reading, beside=beside)
    except LossError as fault:
        raise_all([fault, *faults])
        raise
    raise_all(faults)
    parameters = () if request.penalty is None else request.penalty.arrays
    claims += [gradient_from(word, request.loss, reading, parameters) for word in claim_gradient or ()]
    verified = judge(request, claims, wanted, jobs)
    text = as_format(verified, form, screen(common.output), hint_only=hint_only, digits=digits)
    emit(text, common.output)
    say(verified.warnings, [*verified.result.bound.notes, *notes], quiet=common.quiet)
    if not verified.holds:
        raise typer.Exit(1)
