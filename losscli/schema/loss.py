"""What a loss is, as everything else sees it, and what its definition is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from losscli.schema.data import Data
from losscli.schema.domains import Domain
from losscli.schema.records import record

Array = NDArray[np.float64]
Pullback = Callable[[Any], dict[str, Array]]
Settling = Callable[["Loss", Mapping[str, Data], Mapping[str, Any], str], "Settled"]

REDUCTIONS = ("none", "mean", "sum")
KINDS = ("regression", "binary", "classification", "divergence", "embedding", "segmentation", "sequence")
UNITS = ("nats",)


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
    says in words which those are, else the formula `when`. Both sides are compared sample by sample, or if `reduced`
    names two reductions, ours and the other's, as reduced values; `plus` then is a single number.
    """

    text: str
    loss: str
    view: Callable[..., dict[str, Any]]
    times: Callable[..., float] = lambda **_: 1.0
    plus: Callable[..., Any] = lambda **_: 0.0
    given: Callable[..., bool] = lambda **_: True
    condition: str = ""
    reduced: tuple[str, str] | None = None
    when: str = ""

    @property
    def where(self) -> str:
        """Where it holds, in words; empty for everywhere."""
        from losscli.schema.formulas import parsed, shown

        return self.condition or (shown(parsed(self.when)) if self.when else "")


@record
class Step:
    """One line of a sample's worked example: its name, its formula, and its number or its row of numbers."""

    name: str
    formula: str
    value: Any


@record
class LossMistake:
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


class Definition(TypedDict, total=False):
    """What a file says of its loss besides the kernel. All of it may be left out; functions ask for what they name.

    A mean's denominator is known without the kernel, since gradients need all of it before the first score. How near a
    claim must come follows from `float32_error`, what a unit's loss loses beside a part of itself: 1 where the loss
    holds a 1, a log or a margin, 0 where it is made of differences of inputs alone. It grows with the inputs, unless
    the loss is `scale_free`.
    """

    kind: str  # one of KINDS: which mistakes the diagnosis of a refuted claim tries, such as a root for a regression
    unit: str  # one of UNITS: nats for a natural logarithm, of which the diagnosis tries other bases
    class_name: str  # PyTorch's, unless the convention torch names it
    function_name: str  # likewise
    aliases: tuple[str, ...]  # more names that find the loss
    reductions: tuple[str, ...]  # REDUCTIONS, if not more
    conventions: tuple[Convention, ...]  # torch and exact always exist
    relations: tuple[Equals, ...]  # identities
    denominator: str | Callable[..., Array | None]  # what units add to the mean's; may be a formula
    divisor: Callable[..., Array]  # by what a mean, unlike a sum, divides each unit's loss beforehand
    kinks: str | Callable[..., NDArray[np.bool_]]  # units where the loss has no derivative; may be a formula
    check: Callable[..., Iterable[Misfit]]  # what is wrong with data that no domain sees
    counted: Callable[..., Mapping[str, NDArray[np.bool_]]]  # which elements are data, as lengths say
    lines: tuple[str, ...]  # a worked example: `name = formula[, if condition]`; the last is the loss before its weight
    steps: Callable[..., Iterable[Step]]  # the same as a function, where lines cannot
    textbook: tuple[str, ...]  # the formula as a book has it, where lines are more careful: what people get wrong
    table: Callable[..., Array | None]  # a unit's loss with each of the labels, a column a class, without weights
    mistakes: tuple[LossMistake, ...]  # ways to get it wrong that the definition does not show by itself
    example: tuple[str, ...]  # the words of a command line after the loss's name
    for_classes: str  # the loss for a row of classes a sample, where this one takes a number
    units: str  # of data that must be whole, the axes that number units; empty if one number is all there is
    float32_error: float | Callable[[Array], Array]  # in float32 eps: what single precision may lose
    scale_free: bool  # see above
    settle: Settling  # another loss in its place, where its data ask for that


@record
class Loss:
    """A loss as everything else sees it: what `define` reads from a kernel, and the fields of its Definition.

    What only its data show, such as whether a user's function gives one number or one a sample, `settle` finds out from
    the inputs, the options and the name of the convention. `brings` is the convention of the framework
    by whose name the loss was asked for, if it was. `gradient` says in words how its gradients
    come about, where no formula gives them. `family` is where the loss comes from: its folder or its package.
    """

    name: str
    family: str
    kernel: Callable[..., Units]
    summary: str
    inputs: tuple[InputSpec, ...]
    conventions: Mapping[str, Convention]
    options: tuple[OptionSpec, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    ignores: tuple[str, str] | None = None  # option, role
    axis_option: str = ""
    kind: str = ""
    unit: str = ""
    class_name: str = ""
    function_name: str = ""
    aliases: tuple[str, ...] = ()
    reductions: tuple[str, ...] = REDUCTIONS
    relations: tuple[Equals, ...] = ()
    denominator: Callable[..., Array | None] | None = None
    divisor: Callable[..., Array] | None = None
    kinks: Callable[..., NDArray[np.bool_]] | None = None
    check: Callable[..., Iterable[Misfit]] | None = None
    counted: Callable[..., Mapping[str, NDArray[np.bool_]]] | None = None
    lines: tuple[str, ...] = ()
    steps: Callable[..., Iterable[Step]] | None = None
    textbook: tuple[str, ...] = ()
    table: Callable[..., Array | None] | None = None
    mistakes: tuple[LossMistake, ...] = ()
    example: tuple[str, ...] = ()
    for_classes: str = ""
    units: str | None = None
    float32_error: float | Callable[[Array], Array] = 0.0
    scale_free: bool = False
    settle: Settling | None = None
    brings: str = ""
    gradient: Callable[[], str] | None = None

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
        """The conventions, once each: those of a user-defined function are one under several names."""
        return tuple({id(convention): convention for convention in self.conventions.values()}.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Every name the loss answers to, its own first."""
        return tuple(n for n in (self.name, self.class_name, self.function_name, *self.aliases) if n)

    def option(self, name: str) -> OptionSpec | None:
        return next((spec for spec in self.options if spec.name == name), None)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """`define` for packages that were written when it was here."""
        if name != "define":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module("losscli.schema.define").define
