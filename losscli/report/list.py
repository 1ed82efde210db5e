"""The catalogue as a report."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.report.explain import headline
from losscli.report.report import Column, Report, table_of, words_table
from losscli.schema.loss import Loss

_HEADER = ("name", "class name", "function name", "family", "inputs", "summary")
_COLUMNS = (Column("name", left=True, strong=True), Column("what it is", left=True, wraps=True))


def report(losses: Sequence[Loss]) -> Report:
    """A row a loss: its name and what it is; for machines its names, its family, and its inputs in PyTorch's order."""
    shown = table_of(_COLUMNS, [(loss.name, headline(loss)) for loss in losses])
    rows = [
        (loss.name, loss.class_name, loss.function_name, loss.family, ", ".join(loss.roles), headline(loss))
        for loss in losses
    ]
    return Report(((shown,),), {"schema": 1, "rows": [_object(loss) for loss in losses]}, words_table(_HEADER, rows))


def _object(loss: Loss) -> dict[str, object]:
    return {
        "name": loss.name,
        "class_name": loss.class_name,
        "function_name": loss.function_name,
        "family": loss.family,
        "inputs": list(loss.roles),
        "summary": headline(loss),
    }
