"""Predictions paired with another row's truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.data import Data, Elements, Held
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.attempts import Attempt
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, Vector, part

_LEAST = 3
_BY_KEY = "compare each prediction with the truth of its own row (of text: shift once, not never or twice)"


def out_of_step(case: Case) -> Iterator[Attempt]:
    """Each prediction with the truth of the row before or after it, along the last axis of the units."""
    target = next((field for field in case.bound.inputs if field.name in ("target", "targets")), None)
    if target is None or not isinstance(case.bound.layout, Layout) or not case.shape or case.shape[-1] < _LEAST:
        return
    for step, name, row in ((1, "shifted_by_one", "before"), (-1, "shifted_back_by_one", "after")):
        text = f"each prediction was compared with the truth of the row {row} it"
        dropped = part(name, "A", f"{text}, and what has none was left out", _BY_KEY, later=1)
        around = part(f"{name}_around", "A", f"{text}, the last with the first", _BY_KEY, later=2)
        plain = case.kept is None and len(case.shape) == 1 and case.bound.sample_weight is None
        yield _rolled(case, dropped, step, drop=True) if plain else _rebuilt(case, dropped, step, drop=True)
        yield _rolled(case, around, step, drop=False) if plain else _rebuilt(case, around, step, drop=False)


def _rolled(case: Case, mistake: Part, step: int, *, drop: bool) -> Attempt:
    """The truth moved along a single axis, with one pass or none."""
    inside = (slice(1, None) if step > 0 else slice(None, -1)) if drop else slice(None)

    def reckon() -> Vector | None:
        if case.labels is not None:
            found = case.relabelled(np.roll(case.labels, step))
        else:
            moved = case.with_changes({"target": np.roll(case.argument("target"), step, axis=0)})
            found = None if moved is None else (moved, case.shares)
        if found is None:
            return None
        losses, shares = found
        return Vector((mistake,), losses[inside], None if shares is None else shares[inside])

    return Attempt((mistake,), reckon, passes=case.table is None)


def _rebuilt(case: Case, mistake: Part, step: int, *, drop: bool) -> Attempt:
    """The truth moved along the last axis of several, ignored entries with it: the request is made anew."""

    def reckon() -> Vector | None:
        losses = _moved(case, step)
        if losses is None:
            return None
        values, shares, kept = losses
        if drop:
            inside = np.ones(case.shape, dtype=bool)
            inside[..., 0 if step > 0 else -1] = False
            chosen = inside.reshape(-1) if kept is None else inside.reshape(-1)[kept]
            values, shares = values[chosen], None if shares is None else shares[chosen]
        return Vector((mistake,), values, shares)

    return Attempt((mistake,), reckon)


def _moved(case: Case, step: int) -> tuple[Array, Array | None, Elements | None] | None:
    data, layout = case.request.inputs["target"], case.bound.layout
    axis = len(case.shape) - 1
    whole = data.store.flat(0, data.size).reshape(data.shape)
    if isinstance(layout, Layout) and layout.axis is not None and len(data.shape) > len(case.shape):
        axis += layout.axis <= axis  # the target has the class axis too
    rolled = Data(data.source, data.dtype, Held(np.roll(whole, step, axis=axis)), data.place, words=data.words)
    request = replace(case.request, inputs={**case.request.inputs, "target": rolled})
    try:
        bound = request.bound()
    except LossError:
        return None
    found = case.losses_of(bound)
    if found is None:
        return None
    kept = None
    if bound.ignored is not None:
        kept = rolled.store.flat(0, rolled.size).reshape(-1) != bound.ignored[1]
    return *found, kept
