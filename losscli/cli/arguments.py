"""Arguments and options that several commands share, as Typer reads them from a signature."""

from __future__ import annotations

from typing import Annotated

import typer

from losscli.cli.completion import loss_names

_LOSS = "A name that `losscli list` shows; or FILE.py:FUNCTION, your own: the file is executed, as Python executes it."

LossWord = Annotated[str, typer.Argument(metavar="LOSS", help=_LOSS, autocompletion=loss_names)]
SourceWords = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE...", help="Files, numbers or lists, in PyTorch's order; then ROLE=SOURCE."),
]
FormatWord = Annotated[
    str | None,
    typer.Option("-f", "--format", metavar="table|json|csv|markdown", help="[default: $LOSSCLI_FORMAT, or table]"),
]
OutputWord = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")
]
