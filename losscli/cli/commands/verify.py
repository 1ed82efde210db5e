"""`losscli verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from losscli.cli.options import sharing_input
from losscli.schema.faults import LossError, raise_all
from losscli.schema.kinds import shown as worded

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """Check a claimed loss value, and explain a wrong one.

    A claim holds if it differs from losscli's value by at most half a unit of its last written digit (`1.0` ±0.05,
    `1.1019` ±0.00005) plus the rounding of single precision; if inputs are text of 3 to 7 decimals, plus their rounding
    too. --precision double allows no rounding but float64's; --rtol and --atol replace the rule. A refuted claim is
    explained: which mistakes give the claimed number. A claim that zeros would pass as well is refuted as too weak.

    Examples:

      losscli verify cross_entropy logits.npy labels.csv::label --claim 0.2953

      losscli verify mse run.csv --claim 'train.log::/val_loss=([0-9.]+)/'

      losscli verify bce run.csv --claim-gradient grad.npy --at-most 0.5

      losscli verify cross_entropy logits.npy labels.csv::label --claim 0.31 --hint-only

      losscli verify huber run.csv --claim-per-sample mine.py:huber
    """
    from losscli.checks.claim_sources import claim_from, gradient_from
    from losscli.checks.claims import Claim, FunctionClaim, tolerances
    from losscli.cli.console import emit, say, show
    from losscli.report.verify import report
    from losscli.request.naming import loss_named, names_a_function
    from losscli.request.request import from_sources
    from losscli.verify.judge import judge
    from losscli.verify.verify import nothing_claimed

    form, settings = line.form(), line.settings
    wanted = tolerances(settings.rtol, settings.atol, settings.precision, settings.exact_inputs)
    single = (
        ("value", settings.claim),
        ("per_sample", settings.claim_per_sample),
        ("at_most", None if settings.at_most is None else worded(settings.at_most)),
        ("at_least", None if settings.at_least is None else worded(settings.at_least)),
    )
    gradients: tuple[str, ...] = settings.claim_gradient or ()
    words = (*(word for _, word in single), *gradients)
    reading = sharing_input(line.reading(), line.sources, *((word,) for word in words))
    named, notes = loss_named(line.loss), list[str]()
    claims: list[Claim | FunctionClaim] = []
    faults: list[LossError] = [] if any(word is not None for word in words) else [nothing_claimed()]
    for kind, word in single:
        if word is not None:
            try:
                claims.append(claim_from(word, kind, reading, notes=notes))
            except LossError as fault:
                faults.append(fault)
    try:
        beside = [word for word in words if word is not None and not names_a_function(word)]
        request = from_sources(named, line.sources, line.options, settings, reading, other_sources=beside)
    except LossError as fault:
        raise_all([fault, *faults])
        raise
    raise_all(faults)
    parameters = () if request.penalty is None else request.penalty.arrays
    claims += [gradient_from(word, request.loss, reading, parameters) for word in gradients]
    verified = judge(request, claims, wanted, settings.jobs)
    if form == "bare":
        emit(f"{verified.verdict}\n", settings.output)
    else:
        shown = report(verified, hint_only=settings.hint_only, digits=settings.digits)
        show(shown, form, settings)
    say(verified.warnings, [*verified.result.bound.notes, *notes], quiet=settings.quiet)
    if not verified.holds:
        raise typer.Exit(1)
