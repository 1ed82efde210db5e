"""The catalogue as a report."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.report.explain import headline
from losscli.report.report import Column, Report, rows_document, table_of, words_table
from losscli.schema.loss import Loss

_HEADER = ("name", "class name", "function name", "family", "inputs", "summary")
_NAME_COLUMNS = (
    Column("name", left=True, strong=True),
    Column("in a framework", left=True, wraps=True),
)
_COLUMNS = (Column("name", left=True, strong=True), Column("what it is", left=True, wraps=True))


def report(losses: Sequence[Loss], *, by_framework: bool = False) -> Report:
    """One row per loss: its name and summary, or its names; JSON and CSV add its family and inputs."""
    if by_framework:
        rows_of_names = [(loss.name, name) for loss in losses for _, names in _names(loss) for name in names]
        shown = table_of(_NAME_COLUMNS, rows_of_names)
    else:
        shown = table_of(_COLUMNS, [(loss.name, headline(loss)) for loss in losses])
    rows = [
        (loss.name, loss.class_name, loss.function_name, loss.family, ", ".join(loss.roles), headline(loss))
        for loss in losses
    ]
    return Report(((shown,),), rows_document(_object(loss) for loss in losses), words_table(_HEADER, rows))


def chosen(losses: Sequence[Loss], words: Sequence[str]) -> list[Loss]:
    """The losses that have all the words in a name, the family or the summary; case does not matter."""
    texts = {}
    for loss in losses:
        named = (name for framework, names in _names(loss) for name in (framework, *names))
        texts[loss.name] = "\n".join((*loss.names, loss.family, headline(loss), *named)).lower()
    return [loss for loss in losses if all(word.lower() in texts[loss.name] for word in words)]


def _names(loss: Loss) -> list[tuple[str, tuple[str, ...]]]:
    """What each framework calls the loss."""
    named = [(convention.name, convention.names) for convention in loss.each_convention if convention.names]
    return named or [("", tuple(filter(None, (loss.class_name, loss.function_name))))]


def _object(loss: Loss) -> dict[str, object]:
    return {
        "name": loss.name,
        "class_name": loss.class_name,
        "function_name": loss.function_name,
        "family": loss.family,
        "inputs": list(loss.roles),
        "summary": headline(loss),
        "names": {framework or "losscli": list(known) for framework, known in _names(loss)},
    }
