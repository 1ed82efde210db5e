"""`losscli compute`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from losscli.cli.arguments import LossWord, SourceWords
from losscli.cli.loss_options import LossCommand, loss_options_of
from losscli.cli.options import Common, at_least, check_apart, common_of
from losscli.schema.faults import UsageFault

KIND = LossCommand
EVERY_CONVENTION = "all"


def command(
    context: typer.Context,
    loss: LossWord,
    sources: SourceWords = None,
    per_sample: Annotated[
        bool | None,
        typer.Option("--per-sample/--no-per-sample", help="Show single samples.  [default: not in JSON]"),
    ] = None,
    gradients: Annotated[
        bool | None,
        typer.Option("--gradients/--no-gradients", help="Show gradients.  [default: not in JSON and CSV]"),
    ] = None,
    rows: Annotated[
        str, typer.Option("--rows", metavar="N|all", help="How many samples to show.", show_default=True)
    ] = "10",
    worst: Annotated[int, typer.Option("--worst", metavar="K", help="Show the K largest losses instead.")] = 0,
    by: Annotated[
        str | None, typer.Option("--by", metavar="SOURCE", help="Count and mean of each class or group.")
    ] = None,
    save_per_sample: Annotated[
        str | None,
        typer.Option("--save-per-sample", metavar="FILE", help="Write all samples' losses: .npy, .npz, .csv."),
    ] = None,
    save_gradients: Annotated[
        str | None,
        typer.Option("--save-gradients", metavar="FILE", help="Write the gradients: .npy of one input, .npz, .csv."),
    ] = None,
) -> None:
    """Per-sample values, reduced values and gradients of a loss.

    A SOURCE is a file (.csv .tsv .txt .npy .npz .yaml .json), FILE::COLUMN, a number, a JSON list, a quoted glob of
    shards, or - for standard input. `losscli compute LOSS --help` shows the options of that loss too.

    Examples:

      losscli compute cross_entropy logits.npy labels.csv::label

      losscli compute huber run.csv --delta 0.5 --reduction sum

      cat run.csv | losscli compute mse -::yhat -::y --bare

      losscli compute bce_with_logits '[0.1, 0.4]' '[1, 0]' -f json --gradients

      losscli compute bce '[0, 0.9]' '[1, 1]' --convention all
    """
    from losscli.cli.console import emit, progress, say, screen
    from losscli.engine.evaluate import Wanted
    from losscli.report.formats import Showing, as_format
    from losscli.request.compute import compute
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources

    common = common_of(context)
    form = common.form()
    if common.bare and (worst or by):
        raise UsageFault(f"--bare shows one number, and not {'--by' if by else '--worst'}", "leave one of them out")
    if common.convention == EVERY_CONVENTION:
        asked = {"--by": by, "--worst": worst, "--gradients": gradients, "--per-sample": per_sample}
        asked |= {"--save-per-sample": save_per_sample, "--save-gradients": save_gradients}
        _refuse([option for option, value in asked.items() if value])
        return _side_by_side(context, loss, sources or (), common, form)
    showing = Showing(
        rows=_rows(rows),
        per_sample=form != "json" if per_sample is None else per_sample,
        gradients=form in ("table", "markdown") if gradients is None else gradients,
        digits=common.shown_digits(),
    )
    keep = at_least(0, worst, "--worst") or 0
    jobs = at_least(1, common.jobs, "--jobs")
    if save_per_sample or save_gradients:
        from losscli.report.save import check_suffix, save_arrays
    check_apart(common.output, save_per_sample, save_gradients)
    for path, option in ((save_per_sample, "--save-per-sample"), (save_gradients, "--save-gradients")):
        if path:
            check_suffix(path, option)
    request = from_sources(
        loss_named(loss),
        sources or (),
        loss_options_of(context),
        common.wording(by),
        common.reading(context.command_path),
    )
    bound = request.bound()
    if save_gradients:
        penalised = 0 if bound.penalty is None else len(bound.penalty.arrays)
        count = len(bound.differentiable) + penalised
        check_suffix(save_gradients, "--save-gradients", count, alike=not penalised)
    with progress(bound.layout.units, common.progress, quiet=common.quiet) as advance:
        wanted = Wanted(
            per_sample=bound.reduction == "none" or bool(save_per_sample) or (form == "json" and showing.per_sample),
            gradients=bool(save_gradients) or (form == "json" and showing.gradients),
            spread=form != "bare",
            worst=keep,
            jobs=jobs,
            progress=advance,
        )
        result = compute(bound, wanted)
    shown_gradients = showing.gradients or bool(save_gradients)
    if save_per_sample and result.per_sample is not None:
        save_arrays(save_per_sample, {"per_sample": result.per_sample})
    if save_gradients and result.gradients is not None:
        save_arrays(save_gradients, result.gradients)
    text, left_out = as_format(result, form, showing, screen(common.output))
    emit(text, common.output)
    told = [bound.convention.gradient] if bound.convention.gradient and form != "bare" and shown_gradients else []
    say(result.warnings, [*bound.notes, *told, *left_out], quiet=common.quiet)


def _side_by_side(context: typer.Context, loss: str, sources: Sequence[str], common: Common, form: str) -> None:
    """`--convention all`: the same data under every convention of the loss, a row each."""
    from losscli.cli.console import emit, progress, say, screen
    from losscli.report.conventions import as_format
    from losscli.request.conventions import attempts, side_by_side
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources

    digits = common.shown_digits()
    jobs = at_least(1, common.jobs, "--jobs")
    wording = replace(common.wording(), convention="torch")
    request = from_sources(
        loss_named(loss), sources, loss_options_of(context), wording, common.reading(context.command_path)
    )
    tried = attempts(request)
    total = sum(attempt.bound.layout.units for attempt in tried if attempt.bound)
    with progress(total, common.progress, quiet=common.quiet) as advance:
        found = side_by_side(request, tried, jobs, advance)
    text, order = as_format(found, form, digits, screen(common.output))
    emit(text, common.output)
    say(found.warnings, [*request.notes, *order], quiet=common.quiet)


def _refuse(options: list[str]) -> None:
    """Refuses what shows single samples, where a row is a convention."""
    if options:
        raise UsageFault(
            f"--convention all shows one number a convention, and not {', '.join(options)}",
            "leave that out, or ask for one convention at a time",
        )


def _rows(word: str) -> int | None:
    """A count of rows, or None for all."""
    if word.strip().lower() == "all":
        return None
    try:
        return at_least(1, int(word), "--rows")
    except ValueError:
        raise UsageFault(f"--rows must be a number or all, got {word!r}") from None
