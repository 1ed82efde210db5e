"""A computed loss as a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from math import isnan
from typing import Any

from losscli.report.penalty import penalty_parts
from losscli.report.report import Cell, Column, Facts, Part, Report, Signature, Table, table_of
from losscli.request.compute import Result
from losscli.request.document import document, group_rows
from losscli.request.samples import Block, Entries, Samples
from losscli.schema.text import plural

_Cells = Callable[[Block], Sequence[Cell]]


def report(
    result: Result,
    samples: Samples | None,
    *,
    listed: bool = False,
    penalty_slopes: bool = False,
    digits: int | None = None,
) -> Report:
    """Signature, reduced numbers, rows of samples, groups and penalty; with `listed` the rows for JSON."""
    bound = result.bound
    groups: list[tuple[Part, ...]] = [(Signature(result.signature),), (_figures(result),)]
    if samples is not None and samples.count and bound.loss.units != "":
        groups.append((_table(samples, machine=False),))
    if bound.groups is not None:
        columns = (Column("group", left=True), Column("count"), Column("mean", strong=True))
        groups.append((table_of(columns, list(group_rows(result))),))
    if result.objective is not None and bound.penalty is not None:
        groups.append(penalty_parts(result.objective, bound.penalty, digits=digits, gradients=penalty_slopes))
    rows = _objects(samples) if samples is not None and listed else None
    return Report(
        tuple(groups), partial(document, result, rows), None if samples is None else _table(samples, machine=True)
    )


def _figures(result: Result) -> Facts:
    """The reduced numbers, each once: the value is the sum or the mean; what is undefined or zero is left out."""
    reduced, objective = result.reduced, result.objective
    parts = {} if objective is None else {"loss": objective.loss, "penalty": objective.penalty}
    others = {"sum": reduced.sum, "mean": reduced.mean, "standard error": reduced.standard_error}
    known = objective is None and result.bound.reduction
    rows: list[tuple[str, Cell]] = [] if result.value is None else [("value", result.value)]
    rows += parts.items()
    rows += [
        (name, number) for name, number in others.items() if not (number is None or name == known or isnan(number))
    ]
    rows += [(name, count) for name, count in (("count", reduced.count), ("ignored", reduced.ignored)) if count]
    return Facts(tuple(rows), strong="value")


def _table(samples: Samples, *, machine: bool) -> Table:
    """The rows; for a machine with index and key, and a column that says what is ignored."""
    shown: list[tuple[Column, _Cells]] = []
    if machine or not samples.key:
        shown.append((Column("index"), lambda block: block.index))
    if samples.key:
        shown.append((Column(samples.key, left=True), lambda block: block.key))
    if samples.predicts:
        shown.append((Column("prediction", optional=True), lambda block: block.prediction))
    if samples.target is not None:
        shown += _of_entries(samples.target.role, samples.target, lambda block: block.target)
    if machine:
        shown.append((Column("loss"), lambda block: block.loss))
        shown.append((Column("ignored"), lambda block: [str(ignored).lower() for ignored in block.ignored]))
    else:
        shown.append((Column("loss", strong=True), _losses))
    for which, entries in enumerate(samples.gradients):
        title = f"{'d_' if machine else '∂/∂'}{entries.role}"
        shown += _of_entries(title, entries, _gradients(which), optional=True)
    note = f"{plural(samples.left_out, 'more sample')}: --rows all" if samples.left_out else ""
    blocks = ([cells(block) for _, cells in shown] for block in samples.blocks)
    return Table(tuple(column for column, _ in shown), blocks, samples.count, samples.gap, note, "-f csv --gradients")


def _of_entries(
    title: str, entries: Entries, columns: Callable[[Block], Sequence[Sequence[Cell]]], *, optional: bool = False
) -> Iterator[tuple[Column, _Cells]]:
    """A column for each entry of an array, under the array's name where there are several."""
    for at, name in enumerate(entries.names or (title,)):
        yield Column(name, title if entries.names else "", optional=optional), _nth(columns, at)


def _nth(columns: Callable[[Block], Sequence[Sequence[Cell]]], at: int) -> _Cells:
    return lambda block: columns(block)[at]


def _gradients(which: int) -> Callable[[Block], Sequence[Sequence[float]]]:
    return lambda block: block.gradients[which]


def _losses(block: Block) -> Sequence[Cell]:
    pairs = zip(block.loss, block.ignored, strict=True)
    return ["ignored" if ignored else loss for loss, ignored in pairs] if any(block.ignored) else block.loss


def _objects(samples: Samples) -> list[dict[str, Any]]:
    """The rows for JSON."""
    found: list[dict[str, Any]] = []
    for block in samples.blocks:
        targets: Iterable[Any] = zip(*block.target, strict=True) if block.target else repeat(None)
        keys, predictions = block.key or repeat(None), block.prediction or repeat(None)
        rows = zip(block.index, keys, predictions, targets, block.loss, block.ignored, strict=False)
        for index, key, prediction, target, loss, ignored in rows:
            only = target[0] if target is not None and len(target) == 1 else target
            place = [*map(int, index.split(","))] if isinstance(index, str) else index
            found.append(
                {
                    "index": place,
                    "key": key,
                    "prediction": prediction,
                    "target": only,
                    "loss": loss,
                    "ignored": ignored,
                }
            )
    return found
