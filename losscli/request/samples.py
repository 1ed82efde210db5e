"""The rows of single samples that a report shows: which, and what stands in them, before any format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

import numpy as np

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.evaluate import upstream
from losscli.engine.examine import Detail, examine, own_entries
from losscli.request.compute import Result, unit_index
from losscli.schema.data import class_names
from losscli.schema.records import record
from losscli.schema.synonyms import role_named

_AT_ONCE = 1 << 15  # elements: enough for a kernel to be quick, few enough for lists of their cells


@record
class Entries:
    """What one input holds of a sample: its role, and where it holds several numbers what each is called."""

    role: str
    names: tuple[str, ...] = ()
    named: bool = False  # by a header, and not by mere numbers


@record
class Block:
    """Some rows, column by column. Words of the target stay words; of each gradient there are several columns."""

    index: Sequence[int | str]
    key: Sequence[str]
    prediction: Sequence[float]
    target: Sequence[Sequence[float | str]]
    loss: Sequence[float]
    ignored: Sequence[bool]
    gradients: Sequence[Sequence[Sequence[float]]]


@record
class Samples:
    """Rows of single samples, some at a time; and how many samples are left out, after which row.

    `key` is the name of the column that rows were joined on, empty without one; `predicts` says whether a prediction is
    one number; `target` is None if the loss has none that belongs to single samples.
    """

    count: int
    left_out: int
    gap: int | None
    key: str
    predicts: bool
    target: Entries | None
    gradients: tuple[Entries, ...]
    blocks: Iterator[Block]


def samples(result: Result, rows: int | None, *, gradients: bool) -> Samples:
    """The worst samples, if they were asked for, else the first and the last; with `rows` None all of them."""
    bound = result.bound
    runs, gap = _runs(result, rows)
    count = sum(stop - start for start, stop in runs)
    of_all = bound.loss.units == ""  # one number of all data: no entry is a single sample's
    shows_gradients = gradients and bool(count) and not of_all
    scale = upstream(bound, denominator=result.denominator) if shows_gradients else None
    details = examine(bound, runs, scale)
    first = next(details, None)
    fields = {field.name: field for field in bound.inputs}
    names = {} if first is None else {name: rows.shape[1] for name, rows in first.gradients.items()}
    widths: dict[str, int] = {}
    if first is not None and not of_all:
        start, stop = first.start, first.stop
        widths = {name: own_entries(bound, field, start, stop).shape[1] for name, field in fields.items()}
    prediction = fields.get(role_named("input", list(fields)) or "")
    target = fields.get(role_named("target", list(fields)) or "")
    if prediction is not None and widths.get(prediction.name) != 1:
        prediction = None
    if target is not None and not widths.get(target.name):
        target = None
    return Samples(
        count=count,
        left_out=0 if result.worst else bound.layout.units - count,
        gap=gap,
        key=bound.inputs[0].data.key,
        predicts=prediction is not None,
        target=None if target is None else _entries(target, widths[target.name]),
        gradients=tuple(_entries(fields[name], width) for name, width in names.items()),
        blocks=_blocks(bound, details if first is None else chain([first], details), prediction, target),
    )


def _runs(result: Result, rows: int | None) -> tuple[list[tuple[int, int]], int | None]:
    """The samples to show, as runs, and the row below which others are left out."""
    units = result.bound.layout.units
    if result.worst:
        return [(unit, unit + 1) for unit in result.worst], None
    at_once = max(1, _AT_ONCE // max(1, result.bound.layout.length or 1))

    def runs(start: int, stop: int) -> list[tuple[int, int]]:
        return list(pairwise([*range(start, stop, at_once), stop]))

    if rows is None or units <= rows:
        return runs(0, units), None
    head = rows - rows // 2
    return [*runs(0, head), *runs(units - rows // 2, units)], head - 1 if rows else None


def _blocks(bound: Bound, details: Iterable[Detail], prediction: Field | None, target: Field | None) -> Iterator[Block]:
    keys = bound.inputs[0].data.keys()
    lone_axis = len(bound.layout.unit_shape) <= 1
    for detail in details:
        units = range(detail.start, detail.stop)
        indices = [unit_index(bound, unit) for unit in units] if keys or not lone_axis else []
        yield Block(
            index=units if lone_axis else [",".join(map(str, index)) or "0" for index in indices],
            key=[keys[index[0]] for index in indices] if keys else (),
            prediction=()
            if prediction is None
            else own_entries(bound, prediction, detail.start, detail.stop).ravel().astype(np.float64).tolist(),
            target=() if target is None else _written(bound, target, detail),
            loss=detail.losses.tolist(),
            ignored=detail.ignored.tolist(),
            gradients=[rows.T.tolist() for rows in detail.gradients.values()],
        )


def _written(bound: Bound, field: Field, detail: Detail) -> list[list[float | str]]:
    """The columns of a target: words as they were written, whole numbers without a decimal point."""
    rows, text = own_entries(bound, field, detail.start, detail.stop), field.data.text
    if text is not None and rows.shape[1] == 1:
        elements = (bound.layout.element(field.role.axes, detail.start, at) for at in range(len(rows)))
        return [[text(element) for element in elements]]
    whole = bool(np.all(np.isfinite(rows)) and np.all(rows == np.rint(rows)))
    return [list(map(int, column) if whole else column) for column in rows.T.tolist()]


def _entries(field: Field, width: int) -> Entries:
    """An input's name, and the names of its entries: of classes where a header gives them, else their numbers."""
    if width == 1:
        return Entries(field.name)
    named = len(field.data.names) == width
    return Entries(field.name, class_names(field.data.names) if named else tuple(map(str, range(width))), named)
