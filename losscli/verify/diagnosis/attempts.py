"""One mistake in how the losses of units are reckoned, and how to reckon with it; most are never needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.bind import Bound
from losscli.schema.loss import Array, Loss
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, Vector, rank_of

View = Callable[[Array], Array]


@record
class Attempt:
    """Mistakes, and how to reckon with them; `passes` says whether that goes through all data once more."""

    parts: tuple[Part, ...]
    reckon: Callable[[], Vector | None]
    passes: bool = True

    @property
    def rank(self) -> int:
        return rank_of(self.parts)


def viewed(case: Case, mistake: Part, role: str, view: View, *, passes: bool = True) -> Attempt:
    """The losses of an input seen in another way."""
    return replaced(case, (mistake,), lambda: {role: _quiet(view, case.argument(role))}, passes=passes)


def replaced(
    case: Case,
    parts: tuple[Part, ...],
    changes: Callable[[], Mapping[str, Any]],
    loss: Loss | None = None,
    *,
    passes: bool = True,
) -> Attempt:
    """The losses with some arguments replaced, or of another loss."""

    def reckon() -> Vector | None:
        losses = case.with_changes(changes(), loss)
        return None if losses is None else Vector(parts, losses, case.shares if loss is None else None)

    return Attempt(parts, reckon, passes)


def relabelled(case: Case, mistake: Part, labels: NDArray[np.intp]) -> Attempt:
    """The losses with other labels."""

    def reckon() -> Vector | None:
        found = case.relabelled(labels)
        return None if found is None else Vector((mistake,), *found)

    return Attempt((mistake,), reckon, passes=case.table is None)


def rebound(case: Case, parts: tuple[Part, ...], bound: Bound | None) -> Attempt | None:
    """The same request with other options or settings, if it allows them."""
    if bound is None:
        return None

    def reckon() -> Vector | None:
        found = case.losses_of(bound)
        return None if found is None else Vector(parts, *found)

    return Attempt(parts, reckon)


def instead(case: Case, mistake: Part, losses: Callable[[], Array | None]) -> Attempt:
    """Losses that are there already, or nearly."""

    def reckon() -> Vector | None:
        found = losses()
        return None if found is None else Vector((mistake,), found, case.shares)

    return Attempt((mistake,), reckon, passes=False)


def scalar(case: Case, mistake: Part, value: Callable[[], float]) -> Attempt:
    """A number that is made of no losses."""
    return Attempt((mistake,), lambda: Vector((mistake,), case.losses, case.shares, scalar=value()), passes=False)


def _quiet(view: View, values: Array) -> Array:
    with np.errstate(all="ignore"):
        return view(values.copy())
