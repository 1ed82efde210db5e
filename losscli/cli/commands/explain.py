"""`losscli explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from losscli.cli.arguments import LossWord, SourceWords
from losscli.cli.loss_options import LossCommand, loss_options_of
from losscli.cli.options import common_of
from losscli.schema.faults import UsageFault

KIND = LossCommand


def command(
    context: typer.Context,
    loss: LossWord,
    sources: SourceWords = None,
    sample: Annotated[
        str | None,
        typer.Option("--sample", metavar="I", help="The sample to work out: 3, or 3,1.  [default: the first]"),
    ] = None,
) -> None:
    """What a loss is: formula, inputs, options, conventions, relations, pitfalls, and an example.

    With data, every step of one sample's number instead, as the formula is written, so that you can find the line where
    your own work departs; then our value and the gradients of that sample.

    Examples:

      losscli explain cross_entropy

      losscli explain cross_entropy logits.npy labels.csv::label --sample 3

      losscli explain huber '[1, 2, 5]' '[1, 2, 3]' --sample 2 --delta 0.5 -f json
    """
    from losscli.cli.console import emit, say, screen
    from losscli.report.explain import example_of, example_words
    from losscli.report.pages import as_format, steps_as_format
    from losscli.request.naming import loss_named

    common = common_of(context)
    form = common.form()
    common.refuse_penalty("explain")
    if form == "bare":
        raise UsageFault("explain has no single number to show", "leave --bare out")
    digits = common.shown_digits()
    found = loss_named(loss)
    if not sources:
        if sample is not None:
            raise UsageFault("--sample needs the data that it is a sample of", "name the sources")
        words = example_words(found)
        example = example_of(words, _printed(words)) if words else None
        emit(as_format(found, example, form, screen(common.output)), common.output)
        return
    from losscli.checks.worked_example import unit_at, worked
    from losscli.request.request import from_sources

    request = from_sources(
        found, sources, loss_options_of(context), common.wording(), common.reading(context.command_path)
    )
    bound = request.bound()
    steps = worked(bound, unit_at(bound, sample))
    emit(steps_as_format(found, steps, form, screen(common.output), digits), common.output)
    say(request.warnings, request.notes, quiet=common.quiet)


def _printed(words: list[str]) -> str:
    """What this program prints for a command line."""
    from contextlib import redirect_stdout
    from io import BytesIO, TextIOWrapper

    from losscli.cli.app import application

    stream = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(stream):
        application(words)([*words, "--quiet"], standalone_mode=False, prog_name="losscli")
    stream.flush()
    content = stream.buffer
    return content.getvalue().decode("utf-8") if isinstance(content, BytesIO) else ""
