"""A request: one loss, its inputs by role, its options, and how to reduce."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from losscli.engine.bind import Bound, bind
from losscli.engine.options import faults_of_words
from losscli.reading.opener import Opened, Source
from losscli.reading.options import ReadOptions, check_options
from losscli.reading.sources import read_inputs
from losscli.request import unused
from losscli.request.naming import names_a_function
from losscli.schema.data import Data, without_flags
from losscli.schema.faults import DataFault, LossError, UsageFault, raise_all
from losscli.schema.loss import Loss, Settled
from losscli.schema.penalty import Penalty
from losscli.schema.records import record
from losscli.schema.settings import Settings, spelled


@record
class Request:
    """Everything that decides a number. `warnings` and `notes` are what making the request gave to say."""

    loss: Loss
    inputs: Mapping[str, Data]
    options: Mapping[str, Any]
    settings: Settings
    sample_weight: Data | None = None
    groups: Data | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    penalty: Penalty | None = None

    def bound(self) -> Bound:
        """The loss bound to its inputs, with every fault of the request at once."""
        bound = bind(self.loss, self.inputs, self.options, self.settings, self.sample_weight, self.groups)
        return replace(bound, warnings=self.warnings, notes=(*self.notes, *bound.notes), penalty=self._penalty(bound))

    def _penalty(self, bound: Bound) -> Penalty | None:
        """The penalty as the convention counts it."""
        if self.penalty is None:
            return None
        if bound.reduction == "none":
            raise UsageFault(
                "a penalty is added to a reduced loss, and the reduction is none", "reduce to a mean or sum"
            )
        if taken := [field.name for field in bound.inputs if field.name in self.penalty.arrays]:
            raise DataFault(f"a parameter is named {taken[0]}, as an input of the loss is", "give it another name")
        from losscli.request.penalty import counts_half

        return replace(self.penalty, half=counts_half(bound.convention.name))


def from_sources(
    loss: Loss,
    sources: Sequence[Source],
    options: Mapping[str, Any],
    settings: Settings,
    reading: ReadOptions,
    *,
    named: Mapping[str, Source] | None = None,
    other_sources: Collection[str] = (),
) -> Request:
    """A request whose arrays are named by sources: the command line's and a suite's.

    `named` are sources by role; `other_sources` are those that are read with it, such as claims.
    """
    check_options(reading)
    loss, options = with_own_distance(loss, options, reading.base)
    array_options = {spec.name for spec in loss.options if spec.option.axes}
    extras = {name: source for name, source in options.items() if name in array_options}
    weight_name, groups_name = spelled("sample_weight"), spelled("by")
    if settings.sample_weight is not None:
        extras[weight_name] = source_of(settings.sample_weight, "sample_weight")
    params = None if settings.params is None else source_of(settings.params, "params")
    if settings.by is not None:
        extras[groups_name] = settings.by
    settings, warnings = with_reduction(settings)
    every = (*sources, *(named or {}).values(), *extras.values(), *other_sources, params)
    addresses = [source for source in every if isinstance(source, str)]
    reading, idle = unused.of_reading(reading, addresses, settings.defaulted)
    try:
        inputs = read_inputs(
            sources,
            loss.roles,
            named=named,
            other_sources=[source for source in (*other_sources, params) if isinstance(source, str)],
            of_many=loss.of_many,
            row_roles=[
                spec.name for spec in loss.inputs if spec.forms and all(" " in form.axes for form in spec.forms)
            ],
            extras=extras,
            options=reading,
        )
    except LossError as fault:
        raise_all([*faults_of_words(loss, options, settings), *idle, fault])
        raise
    raise_all(idle)
    weight = inputs.extras.get(weight_name)
    written = {name: inputs.extras.get(name, value) for name, value in options.items()}
    penalty = None
    if settings.penalizes:
        from losscli.request.penalty import penalty_from  # which most requests need not

        penalty = penalty_from(settings.l1, settings.l2, params, settings.penalize_bias, reading)
    meant = settled(loss, inputs.roles, written, settings)
    notes = (*inputs.notes, *meant.notes, *(() if penalty is None else penalty.notes))
    return Request(
        loss=meant.loss,
        inputs=inputs.roles,
        options=meant.options,
        settings=settings,
        sample_weight=None if weight is None else without_flags(weight),
        groups=inputs.extras.get(groups_name),
        warnings=(*warnings, *inputs.warnings),
        notes=notes,
        penalty=penalty,
    )


def source_of(value: object, name: str) -> Source:
    """A SOURCE as it is; of what a suite holds in its place, an opened one."""
    if isinstance(value, str):
        return value
    from losscli.reading.text.structured import container_of  # which the command line needs not

    return Opened(name, container_of(value, name))


def settled(loss: Loss, inputs: Mapping[str, Data], options: Mapping[str, Any], settings: Settings) -> Settled:
    """The loss as it is with its data, and its options; most losses of the catalogue stay as they are."""
    if loss.settle is None:
        return Settled(loss, options)
    return loss.settle(loss, inputs, options, settings.convention or loss.brings or "torch")


def with_own_distance(
    loss: Loss, options: Mapping[str, Any], base: Path | None = None
) -> tuple[Loss, Mapping[str, Any]]:
    """The loss and its options, with a user-defined distance made of the word or the function that names it."""
    name = next((spec.name for spec in loss.options if spec.option.domain.own_distance), "")
    value = options.get(name)
    if not (callable(value) or (isinstance(value, str) and names_a_function(value))):
        return loss, options
    from losscli.custom.distance import own_distance  # which most requests need not

    own = own_distance(value, base)
    return replace(loss, gradient=lambda: f"numerical derivatives of {own}"), {**options, name: own}


def with_reduction(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """The settings with the reduction that PyTorch's deprecated arguments mean, which win, and a warning of them."""
    if settings.size_average is None and settings.reduce is None:
        return settings, ()
    meant = "none" if settings.reduce is False else "sum" if settings.size_average is False else "mean"
    warning = f"size_average and reduce are deprecated; use reduction={meant}"
    return replace(settings, reduction=meant), (warning,)
