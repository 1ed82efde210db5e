"""`losscli gradcheck`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from losscli.cli.options import sharing_input
from losscli.schema.faults import Exit, UsageFault

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """Check the gradient of a loss, or one of your own, against independent derivatives.

    Every element is compared with automatic differentiation (dual numbers), and some with one-sided differences of the
    value, in 60 digits if mpmath is installed, else in float64. At a kink the gradient must lie between the derivatives
    from both sides. Gradients are those of the reduced value, and are held in memory. Exit code 1: a gradient is wrong,
    losscli's or yours.

    Examples:

      losscli gradcheck cross_entropy logits.npy labels.csv::label

      losscli gradcheck huber run.csv --delta 0.5 --gradient mine.npy

      losscli gradcheck bce_with_logits '[0.1, 0.4]' '[1, 0]' --gradient '[-0.4750, 0.5987]' -r sum -f json
    """
    from losscli.checks.claim_sources import gradient_from
    from losscli.checks.claims import Tolerances
    from losscli.checks.gradcheck import any_fails, gradcheck
    from losscli.cli.console import say, show
    from losscli.report.gradcheck import report
    from losscli.request.naming import loss_named, names_a_function
    from losscli.request.request import from_sources
    from losscli.request.signature import loss_and_options
    from losscli.verify.judge import judge

    form, settings = line.form(), line.settings
    reading = sharing_input(line.reading(), line.sources, *((word,) for word in settings.gradient))
    loss = loss_named(line.loss)
    beside = [word for word in settings.gradient if not names_a_function(word)]
    request = from_sources(loss, line.sources, line.options, settings, reading, other_sources=beside)
    bound = request.bound()
    claims = [gradient_from(word, request.loss, replace(reading, key=None)) for word in settings.gradient]
    if twice := [each.role for at, each in enumerate(claims) if each.role in {other.role for other in claims[:at]}]:
        raise UsageFault(f"--gradient names {twice[0]} twice", "leave one out")
    found, given = gradcheck(bound), judge(request, claims, Tolerances(), spread=False) if claims else None
    signature = f"{loss_and_options(bound)} | {bound.convention.name} | gradient of the {_reduced(bound.reduction)}"
    own = line.loss if names_a_function(line.loss) else ""
    show(report(found, given, signature, settings.digits, own), form, settings)
    say(_warnings(), request.notes, quiet=settings.quiet)
    if any_fails(found) or (given is not None and not given.holds):
        raise typer.Exit(Exit.REFUTED)


def _reduced(reduction: str) -> str:
    return "sum" if reduction == "none" else reduction


def _warnings() -> list[str]:
    from losscli.numerics.high_precision import available

    if available():
        return []
    return ["mpmath is not installed: finite differences are taken in float64, to 5 digits (pip install mpmath: to 60)"]
