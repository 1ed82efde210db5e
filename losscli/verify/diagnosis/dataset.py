"""The data of a request, whole in memory and ready for one kernel call after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, cached_property
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.bind import Bound
from losscli.engine.chunks import Chunk, MisfitError, block, denominators, divisors, load, run_kernel
from losscli.engine.evaluate import upstream
from losscli.engine.layout import CHUNK
from losscli.engine.rows import by_rows
from losscli.engine.threads import fold, usable_cores
from losscli.engine.unchunked import Whole
from losscli.request.request import Request
from losscli.schema.faults import LossError
from losscli.schema.loss import Array, Loss, LossMistake
from losscli.schema.records import record

LARGE = 30_000  # elements of all inputs together from which on arrays are explained by a sample of rows
LARGEST = 4_000_000  # elements of all inputs together; beyond, exact sums decide about numbers, and a part about arrays


@record
class Everything:
    """Of the whole data, where a dataset is a part of them: the slope of the value by each loss, and the counts."""

    over: float
    counts: tuple[int, int, int]


class Dataset:
    """A bound request with its data loaded: what each mistake starts from."""

    def __init__(self, request: Request, bound: Bound, everything: Everything | None = None) -> None:
        self.request, self.bound, self.loss = request, bound, bound.loss
        self.units = bound.layout.units
        self.everything = everything

    @property
    def fits_in_memory(self) -> bool:
        return self.size <= LARGEST

    @property
    def size(self) -> int:
        """Elements of all inputs together."""
        return sum(field.data.size for field in self.bound.inputs)

    @cached_property
    def chunk(self) -> Chunk:
        chunk = load(self.bound, 0, self.units)
        for value in chunk.arguments.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False  # one mistake must not change the data of the next
        return chunk

    @cached_property
    def losses(self) -> Array:
        """The correct losses of the units that count."""
        relabelled = None if self.table is None or self.labels is None else self.with_labels(self.labels)
        return self.kernel_of(self.arguments) if relabelled is None else relabelled[0]

    @cached_property
    def over(self) -> float:
        """The derivative of the value by the sum of the losses, in the whole data."""
        return upstream(self.bound) if self.everything is None else self.everything.over

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many losses, samples and units the whole data have."""
        return (len(self.losses), self.samples, self.units) if self.everything is None else self.everything.counts

    @cached_property
    def denominators(self) -> Array | None:
        return denominators(self.loss, self.chunk)

    @cached_property
    def divisors(self) -> Array | None:
        return divisors(self.bound, self.chunk)

    @property
    def kept(self) -> NDArray[np.bool_] | None:
        return self.chunk.kept

    @property
    def in_nats(self) -> bool:
        """Whether the loss is a natural logarithm, whose base somebody may have mistaken."""
        return self.loss.unit == "nats"

    @property
    def samples(self) -> int:
        """The size of the first axis of the units."""
        shape = self.bound.layout.unit_shape
        return shape[0] if shape else 1

    @property
    def classes(self) -> int:
        """The length of a unit's row, 1 if it has none."""
        layout = self.bound.layout
        return 1 if isinstance(layout, Whole) else layout.length

    @cached_property
    def arguments(self) -> Mapping[str, Any]:
        """What the kernel gets."""
        return self.chunk.arguments

    def argument(self, role: str) -> Array:
        value: Array = self.arguments[role]
        return value

    @cached_property
    def table(self) -> Array | None:
        """What each unit's loss would be with each label, less the weights; None if the loss has no such table."""
        if self.loss.table is None or self.argument("target").ndim != 1:
            return None
        value: Array | None = _asked(self.loss.table, self.arguments)
        return value

    @cached_property
    def own(self) -> tuple[LossMistake, ...]:
        """What the loss's definition lists, as far as it can be made here."""
        return tuple(mistake for mistake in self.loss.mistakes if self.asked(mistake.given))

    @cached_property
    def labels(self) -> NDArray[np.intp] | None:
        """The labels of the units that count, where the truth is labels."""
        field = next((field for field in self.bound.inputs if field.name == "target"), None)
        if field is None or not field.role.domain.index or field.role.axes != "u":
            return None
        return self.argument("target").astype(np.intp)

    @cached_property
    def whole(self) -> Array:
        """The first input of all units, those that are ignored among them."""
        if self.kept is None:
            return self.argument(self.loss.roles[0])
        return block(self.bound, self.bound.inputs[0], 0, self.units).astype(np.float64)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of the units."""
        return self.bound.layout.unit_shape

    def with_labels(self, labels: NDArray[np.intp]) -> tuple[Array, Array | None] | None:
        """The losses with other labels, and their denominators in a mean; looked up where the loss has a table."""
        named = {**self.arguments, "target": labels}
        denominator = self.loss.denominator
        denominators: Array | None = None if denominator is None else _asked(denominator, named)
        if self.table is None:
            losses = self.with_changes({"target": labels.copy()})
        else:
            losses = self.table[np.arange(len(labels)), labels]
            losses = losses if denominators is None else np.where(denominators == 0.0, 0.0, losses * denominators)
        return None if losses is None else (losses, denominators)

    def with_rows(self, rows: NDArray[np.bool_], role: str, view: Callable[[Array], Array]) -> Array:
        """The losses with an input changed in some units, whose losses alone are computed anew."""
        losses = self.losses.copy()
        if rows.any():
            some = {
                name: value[rows] if _belongs_to_units(self.loss, name, value, len(losses)) else value
                for name, value in self.arguments.items()
            }
            losses[rows] = self.kernel_of({**some, role: view(some[role])})
        return losses

    def kernel_of(self, arguments: Mapping[str, Any]) -> Array:
        """The losses for arguments of any number of units."""
        return _run(self.loss, arguments)

    def with_changes(self, changes: Mapping[str, Any], loss: Loss | None = None) -> Array | None:
        """The losses with some arguments changed, or of another loss; None where its kernel cannot take them."""
        changed, named = self._changed(changes, loss)
        try:
            value = _run(changed, named)
        except (ValueError, IndexError, TypeError):
            return None
        return value if value.size == self.losses.size else None

    def slopes_with(self, changes: Mapping[str, Any], up: Array, loss: Loss | None = None) -> Mapping[str, Array]:
        """The slopes of the sum of `up` times the losses with some arguments changed, or of another loss."""
        changed, named = self._changed(changes, loss)
        with np.errstate(all="ignore"):
            slopes: Mapping[str, Array] = changed.kernel(**_copied(named)).pullback(up)
        return slopes

    def _changed(self, changes: Mapping[str, Any], loss: Loss | None) -> tuple[Loss, dict[str, Any]]:
        changed = self.loss if loss is None else loss if self.bound.row == 1 else by_rows(loss)
        named = {**self.arguments, **changes}
        if loss is not None:
            named = {name: value for name, value in named.items() if name in _names(changed.kernel)}
        return changed, named

    def asked(self, function: Callable[..., Any]) -> Any:
        """A function of a loss's mistakes, with those of the arguments, and of what else there is, that it names."""
        more: dict[str, Any] = {
            name: getattr(self, name) for name in ("table", "whole", "kept") if name in _names(function)
        }
        return _asked(function, {**self.arguments, **more, "unit_shape": self.shape})

    def bound_with(self, options: Mapping[str, Any] | None = None, **settings: Any) -> Bound | None:
        """The request bound anew with other options or settings, None where it does not allow them."""
        request = self.request
        try:
            return replace(
                request,
                options=request.options if options is None else options,
                settings=replace(request.settings, **settings),
            ).bound()
        except LossError:
            return None

    def losses_of(self, bound: Bound) -> tuple[Array, Array | None] | None:
        """The losses under another binding, and what each adds to a mean's denominator."""
        try:
            chunk = load(bound, 0, bound.layout.units)
            return run_kernel(bound, chunk).value, denominators(bound.loss, load(bound, 0, bound.layout.units))
        except (LossError, MisfitError):
            return None

    def slopes_of(self, bound: Bound, up: Array) -> Mapping[str, Array]:
        """The slopes of the sum of `up` times the losses under another binding."""
        return run_kernel(bound, load(bound, 0, bound.layout.units)).pullback(up)


