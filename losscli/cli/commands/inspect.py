"""`losscli inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from losscli.schema.faults import LossError, raise_all

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """Describe arrays: shape, range, likely meaning.

    A file of several arrays gives one row per array. The classes of scores are along axis 1, as in PyTorch.

    Examples:

      losscli inspect logits.npy labels.csv

      losscli inspect run.csv::yhat -f json
    """
    from losscli.cli.console import say, show
    from losscli.reading.sources import read_each
    from losscli.report.inspect import Inspected, report
    from losscli.request.inspection import look
    from losscli.request.unused import of_reading

    form = line.form()
    options, idle = of_reading(line.reading(), line.sources, ())
    rows: list[Inspected] = []
    notes: list[str] = []
    faults: list[LossError] = []
    for source in line.sources:
        try:
            arrays, said = read_each(source, options)
            rows += [(data, look(data)) for data in arrays]
            notes += said
        except LossError as fault:
            faults.append(fault)
    raise_all([*idle, *faults])
    show(report(rows), form, line.settings)
    say((), notes, quiet=line.settings.quiet)
