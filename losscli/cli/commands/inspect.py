"""`losscli inspect`."""

from __future__ import annotations

from typing import Annotated

import typer

from losscli.cli.arguments import FormatWord, OutputWord
from losscli.cli.options import chosen_format
from losscli.schema.faults import LossError, raise_all


def command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, FILE::COLUMN, numbers or lists.")],
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="The first row of a text file is a header, or is data.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="CHARACTER", help="What stands between a text file's cells.")
    ] = None,
    stdin: Annotated[
        str | None, typer.Option("--stdin", metavar="FORMAT", help="The format of standard input: csv, npy, json, …")
    ] = None,
    bfloat16: Annotated[bool, typer.Option("--bfloat16", help="Two-byte raw .npy files hold bfloat16.")] = False,
    form: FormatWord = None,
    output: OutputWord = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No notes.")] = False,
) -> None:
    """What arrays look like, with the evidence.

    Classes are taken to lie along axis 1, as in PyTorch. A file of several arrays gives a row each.

    Examples:

      losscli inspect logits.npy labels.csv

      losscli inspect run.csv::yhat -f json
    """
    from losscli.cli.console import emit, say, screen
    from losscli.reading.options import ReadOptions
    from losscli.reading.sources import read_each
    from losscli.report.inspect import Inspected, as_format
    from losscli.request.inspection import look

    chosen = chosen_format(form, output)
    options = ReadOptions(header=header, delimiter=delimiter, stdin=stdin, bfloat16=bfloat16)
    rows: list[Inspected] = []
    notes: list[str] = []
    faults: list[LossError] = []
    for source in sources:
        try:
            arrays, said = read_each(source, options)
            rows += [(data, look(data)) for data in arrays]
            notes += said
        except LossError as fault:
            faults.append(fault)
    raise_all(faults)
    emit(as_format(rows, chosen, screen(output)), output)
    say((), notes, quiet=quiet)
