"""`losscli explain`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """Explain a loss: formula, inputs, options, conventions, relations, pitfalls, an example.

    With data, compute one sample step by step instead, as the formula is written, so that you can find the step where
    your own work differs; then show losscli's value and the gradients of that sample.

    Examples:

      losscli explain cross_entropy

      losscli explain cross_entropy logits.npy labels.csv::label --sample 3

      losscli explain huber '[1, 2, 5]' '[1, 2, 3]' --sample 2 --delta 0.5 -f json
    """
    from losscli.cli.console import say, show
    from losscli.report import explain, steps
    from losscli.request.naming import loss_named

    form, settings = line.form(), line.settings
    found = loss_named(line.loss)
    if not line.sources:
        words = explain.example_words(found)
        example = explain.example_of(words, _printed(words)) if words else None
        show(explain.report(found, example), form, settings)
        return
    from losscli.checks.worked_example import sample_alone, unit_at, worked
    from losscli.request.naming import names_a_function
    from losscli.request.request import from_sources
    from losscli.request.signature import loss_and_options

    request = from_sources(found, line.sources, line.options, settings, line.reading())
    bound, word = request.bound(), settings.sample
    signature = f"{loss_and_options(bound)} | {bound.convention.name} | one sample"
    of_all = word is not None and not bound.layout.unit_shape and names_a_function(line.loss)
    if word is not None and of_all and (alone := sample_alone(request, word)) is not None:
        sample = replace(worked(alone[0].bound(), 0), index=(alone[1],))
    else:
        sample = worked(bound, unit_at(bound, word))
    show(steps.report(found, sample, signature, settings.digits), form, settings)
    say(request.warnings, request.notes, quiet=settings.quiet)


def _printed(words: list[str]) -> str:
    """The output of losscli for a command line."""
    from contextlib import redirect_stdout
    from io import BytesIO, TextIOWrapper

    from losscli.cli.app import run

    stream = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(stream):
        run([*words, "--quiet"])
    stream.flush()
    content = stream.buffer
    return content.getvalue().decode("utf-8") if isinstance(content, BytesIO) else ""
