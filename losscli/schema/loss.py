"""One loss, one definition: the signature of a kernel is its schema, and `define` reads it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Annotated, Any, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from losscli.schema.data import Data
from losscli.schema.domains import Domain
from losscli.schema.records import record

Array = NDArray[np.float64]
Pullback = Callable[[Any], dict[str, Array]]
Settling = Callable[["Loss", Mapping[str, Data], Mapping[str, Any], str], "Settled"]

REDUCTIONS = ("none", "mean", "sum")


@record
class Units:
    """What a kernel returns for a chunk: the loss of every unit, and the way back to the inputs' gradients.

    `pullback` takes the gradient with respect to each unit's value, shape (u,), and costs nothing unless it is called.
    `notes` are sentences the user should read about these values. `parts` are the losses that the values are means of,
    where they are: sums and means are rounded once from these. `bounds` are units whose loss owes its size to a clamp,
    an epsilon or a division by nearly nothing: in words why, and which (u,); None for a loss that has no such.
    """

    value: Array
    pullback: Pullback
    notes: tuple[str, ...] = ()
    parts: Array | None = None
    bounds: tuple[tuple[str, NDArray[np.bool_]], ...] | None = None


@record
class Role:
    """One form of an array input.

    `axes`: `u`, a number a unit; `u c`, a row of classes a unit; `u d`, a vector a unit. A role with several forms
    takes the one whose shape fits; `when` and `unless` name a true-or-false option that allows the form or forbids it.
    A role that `spreads` may be smaller than the units: with one `axis` of length 1; as a `variance` besides that a
    single number, or without the last axis; or `each other`, as far as the roles that say so broadcast together.

    Labels that say `makes_batch` make a single row with a list of one label a batch of one.

    A loss that needs its data whole names the axes of each array instead, as in `t n? c`: an axis of one name has one
    length, `n?` is that of samples, which may be missing from all arrays together, and `...` stands for any others.
    """

    axes: str
    domain: Domain
    help: str
    when: str = ""
    unless: str = ""
    spreads: str = ""
    makes_batch: bool = False

    @property
    def differentiable(self) -> bool:
        return not (self.domain.index or self.domain.only or self.domain.whole)


@record
class Members:
    """An input of many named arrays, such as the parameters of a module; the kernel gets them as a mapping."""

    domain: Domain
    help: str


@record
class Option:
    """A keyword of the loss; a word, where its domain has choices.

    With `axes` it is an array: `c`, one entry a class; `u`, broadcast to the units; `u d`, to the elements of their
    vectors; `*`, a list.
    """

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
    """What one framework does by default: its reduction, its options and its constants, and where that is written.

    `names` are the framework's own for the loss. A constant may depend on the type the first input is stored in: then
    its value is a function of that type's name. `weights_divide` says whether a weighted mean divides by the sample
    weights, or by the count; `averages_rows` whether it takes the mean over the last axis before anything else, so that
    a row is a unit; `gradient` what its gradient is of, where that is not the loss in its inputs. `domains` are those
    of inputs that may be more here than elsewhere, since a bound takes what lies beyond.
    """

    name: str
    source: str
    reduction: str = "mean"
    values: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    weights_divide: bool = True
    averages_rows: bool = False
    gradient: str = ""
    domains: Mapping[str, Domain] = field(default_factory=dict)


@record
class Equals:
    """An identity: this loss equals `times` the other loss plus `plus`, on inputs and options `view`ed as the other's.

    All are called with the roles and the options by name. It holds for those for which `given` is true; `condition`
    says in words which those are. Both sides are compared sample by sample, or if `reduced` names two reductions, ours
    and the other's, as reduced values; `plus` then is a single number.
    """

    text: str
    loss: str
    view: Callable[..., dict[str, Any]]
    times: Callable[..., float] = lambda **_: 1.0
    plus: Callable[..., Any] = lambda **_: 0.0
    given: Callable[..., bool] = lambda **_: True
    condition: str = ""
    reduced: tuple[str, str] | None = None


@record
class Step:
    """One line of a sample's worked example: what it is, how it is reckoned, and its number or its row of numbers."""

    name: str
    formula: str
    value: Any


@record
class Mistake:
    """A way to get this loss wrong that its definition does not show by itself; for diagnosing claims.

    `losses` gives what the mistake makes of every unit's loss; or one number for all; or the losses and what each adds
    to the denominator of the mean. It is called with those of the kernel's arguments that it names, and if it names
    them with the loss's `table`, `whole` (the first input of all units, ignored ones too), `kept` (which units are not
    ignored, None for all) and `unit_shape`; it must not write to them. `given` says where the mistake can be made.
    `tier` says how common it is, S before A before B. `text` is a sentence that a student understands.
    """

    name: str
    text: str
    cure: str
    losses: Callable[..., Any]
    tier: str = "B"
    given: Callable[..., bool] = lambda: True


@record
class Misfit:
    """An element that breaks a rule which no domain can state: where it lies, counted in C order, and the rule."""

    name: str
    at: int | None
    fact: str
    cure: str


@record
class InputSpec:
    """An input by name, with its possible forms; or the named arrays that it consists of."""

    name: str
    forms: tuple[Role, ...]
    members: Members | None = None

    @property
    def differentiable(self) -> bool:
        return self.members is not None or any(form.differentiable for form in self.forms)


@record
class OptionSpec:
    """An option by name, with its Python type and default."""

    name: str
    type: type
    default: Any
    option: Option


