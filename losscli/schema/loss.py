"""One loss, one definition: the signature of a kernel is its schema, and `define` reads it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import LABEL, SIGN, Domain
from losscli.schema.records import record

Array = NDArray[np.float64]
Pullback = Callable[[Any], dict[str, Array]]

REDUCTIONS = ("none", "mean", "sum")


@record
class Units:
    """What a kernel returns for a chunk: the loss of every unit, and the way back to the inputs' gradients.

    `pullback` takes the gradient with respect to each unit's value, shape (u,), and costs nothing unless it is called.
    `notes` are sentences the user should read about these values.
    """

    value: Array
    pullback: Pullback
    notes: tuple[str, ...] = ()


@record
class Role:
    """One form of an array input.

    `axes`: `u`, a number a unit; `u c`, a row of classes a unit; `u d`, a vector a unit. A role with several forms
    takes the one whose shape fits; `when` and `unless` name a true-or-false option that allows the form or forbids it.
    """

    axes: str
    domain: Domain
    help: str
    when: str = ""
    unless: str = ""

    @property
    def differentiable(self) -> bool:
        return self.domain not in (LABEL, SIGN)


@record
class Option:
    """A keyword of the loss. With `axes` it is an array: `c`, one entry a class; `u`, broadcast to the units."""

    domain: Domain
    help: str
    axes: str = ""


@record
class Constant:
    """A number that a convention fixes and nobody writes, such as a clipping bound."""

    help: str


@record
class Ignores:
    """Marks the option whose value in the named role takes a unit out of the loss."""

    role: str


@record
class SetsAxis:
    """Marks the option that says which axis holds a unit's vector."""


@record
class Convention:
    """What one framework does by default: its reduction, its options and its constants, and where that is written."""

    name: str
    source: str
    reduction: str = "mean"
    values: Mapping[str, Any] = field(default_factory=dict)


@record
class Equals:
    """An identity: this loss equals `times` the other loss on the inputs and options that `view` makes of its own.

    `view` and `times` are called with the roles and the options by name, and `given` says for which options it holds.
    """

    text: str
    loss: str
    view: Callable[..., dict[str, Any]]
    times: Callable[..., float] = lambda **_: 1.0
    given: Callable[..., bool] = lambda **_: True


@record
class InputSpec:
    """An array input by name, with its possible forms."""

    name: str
    forms: tuple[Role, ...]

    @property
    def differentiable(self) -> bool:
        return any(form.differentiable for form in self.forms)


@record
class OptionSpec:
    """An option by name, with its Python type and default."""

    name: str
    type: type
    default: Any
    option: Option


@record
class Loss:
    """A loss as everything else sees it."""

    name: str
    family: str
    kernel: Callable[..., Units]
    summary: str
    inputs: tuple[InputSpec, ...]
    options: tuple[OptionSpec, ...]
    constants: Mapping[str, float]
    ignores: tuple[str, str] | None  # option, role
    axis_option: str
    class_name: str
    function_name: str
    aliases: tuple[str, ...]
    reductions: tuple[str, ...]
    conventions: Mapping[str, Convention]
    relations: tuple[Equals, ...]
    denominator: Callable[..., Array | None] | None
    kinks: Callable[..., NDArray[np.bool_]] | None
    separable: bool

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.inputs)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name the loss answers to, its own first."""
        return tuple(n for n in (self.name, self.class_name, self.function_name, *self.aliases) if n)

    def option(self, name: str) -> OptionSpec | None:
        return next((spec for spec in self.options if spec.name == name), None)


def define(
    kernel: Callable[..., Units],
    *,
    class_name: str = "",
    function_name: str = "",
    aliases: tuple[str, ...] = (),
    reductions: tuple[str, ...] = REDUCTIONS,
    conventions: tuple[Convention, ...] = (),
    relations: tuple[Equals, ...] = (),
    denominator: Callable[..., Array | None] | None = None,
    kinks: Callable[..., NDArray[np.bool_]] | None = None,
    separable: bool = True,
) -> Loss:
    """Turns a kernel into a Loss, strictly: what the signature leaves open is a TypeError at import.

    `denominator` says what each unit adds to the mean's denominator, from the inputs and options it names; else 1.
    It stands apart from the kernel because the gradient of a mean needs the whole denominator before the first score.
    `kinks` says which units stand where the loss has no derivative. Conventions `torch` and `exact` always exist.
    """
    name = kernel.__name__
    summary = (inspect.getdoc(kernel) or "").strip()
    if not summary:
        raise TypeError(f"{name} has no docstring")
    inputs: list[InputSpec] = []
    options: list[OptionSpec] = []
    constants: dict[str, float] = {}
    ignores: tuple[str, str] | None = None
    axis_option = ""
    hints = get_type_hints(kernel, include_extras=True)
    for parameter in inspect.signature(kernel).parameters.values():
        marks, kind = _marks(name, parameter, hints)
        forms = tuple(mark for mark in marks if isinstance(mark, Role))
        if forms:
            inputs.append(InputSpec(parameter.name, forms))
            continue
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.default is parameter.empty:
            raise TypeError(f"{name}: {parameter.name} must be a role, or a keyword with a default")
        first = marks[0]
        if isinstance(first, Constant):
            constants[parameter.name] = float(parameter.default)
            continue
        if not isinstance(first, Option):
            raise TypeError(
                f"{name}: {parameter.name} is annotated with {first!r}, not with a Role, Option or Constant"
            )
        _check_default(name, parameter, first)
        options.append(OptionSpec(parameter.name, kind, parameter.default, first))
        for mark in marks[1:]:
            if isinstance(mark, Ignores):
                ignores = (parameter.name, mark.role)
            elif isinstance(mark, SetsAxis):
                axis_option = parameter.name
    if not inputs:
        raise TypeError(f"{name} has no inputs")
    known = {convention.name: convention for convention in conventions}
    for default in ("torch", "exact"):
        known.setdefault(default, Convention(default, ""))
    names = {spec.name for spec in options} | set(constants)
    for convention in known.values():
        if stray := set(convention.values) - names:
            raise TypeError(
                f"{name}: convention {convention.name} sets {', '.join(sorted(stray))}, which it does not have"
            )
        if convention.reduction not in reductions:
            raise TypeError(f"{name}: convention {convention.name} has reduction {convention.reduction!r}")
    return Loss(
        name=name,
        family=kernel.__module__.split(".")[-2] if "." in kernel.__module__ else "",
        kernel=kernel,
        summary=summary,
        inputs=tuple(inputs),
        options=tuple(options),
        constants=constants,
        ignores=ignores,
        axis_option=axis_option,
        class_name=class_name,
        function_name=function_name,
        aliases=aliases,
        reductions=reductions,
        conventions=known,
        relations=relations,
        denominator=denominator,
        kinks=kinks,
        separable=separable,
    )


def _marks(loss: str, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> tuple[tuple[Any, ...], type]:
    """What a parameter is annotated with, and its Python type (ndarray for arrays)."""
    hint = hints.get(parameter.name)
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{loss}: {parameter.name} is not annotated")
    kind, *marks = get_args(hint)
    return tuple(marks), kind if isinstance(kind, type) else np.ndarray


def _check_default(loss: str, parameter: inspect.Parameter, option: Option) -> None:
    default = parameter.default
    if option.axes:
        if default is not None:
            raise TypeError(f"{loss}: the array option {parameter.name} must default to None")
    elif not option.domain.holds(np.asarray(default, dtype=np.float64)):
        raise TypeError(f"{loss}: the default of {parameter.name}, {default!r}, must be {option.domain.words}")
