"""The data of a request, whole in memory and ready for one kernel call after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.engine.bind import Bound
from losscli.engine.chunks import Chunk, MisfitError, denominators, divisors, load, run_kernel
from losscli.engine.whole import Whole
from losscli.request.request import Request
from losscli.schema.faults import LossError
from losscli.schema.loss import Array, Loss

LARGEST = 4_000_000  # elements of all inputs together; beyond, only what exact sums tell is tried


class Case:
    """A bound request with its data loaded: what each mistake starts from."""

    def __init__(self, request: Request, bound: Bound) -> None:
        self.request, self.bound, self.loss = request, bound, bound.loss
        self.units = bound.layout.units

    @property
    def fits_in_memory(self) -> bool:
        return sum(field.data.size for field in self.bound.inputs) <= LARGEST

    @cached_property
    def chunk(self) -> Chunk:
        return load(self.bound, 0, self.units)

    @cached_property
    def losses(self) -> Array:
        """The correct losses of the units that count."""
        return run_kernel(self.bound, self._fresh()).value

    @cached_property
    def shares(self) -> Array | None:
        return denominators(self.loss, self.chunk)

    @cached_property
    def divisors(self) -> Array | None:
        return divisors(self.bound, self.chunk)

    @property
    def kept(self) -> NDArray[np.bool_] | None:
        return self.chunk.kept

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
        """What the kernel gets; not to be written to."""
        return self.chunk.arguments

    def argument(self, role: str) -> Array:
        found: Array = self.arguments[role]
        return found

    @cached_property
    def table(self) -> Array | None:
        """What each unit's loss would be with each label, less the weights; None if the loss has no such table."""
        if self.loss.table is None or self.argument("target").ndim != 1:
            return None
        found: Array | None = self.asked(self.loss.table)
        return found

    def kernel_of(self, arguments: Mapping[str, Any]) -> Array | None:
        """The losses for arguments of any number of units."""
        copies = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
        with np.errstate(all="ignore"):
            value: Array = self.loss.kernel(**copies).value
        return value

    def with_changes(self, changes: Mapping[str, Any], loss: Loss | None = None) -> Array | None:
        """The losses with some arguments replaced, or of another loss; None where its kernel cannot take them."""
        other = loss or self.loss
        named = {**self._copies(), **changes}
        if loss is not None:
            named = {name: value for name, value in named.items() if name in signature(other.kernel).parameters}
        with np.errstate(all="ignore"):
            try:
                value = other.kernel(**named).value
            except (ValueError, IndexError, TypeError):
                return None
        return value.reshape(-1) if value.size == self.losses.size else None

    def asked(self, function: Callable[..., Any]) -> Any:
        """A function of the arguments that it names."""
        copies = self._copies()
        with np.errstate(all="ignore"):
            return function(**{name: copies[name] for name in signature(function).parameters})

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

    def _copies(self) -> dict[str, Any]:
        return {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in self.chunk.arguments.items()}

    def _fresh(self) -> Chunk:
        """The chunk with arrays that a kernel may overwrite."""
        return replace(self.chunk, arguments=self._copies())
