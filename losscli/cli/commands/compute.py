"""`losscli compute`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from losscli.cli.options import check_apart

if TYPE_CHECKING:
    from losscli.cli.options import Invocation
    from losscli.report.report import Report
    from losscli.request.compute import Result
    from losscli.schema.settings import Settings

EVERY_CONVENTION = "all"
_ROWS = 10  # for people


def command(line: Invocation) -> None:
    """Compute a loss: per sample, reduced, and with gradients.

    A SOURCE is a file (FILES_READ), FILE::COLUMN, a number, a JSON list, a quoted glob of shards, or - for standard
    input. `losscli compute LOSS --help` also shows the options of that loss.

    Examples:

      losscli compute cross_entropy logits.npy labels.csv::label

      losscli compute huber run.csv --delta 0.5 --reduction sum

      cat run.csv | losscli compute mse -::yhat -::y --bare

      losscli compute bce_with_logits '[0.1, 0.4]' '[1, 0]' -f json --gradients

      losscli compute bce '[0, 0.9]' '[1, 1]' --convention all
    """
    from losscli.cli.console import emit, say, show
    from losscli.cli.progress import progress
    from losscli.engine.evaluate import Wanted
    from losscli.report.bare import bare
    from losscli.request.compute import compute
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources

    form, settings = line.form(), line.settings
    save_per_sample, save_gradients = settings.save_per_sample, settings.save_gradients
    if settings.convention == EVERY_CONVENTION:
        return _side_by_side(line, form)
    per_sample = form in ("table", "markdown", "csv") if settings.per_sample is None else settings.per_sample
    gradients = form in ("table", "markdown") if settings.gradients is None else settings.gradients
    if save_per_sample or save_gradients:
        from losscli.report.save import RowNames, check_suffix, save_arrays
    check_apart(settings.output, save_per_sample, save_gradients)
    for path, option in ((save_per_sample, "--save-per-sample"), (save_gradients, "--save-gradients")):
        if path:
            check_suffix(path, option)
    request = from_sources(loss_named(line.loss), line.sources, line.options, settings, line.reading())
    bound = request.bound()
    if save_gradients:
        penalised = 0 if bound.penalty is None else len(bound.penalty.arrays)
        count = len(bound.differentiable) + penalised
        check_suffix(save_gradients, "--save-gradients", count, alike=not penalised)
    with progress(bound.layout.units, settings.progress, quiet=settings.quiet) as advance:
        wanted = Wanted(
            per_sample=bound.reduction == "none" or bool(save_per_sample) or (form == "json" and per_sample),
            gradients=bool(save_gradients) or (form == "json" and gradients),
            spread=form != "bare",
            worst=settings.worst or 0,
            jobs=settings.jobs,
            progress=advance,
        )
        result = compute(bound, wanted)
    if save_per_sample or save_gradients:
        data = bound.inputs[0].data
        rows = RowNames(data.key, data.keys()) if data.key else RowNames()
        if save_per_sample and result.per_sample is not None:
            save_arrays(save_per_sample, {"per_sample": result.per_sample}, rows)
        if save_gradients and result.gradients is not None:
            save_arrays(save_gradients, result.gradients, rows)
    if form == "bare":
        emit(bare(result, settings.digits), settings.output)
    else:
        show(_report(result, settings, form, per_sample, gradients), form, settings)
    shows_slopes = form != "bare" and (gradients or bool(save_gradients))
    slopes = [bound.convention.gradient] if bound.convention.gradient and shows_slopes else []
    say(result.warnings, [*bound.notes, *slopes], quiet=settings.quiet)


def _report(result: Result, settings: Settings, form: str, per_sample: bool, gradients: bool) -> Report:
    """The report with rows of samples: ten in tables by default, all in CSV, in JSON only on request."""
    from losscli.report.compute import report
    from losscli.request.samples import samples

    asked = settings.rows is not None or settings.worst is not None
    if not (asked if form == "json" else per_sample):
        return report(result, None, penalty_slopes=gradients, digits=settings.digits)
    count = _ROWS if settings.rows is None and form in ("table", "markdown") else settings.rows
    rows = samples(result, count, gradients=gradients and form != "json")
    return report(result, rows, listed=form == "json", penalty_slopes=gradients, digits=settings.digits)


def _side_by_side(line: Invocation, form: str) -> None:
    """`--convention all`: the value under every convention of the loss."""
    from losscli.cli.console import emit, say, show
    from losscli.cli.progress import progress
    from losscli.report.conventions import bare, report
    from losscli.request.conventions import attempts, side_by_side
    from losscli.request.naming import loss_named
    from losscli.request.request import from_sources

    settings = replace(line.settings, convention="torch")
    request = from_sources(loss_named(line.loss), line.sources, line.options, settings, line.reading())
    tried = attempts(request)
    total = sum(attempt.bound.layout.units for attempt in tried if attempt.bound)
    with progress(total, settings.progress, quiet=settings.quiet) as advance:
        found = side_by_side(request, tried, settings.jobs, advance)
    order = [f"in this order: {', '.join(row.convention.name for row in found.rows)}"] if form == "bare" else []
    if form == "bare":
        emit(bare(found, settings.digits), settings.output)
    else:
        show(report(found), form, settings)
    say(found.warnings, [*request.notes, *order], quiet=settings.quiet)