@record
class Settled:
    """A loss as it is with its data, its options, and what to say of that."""

    loss: Loss
    options: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@record
class Loss:
    """A loss as everything else sees it.

    What only its data show, such as whether a user's function gives one number or one a sample, `settle` finds out from
    the inputs, the options and the name of the convention. `brings` is the convention of the framework
    by whose name the loss was asked for, if it was. `gradient` says in words how its gradients
    come about, where no formula gives them.
    """

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
    divisor: Callable[..., Array] | None
    kinks: Callable[..., NDArray[np.bool_]] | None
    check: Callable[..., Iterable[Misfit]] | None
    steps: Callable[..., Iterable[Step]] | None
    table: Callable[..., Array | None] | None
    mistakes: tuple[Mistake, ...]
    example: tuple[str, ...]
    units: str | None
    float32_error: float | Callable[[Array], Array] = 0.0
    scale_free: bool = False
    settle: Settling | None = None
    brings: str = ""
    gradient: Callable[[], str] | None = None
    counted: Callable[..., Mapping[str, NDArray[np.bool_]]] | None = None

    def __repr__(self) -> str:
        return f"Loss({self.name}: {self.summary.partition(chr(10))[0]})"

    @property
    def separable(self) -> bool:
        """Whether units are independent, so that data may come in chunks."""
        return self.units is None

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.inputs)

    @property
    def of_many(self) -> str:
        """The input that consists of many arrays, if there is one."""
        return next((spec.name for spec in self.inputs if spec.members is not None), "")

    @property
    def each_convention(self) -> tuple[Convention, ...]:
        """The conventions, once each: those of a user's own function are one under several names."""
        return tuple({id(convention): convention for convention in self.conventions.values()}.values())

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
    divisor: Callable[..., Array] | None = None,
    kinks: Callable[..., NDArray[np.bool_]] | None = None,
    check: Callable[..., Iterable[Misfit]] | None = None,
    counted: Callable[..., Mapping[str, NDArray[np.bool_]]] | None = None,
    steps: Callable[..., Iterable[Step]] | None = None,
    table: Callable[..., Array | None] | None = None,
    mistakes: tuple[Mistake, ...] = (),
    example: tuple[str, ...] = (),
    units: str | None = None,
    float32_error: float | Callable[[Array], Array] = 1.0,
    scale_free: bool = False,
    settle: Settling | None = None,
) -> Loss:
    """Turns a kernel into a Loss, strictly: what the signature leaves open is a TypeError at import.

    `denominator` says what each unit adds to the mean's denominator, from the inputs and options it names; else 1.
    It stands apart from the kernel because the gradient of a mean needs the whole denominator before the first score.
    `divisor` says what a mean, unlike a sum, divides each unit's loss by beforehand. `kinks` says which units stand
    where the loss has no derivative. `steps` works a single sample out as the formula is written, for people to follow:
    it gets a unit's entries of the inputs and the options, and its last step is the loss. `table` gives what a unit's
    loss would be with each of the labels, a column a class, less what is the weights'; None where it cannot. `mistakes`
    are for diagnosing claims. `settle` makes another loss of it where its data ask for that. `example` are the words of
    a command line after the loss's name. Conventions `torch` and `exact` always exist.

    `float32_error` is what single precision may lose of a unit's loss beside a share of it, in float32 eps: 1 where the
    loss holds a 1, a log or a margin; 0 where it is made of differences of inputs alone; or a function of the losses.
    It grows with the inputs, unless the loss is `scale_free`. How near a claim must come follows from it.

    A loss whose data must be whole names the axes that number its `units` (none, if one number is all it gives). Its
    kernel then gets the arrays as they are named by their roles, and `check` may find faults in them. `counted` says of
    inputs which of their elements are data, where others say so, such as lengths: what the rest holds does not matter.
    """
    name = kernel.__name__
    summary = (inspect.getdoc(kernel) or "").strip()
    if not summary and sys.flags.optimize > 1:  # which leaves all docstrings out
        summary = name
    if not summary:
        raise TypeError(f"{name} has no docstring")
    inputs: list[InputSpec] = []
    options: list[OptionSpec] = []
    constants: dict[str, float] = {}
    ignores: tuple[str, str] | None = None
    axis_option = ""
    hints = _hints(kernel)
    for parameter in inspect.signature(kernel).parameters.values():
        marks, kind = _marks(name, parameter, hints)
        forms = tuple(mark for mark in marks if isinstance(mark, Role))
        members = next((mark for mark in marks if isinstance(mark, Members)), None)
        if forms or members:
            inputs.append(InputSpec(parameter.name, forms, members))
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
        divisor=divisor,
        kinks=kinks,
        check=check,
        counted=counted,
        steps=steps,
        table=table,
        mistakes=mistakes,
        example=example,
        units=units,
        float32_error=float32_error,
        scale_free=scale_free,
        settle=settle,
    )


def _hints(kernel: Callable[..., Units]) -> dict[str, Any]:
    """What the parameters are annotated with. `get_type_hints` says the same, and takes three times as long."""
    names = kernel.__globals__
    return {name: eval(hint, names) if isinstance(hint, str) else hint for name, hint in kernel.__annotations__.items()}


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
    elif option.domain.choices:
        if default not in option.domain.choices:
            raise TypeError(f"{loss}: the default of {parameter.name}, {default!r}, is none of its choices")
    elif not option.domain.holds(np.asarray(default, dtype=np.float64)):
        raise TypeError(f"{loss}: the default of {parameter.name}, {default!r}, must be {option.domain.words}")
