"""A penalty as parts of a report."""

from __future__ import annotations

from math import prod

from losscli.report.report import Cell, Column, Part, Prose, table_of
from losscli.request.penalty import Objective
from losscli.schema.penalty import Penalty
from losscli.schema.text import significant


def penalty_parts(objective: Objective, penalty: Penalty, *, digits: int | None, gradients: bool) -> tuple[Part, ...]:
    """A row an array: what it adds, and the first entries of its gradient; then the same step by weight decay."""
    width = max((len(array.slopes) for array in objective.arrays), default=0) if gradients else 0
    columns = [Column("parameters", left=True), Column("shape"), Column("l1"), Column("l2")]
    columns += [Column("", group="∂penalty", optional=True) for _ in range(width)]
    rows: list[list[Cell]] = []
    for array in objective.arrays:
        shape = "×".join(map(str, array.shape)) or "1"
        more = [*array.slopes[:width], *([None] * (width - len(array.slopes)))]
        rows.append([array.name, shape, array.l1, array.l2, *more[:width]])
    cut = any(prod(array.shape) > len(array.slopes) for array in objective.arrays)
    note = f"∂penalty: the first {width} entries" if width and cut else ""
    decay = significant(penalty.decay, digits)
    step = f"a step of SGD is w ← (1 - lr · {decay}) · w - lr · g, where g is the loss's gradient"
    return table_of(columns, rows, note), Prose(f"weight decay {decay}: {step}", dim=True)
