"""A computed loss in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from losscli.report.formats import Screen, Showing
from losscli.report.penalty import objective_object, penalty_columns, weight_decay
from losscli.report.tables import Column, console, drawn, more, pairs, table
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.request.compute import Result
from losscli.request.samples import Samples, figures, samples
from losscli.request.signature import signature
from losscli.schema.data import Data
from losscli.schema.text import in_row, shortest, significant


def as_json(result: Result) -> str:
    """One object with every key, whatever was asked for."""
    return to_json(document(result)) + "\n"


def document(result: Result) -> dict[str, Any]:
    """Everything about a computed loss, for JSON; an objective only where a penalty is asked for."""
    bound, reduced = result.bound, result.reduced
    found, penalty = result.objective, bound.penalty
    groups = None
    if bound.groups is not None:
        groups = [{"group": name, "count": count, "mean": mean} for name, count, mean in group_rows(result)]
    objective = {} if found is None or penalty is None else {"objective": objective_object(found, penalty)}
    return {
        "schema": 1,
        "loss": bound.loss.name,
        "signature": signature(bound, reduced),
        "convention": bound.convention.name,
        "options": {name: _origin(v) if isinstance(v, Data) else v for name, v in bound.options.items()},
        "inputs": {field.name: _origin(field.data) for field in bound.inputs},
        "reduction": bound.reduction,
        "value": result.per_sample if result.value is None else result.value,
        "sum": reduced.sum,
        "mean": reduced.mean,
        "standard_error": reduced.standard_error,
        "count": reduced.count,
        "ignored": reduced.ignored,
        "denominator": reduced.denominator,
        "per_sample": result.per_sample,
        "gradients": None if result.gradients is None else dict(result.gradients),
        "groups": groups,
        "warnings": [*result.warnings, *bound.notes],
        **objective,
    }


def as_csv(result: Result, showing: Showing) -> tuple[str, list[str]]:
    """The rows of samples, in all digits; and what to say of those that are left out."""
    found = samples(result, showing.rows, gradients=showing.gradients, digits=None, full=True)
    said = [f"{len(found.rows)} of {len(found.rows) + found.left_out} samples are shown; --rows all shows all"]
    return to_csv(_sheet(found)), said if found.left_out else []


def as_markdown(result: Result, showing: Showing) -> str:
    """The signature, the reduced numbers, and the rows of samples."""
    parts = [f"`{signature(result.bound, result.reduced)}`\n"]
    parts.append(to_markdown([("", result.bound.loss.name), *figures(result, showing.digits)]))
    if showing.per_sample:
        found = samples(result, showing.rows, gradients=showing.gradients, digits=showing.digits)
        columns = _columns(found)
        cells = [[c if isinstance(c, str) else " ".join(c) for c in column.cells] for column in columns]
        parts.append(to_markdown([[column.name for column in columns], *zip(*cells, strict=True)]))
        if found.left_out:
            parts.append(more(found.left_out) + "\n")
    if result.bound.groups is not None:
        rows = [(name, str(count), significant(mean, showing.digits)) for name, count, mean in group_rows(result)]
        parts.append(to_markdown([("group", "count", "mean"), *rows]))
    if (columns := _penalised(result, showing)) and result.bound.penalty is not None:
        cells = [list(map(str, column.cells)) for column in columns]
        parts.append(to_markdown([[column.name for column in columns], *zip(*cells, strict=True)]))
        parts.append(weight_decay(result.bound.penalty, showing.digits) + "\n")
    return "\n".join(parts)


def as_table(result: Result, showing: Showing, screen: Screen) -> str:
    """What a person sees: signature, reduced numbers, samples, groups."""
    from rich.text import Text

    paper = console(screen)
    paper.print(Text(signature(result.bound, result.reduced), style="dim"), soft_wrap=True)
    paper.print()
    paper.print(pairs(figures(result, showing.digits), strong="value"))
    if showing.per_sample and result.bound.layout.units:
        found = samples(result, showing.rows, gradients=showing.gradients, digits=showing.digits)
        gap = (len(found.rows) + 1) // 2 - 1 if found.left_out else None
        paper.print(table(_columns(found), screen, gap))
        if note := more(found.left_out):
            paper.print(Text(note, style="dim"))
    if result.bound.groups is not None:
        rows = list(group_rows(result))
        columns = (
            Column("group", [name for name, _, _ in rows], left=True),
            Column("count", [str(count) for _, count, _ in rows]),
            Column("mean", [in_row(mean, showing.digits) for _, _, mean in rows], strong=True),
        )
        paper.print(table(columns, screen))
    if (penalised := _penalised(result, showing)) and result.bound.penalty is not None:
        paper.print(table(penalised, screen))
        paper.print(Text(weight_decay(result.bound.penalty, showing.digits), style="dim"), soft_wrap=True)
    return drawn(paper)


def _penalised(result: Result, showing: Showing) -> list[Column]:
    """The columns of a penalty; none without one."""
    if result.objective is None or result.bound.penalty is None:
        return []
    return penalty_columns(result.objective, result.bound.penalty, showing.digits, gradients=showing.gradients)


def group_rows(result: Result) -> Iterator[tuple[str, int, float]]:
    """Name, count and mean of each group."""
    data = result.bound.groups
    words = data.words if data is not None else ()
    for group in result.reduced.groups:
        plain = shortest(group.key).removesuffix(".0")
        yield words[int(group.key)] if words else plain, group.count, group.mean


def _origin(data: Data) -> dict[str, Any]:
    return {"source": data.source, "shape": list(data.shape), "dtype": data.dtype}


def _columns(found: Samples) -> list[Column]:
    columns = [Column("index", [row.index for row in found.rows])]
    if found.target_name:
        columns.append(Column(found.target_name, [row.target for row in found.rows]))
    columns.append(Column("loss", [row.loss for row in found.rows], strong=True))
    for at, name in enumerate(found.gradient_names):
        columns.append(Column(f"∂/∂{name}", [row.gradients[at] for row in found.rows], left=True))
    return columns


def _sheet(found: Samples) -> Iterator[list[str]]:
    """A header, and a line a sample: index, target, loss, whether it is ignored, and the gradients column by column."""
    first = found.rows[0] if found.rows else None
    header = ["index", *_numbered(found.target_name, len(first.target.split()) if first else 1), "loss", "ignored"]
    for at, name in enumerate(found.gradient_names):
        header += _numbered(f"d_{name}", len(first.gradients[at]) if first else 1)
    yield header
    for row in found.rows:
        cells = [row.index, *row.target.split(), row.loss, "true" if row.ignored else "false"]
        yield cells + [number for vector in row.gradients for number in vector]


def _numbered(name: str, count: int) -> list[str]:
    if not name:
        return []
    return [name] if count == 1 else [f"{name}_{i}" for i in range(count)]
