"""What a report of a computed loss shows, before any format: numbers in order, and the rows of single samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.chunks import block
from losscli.engine.evaluate import Detail, examine, upstream
from losscli.engine.unchunked import Whole
from losscli.request.compute import Result, unit_index
from losscli.schema.data import Elements
from losscli.schema.records import record
from losscli.schema.synonyms import role_named
from losscli.schema.text import in_row, shortest, significant


@record
class Row:
    """One sample: its index, what was to be met, its loss and its gradients, as texts."""

    index: str
    target: str
    loss: str
    ignored: bool
    gradients: tuple[Sequence[str], ...]


@record
class Samples:
    """The rows of a report, and how many samples it leaves out. `target_name` is empty if the loss has no target."""

    target_name: str
    gradient_names: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int


def figures(result: Result, digits: int | None) -> list[tuple[str, str]]:
    """The reduced numbers, by name."""
    reduced = result.reduced
    objective = result.objective
    parts = {} if objective is None else {"loss": objective.loss, "penalty": objective.penalty}
    numbers = {
        "value": result.value,
        **parts,
        "sum": reduced.sum,
        "mean": reduced.mean,
        "standard error": reduced.standard_error,
    }
    lines = [(name, significant(number, digits)) for name, number in numbers.items() if number is not None]
    return [*lines, ("count", str(reduced.count)), ("ignored", str(reduced.ignored))]


def samples(result: Result, rows: int | None, *, gradients: bool, digits: int | None, full: bool = False) -> Samples:
    """The rows of single samples: the worst, if they were asked for, else the first and the last.

    With `rows` None all of them; with `full` the numbers in all their digits.
    """
    bound = result.bound
    units, left_out = _chosen(result, rows)
    detail = examine(bound, units, upstream(bound) if gradients else None)
    role = role_named("target", [field.name for field in bound.inputs])
    target = next((field for field in bound.inputs if field.name == role), None)
    shown = tuple(_row(bound, detail, target, at, digits, full) for at in range(len(units)))
    return Samples(target.name if target else "", tuple(detail.gradients), shown, left_out)


def _chosen(result: Result, rows: int | None) -> tuple[tuple[int, ...], int]:
    units = result.bound.layout.units
    if result.worst:
        return result.worst, 0
    if rows is None or units <= rows:
        return tuple(range(units)), 0
    head = rows - rows // 2
    return (*range(head), *range(units - rows // 2, units)), units - rows


def _row(bound: Bound, detail: Detail, target: Field | None, at: int, digits: int | None, full: bool) -> Row:
    def number(value: float) -> str:
        return shortest(value) if full else in_row(value, digits)

    unit, ignored = detail.units[at], detail.ignored[at]
    return Row(
        index=",".join(map(str, unit_index(bound, unit))) or "0",
        target="" if target is None else " ".join(_plain(v, number) for v in _entries(bound, target, unit).flat),
        loss="ignored" if ignored and not full else number(float(detail.losses[at])),
        ignored=ignored,
        gradients=tuple([number(float(v)) for v in rows[at]] for rows in detail.gradients.values()),
    )


def _entries(bound: Bound, field: Field, unit: int) -> Elements:
    """A unit's entries of an input; all of them, where they belong to no single unit."""
    entries = block(bound, field, unit, unit + 1)
    if isinstance(bound.layout, Whole) and field.role.axes != "u":
        rows = bound.layout.by_unit(entries, field.role.axes)
        return entries if rows is None else rows[unit]
    return entries


def _plain(value: float, number: Callable[[float], str]) -> str:
    """A label without a decimal point, any other target as a number."""
    return str(int(value)) if float(value).is_integer() else number(float(value))
