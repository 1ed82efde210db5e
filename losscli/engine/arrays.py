"""Arrays that have found their place: an entry, or a row, for every unit."""

from __future__ import annotations

import numpy as np

from losscli.engine.broadcast import broadcast, by_first_axes, laid_over
from losscli.engine.layout import Layout, shape_text
from losscli.engine.unchunked import Whole, fits
from losscli.schema.data import Data
from losscli.schema.domains import WEIGHT, Domain
from losscli.schema.faults import DataFault, LossError
from losscli.schema.loss import Array, OptionSpec, Role
from losscli.schema.records import record

_FEW_CLASSES = 10  # whose numbers a cure writes out
UNIT_WEIGHT = Role("u", WEIGHT, "weight of each sample")


@record
class Field:
    """An array with a value, or a row of values, for every unit; or as its role says, where data stay whole.

    `given` is its shape before it was laid over the units, if it was, and `aligned` that shape with an axis for each of
    theirs; `member_of` the input it is one array of.
    """

    name: str
    data: Data
    role: Role
    domain: Domain
    given: tuple[int, ...] | None = None
    aligned: tuple[int, ...] = ()
    member_of: str = ""


def array_option(spec: OptionSpec, data: Data, layout: Layout | Whole, faults: list[LossError]) -> Array | None:
    """An array option that is the same for all units, whole in memory."""
    if spec.option.axes == "*":
        if len(data.shape) != 1:
            faults.append(DataFault(f"{spec.name} has shape {shape_text(data.shape)} ({data.source})", "give a list"))
            return None
    elif isinstance(layout, Whole) and spec.option.axes != "c":
        if not fits(spec.option.axes, data.shape, layout.lengths):
            fact = f"{spec.name} has shape {shape_text(data.shape)} ({data.source})"
            faults.append(DataFault(fact, f"give it the axes ({', '.join(spec.option.axes.split())})"))
            return None
    elif data.shape != (layout.length,):
        fact = f"{spec.name} has shape {shape_text(data.shape)} ({data.source}), but there are {layout.length} classes"
        cure = f"give one number a class: shape ({layout.length},)"
        if not data.shape and layout.length is not None and layout.length <= _FEW_CLASSES:
            value = f"{float(data.array()):g}"
            cure += f"; the same for every class is [{', '.join([value] * layout.length)}]"
        faults.append(DataFault(fact, cure))
        return None
    values = data.store.flat(0, data.size).astype(np.float64)
    holds = spec.option.domain.holds(values)
    if not holds.all():
        at = int(np.flatnonzero(~holds)[0])
        faults.append(DataFault(f"{data.place(at)}: {spec.name} must be {spec.option.domain.words}, got {values[at]}"))
    shape = layout.kernel_shape(spec.option.axes, data.shape) if isinstance(layout, Whole) else data.shape
    return values.reshape(shape)


def over_units(
    name: str, data: Data, layout: Layout | Whole, axes: str, domain: Domain, faults: list[LossError]
) -> Field | None:
    """An array broadcast to the elements of the units, as PyTorch broadcasts weights."""
    shape = layout.unit_shape if axes == "u" else layout.shape
    aligned = broadcast(data.shape, shape)
    if aligned is None:
        fact = f"{name} has shape {shape_text(data.shape)} ({data.source})"
        faults.append(DataFault(fact, f"give it a shape that broadcasts to {shape_text(shape)}"))
        return None
    laid = data if data.shape == shape else laid_over(data, aligned, shape)
    return Field(name, laid, Role(axes, domain, "weight of each element"), domain)


def over_samples(name: str, data: Data, layout: Layout | Whole, faults: list[LossError]) -> Field | None:
    """An array with an entry a unit, or one for all that share their first axes, or one that broadcasts to them."""
    shape = layout.unit_shape
    aligned = by_first_axes(data.shape, shape) or broadcast(data.shape, shape)
    if aligned is None:
        wanted = " or ".join(dict.fromkeys((shape_text(shape[:1]), shape_text(shape))))
        fact = f"{name} has shape {shape_text(data.shape)} ({data.source})"
        faults.append(DataFault(fact, f"give one entry a sample: shape {wanted}, or one that broadcasts to it"))
        return None
    return Field(name, data if data.shape == shape else laid_over(data, aligned, shape), UNIT_WEIGHT, WEIGHT)
