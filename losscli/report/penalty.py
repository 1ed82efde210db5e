"""What a penalty adds to a loss, for people and for machines."""

from __future__ import annotations

from typing import Any

from losscli.report.tables import Column
from losscli.request.penalty import Objective, slopes
from losscli.schema.data import Data
from losscli.schema.penalty import Penalty
from losscli.schema.text import in_row, significant

_ENTRIES = 6  # of a parameter's gradient, which may have millions


def objective_object(objective: Objective, penalty: Penalty) -> dict[str, Any]:
    """The objective for JSON; the gradients are among the others."""
    return {
        "loss": objective.loss,
        "l1": objective.l1,
        "l2": objective.l2,
        "penalty": objective.penalty,
        "objective": objective.objective,
        "arrays": [{"name": each.name, "l1": each.l1, "l2": each.l2} for each in objective.arrays],
        "weight_decay": penalty.decay,
    }


def penalty_columns(objective: Objective, penalty: Penalty, digits: int | None, *, gradients: bool) -> list[Column]:
    """A row an array: what it adds, and the first entries of the penalty's gradient."""
    arrays = penalty.arrays.values()
    columns = [
        Column("parameters", list(penalty.arrays), left=True),
        Column("shape", ["×".join(map(str, data.shape)) or "1" for data in arrays]),
        Column("l1", [in_row(each.l1, digits) for each in objective.arrays]),
        Column("l2", [in_row(each.l2, digits) for each in objective.arrays]),
    ]
    if gradients:
        columns.append(Column("∂penalty", [_entries(penalty, data, digits) for data in arrays], left=True))
    return columns


def _entries(penalty: Penalty, data: Data, digits: int | None) -> str:
    shown = slopes(penalty, data, min(data.size, _ENTRIES)).tolist()
    return " ".join(in_row(value, digits) for value in shown) + (" …" if data.size > _ENTRIES else "")


def weight_decay(penalty: Penalty, digits: int | None) -> str:
    """The same step by other means, in one line."""
    decay = significant(penalty.decay, digits)
    return f"weight decay {decay}: a step of SGD is w ← (1 - lr · {decay}) · w - lr · g, where g is the loss's gradient"
