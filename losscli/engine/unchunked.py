"""Data that a kernel gets whole: named axes whose lengths all arrays agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

import numpy as np

from losscli.engine.layout import shape_text
from losscli.schema.data import Data, Elements, Store
from losscli.schema.faults import DataFault, LossError
from losscli.schema.loss import Array, InputSpec, Loss, Role
from losscli.schema.records import record

_REST = "..."  # any axes; a kernel sees them as one
Lengths = dict[str, tuple[int, ...]]


@record
class Whole:
    """The lengths of the axes by name (several of `...`, none of an optional axis that is missing), and the units'."""

    shape: tuple[int, ...]
    lengths: Mapping[str, tuple[int, ...]]
    unit_axes: tuple[str, ...]

    @property
    def unit_shape(self) -> tuple[int, ...]:
        return tuple(length for axis in self.unit_axes for length in self.lengths[axis])

    @property
    def units(self) -> int:
        return prod(self.unit_shape)

    @property
    def length(self) -> int | None:
        """How many classes there are, if an axis holds them."""
        return prod(self.lengths["c"]) if "c" in self.lengths else None

    def chunks(self) -> Iterator[tuple[int, int]]:
        """All units at once."""
        if self.units:
            yield 0, self.units

    def block(self, axes: str, store: Store, start: int, stop: int) -> Elements:
        """An entry a unit for `u`; every other array whole, in the axes that its role names."""
        if axes == "u":
            return store.flat(start, stop)
        return store.flat(0, prod(store.shape)).reshape(self.kernel_shape(axes, store.shape))

    def kernel_shape(self, axes: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of an array as the kernel sees it: samples always have their axis, `...` is one."""
        return shape if axes == "*" else tuple(prod(self.lengths[name]) for name in _names(axes))

    def element(self, axes: str, start: int, at: int) -> int:
        """Where element `at` of a block lies, in C order."""
        return start + at if axes == "u" else at

    def by_unit(self, gradient: Array, axes: str) -> Array | None:
        """A gradient as the kernel gave it, one row a unit; None if its entries belong to no single unit."""
        names = _names(axes)
        held = [name for name in self.unit_axes if prod(self.lengths[name]) > 1]
        if any(name not in names for name in held):
            return None
        first = [names.index(name) for name in self.unit_axes if name in names]
        return np.moveaxis(gradient, first, range(len(first))).reshape(self.units, -1)


def resolve(loss: Loss, inputs: Mapping[str, Data], faults: list[LossError]) -> tuple[Whole, dict[str, Role]]:
    """The lengths of all axes, and the form of each input that fits; a fault for the first input that fits none."""
    named = [spec for spec in loss.inputs if spec.forms]
    optional = any("?" in form.axes for spec in named for form in spec.forms)
    attempts = [_attempt(named, inputs, batched=batched) for batched in ((True, False) if optional else (True,))]
    lengths, forms = max(attempts, key=lambda attempt: len(attempt[1]))
    for spec in named:
        if spec.name not in forms:
            faults.append(_misshapen(loss, spec, inputs[spec.name], lengths))
            break
    unit_axes = tuple(_names(loss.units or ""))
    return Whole(inputs[loss.inputs[0].name].shape, {**dict.fromkeys(unit_axes, ()), **lengths}, unit_axes), forms


def fits(axes: str, shape: tuple[int, ...], lengths: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether an array's shape agrees with the lengths of the axes it names."""
    return _matched(axes, shape, lengths, batched=bool(lengths.get("n", (1,)))) is not None


def _attempt(
    named: Sequence[InputSpec], inputs: Mapping[str, Data], *, batched: bool
) -> tuple[Lengths, dict[str, Role]]:
    """The lengths, and the forms, as far as one input after the other fits."""
    lengths: Lengths = {}
    forms: dict[str, Role] = {}
    for spec in named:
        for form in spec.forms:
            matched = _matched(form.axes, inputs[spec.name].shape, lengths, batched=batched)
            if matched is not None:
                lengths, forms[spec.name] = matched, form
                break
        else:
            break
    return lengths, forms


def _matched(
    axes: str, shape: tuple[int, ...], known: Mapping[str, tuple[int, ...]], *, batched: bool
) -> Lengths | None:
    """The lengths with those of one more array, or None if it contradicts them."""
    lengths = dict(known)
    names = _names(axes)
    missing = {name for name in names if f"{name}?" in axes.split() and not batched}
    present = [name for name in names if name not in missing]
    rest = len(shape) - sum(name != _REST for name in present)
    if rest < 0 or (rest and _REST not in present):
        return None
    at = 0
    for name in present:
        width = rest if name == _REST else 1
        if lengths.setdefault(name, shape[at : at + width]) != shape[at : at + width]:
            return None
        at += width
    return {**lengths, **dict.fromkeys(missing, ())}


def _names(axes: str) -> list[str]:
    return [token.removesuffix("?") for token in axes.split()]


def _misshapen(loss: Loss, spec: InputSpec, data: Data, lengths: Lengths) -> LossError:
    known = ", ".join(f"{name} = {length[0]}" for name, length in lengths.items() if name != _REST and length)
    wanted = " or ".join(f"({', '.join(form.axes.replace('?', '').split())})" for form in spec.forms)
    samples = ", n only if there are samples" if any("n?" in form.axes for form in spec.forms) else ""
    return DataFault(
        f"{spec.name} has shape {shape_text(data.shape)} ({data.source})",
        f"{loss.name} wants the axes {wanted}{f', where {known}' if known else ''}{samples}",
    )
