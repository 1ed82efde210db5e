"""Everything about a computed loss in plain values: what JSON has, and what `to_dict()` gives in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from losscli.request.compute import Result
from losscli.schema.data import Data
from losscli.schema.text import shortest

if TYPE_CHECKING:
    from losscli.request.penalty import Objective
    from losscli.schema.penalty import Penalty


def document(result: Result, rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Everything about a computed loss, for JSON; an objective only where a penalty is asked for."""
    bound, reduced = result.bound, result.reduced
    groups = None
    if bound.groups is not None:
        groups = [{"group": name, "count": count, "mean": mean} for name, count, mean in group_rows(result)]
    objective = {}
    if result.objective is not None and bound.penalty is not None:
        objective = {"objective": objective_object(result.objective, bound.penalty)}
    return {
        "schema": 1,
        "loss": bound.loss.name,
        "signature": result.signature,
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
        "rows": rows,
        "warnings": [*result.warnings, *bound.notes],
        **objective,
    }


def group_rows(result: Result) -> Iterator[tuple[str, int, float]]:
    """Name, count and mean of each group."""
    data = result.bound.groups
    words = data.words if data is not None else ()
    for group in result.reduced.groups:
        plain = shortest(group.key).removesuffix(".0")
        yield words[int(group.key)] if words else plain, group.count, group.mean


def objective_object(objective: Objective, penalty: Penalty) -> dict[str, Any]:
    """The objective for JSON; the gradients are among the others."""
    return {
        "loss": objective.loss,
        "l1": objective.l1,
        "l2": objective.l2,
        "penalty": objective.penalty,
        "objective": objective.objective,
        "arrays": [{"name": array.name, "l1": array.l1, "l2": array.l2} for array in objective.arrays],
        "weight_decay": penalty.decay,
    }


def plain(value: Any) -> Any:
    """A value in types of Python's own: arrays as nested lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def html_table(rows: Iterable[tuple[str, object]]) -> str:
    """Names and values as a small table, for a notebook."""
    cells = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
    return f"<table>{''.join(cells)}</table>"


def _origin(data: Data) -> dict[str, Any]:
    return {"source": data.source, "shape": list(data.shape), "dtype": data.dtype}