def _run(loss: Loss, arguments: Mapping[str, Any]) -> Array:
    """The losses, computed in runs of units on all cores where units are independent; arguments stay as they are."""
    first = arguments[loss.roles[0]]
    if not loss.separable:
        with np.errstate(all="ignore"):
            whole: Array = loss.kernel(**_copied(arguments)).value.reshape(-1)
        return whole
    units = len(first)
    by_unit = {name for name, value in arguments.items() if _belongs_to_units(loss, name, value, units)}
    losses = np.empty(units)

    def work(start: int, stop: int) -> int:
        named = {name: value[start:stop] if name in by_unit else value for name, value in arguments.items()}
        with np.errstate(all="ignore"):
            losses[start:stop] = loss.kernel(**_copied(named)).value
        return 0

    step = max(1, CHUNK // max(1, first[:1].size))
    fold([(start, min(start + step, units)) for start in range(0, units, step)], work, 0, usable_cores())
    return losses


def _belongs_to_units(loss: Loss, name: str, value: Any, units: int) -> bool:
    """Whether an argument has an entry a unit: all inputs have, and array options that are spread over the units."""
    if not isinstance(value, np.ndarray) or value.shape[:1] != (units,):
        return False
    spec = loss.option(name)
    return spec is None or spec.option.axes in ("u", "u d")


@cache
def _names(function: Callable[..., Any]) -> tuple[str, ...]:
    """What a function calls its parameters."""
    return tuple(signature(function).parameters)


def _asked(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """What a function gives for those of the arguments that it names, or has no default for."""
    with np.errstate(all="ignore"):
        return function(**{name: arguments[name] for name in _names(function) if name in arguments})


def _copied(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with arrays that a kernel may overwrite."""
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
