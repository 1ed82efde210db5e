"""One loss, one definition: the signature of a kernel is its schema, and `define` reads it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from losscli.schema.formulas import Function, parsed, value
from losscli.schema.loss import (
    KINDS,
    REDUCTIONS,
    UNITS,
    Array,
    Constant,
    Convention,
    Equals,
    Ignores,
    InputSpec,
    Loss,
    LossMistake,
    Members,
    Misfit,
    Option,
    OptionSpec,
    Role,
    SetsAxis,
    Settling,
    Step,
    Units,
)

_NOT_IN_TORCH = "PyTorch has no such loss: the formula as it stands"
_NO_BOUND = "the same: there is no bound"


def define(
    kernel: Callable[..., Units],
    *,
    kind: str = "",
    unit: str = "",
    class_name: str = "",
    function_name: str = "",
    aliases: tuple[str, ...] = (),
    reductions: tuple[str, ...] = REDUCTIONS,
    conventions: tuple[Convention, ...] = (),
    relations: tuple[Equals, ...] = (),
    denominator: str | Callable[..., Array | None] | None = None,
    divisor: Callable[..., Array] | None = None,
    kinks: str | Callable[..., NDArray[np.bool_]] | None = None,
    check: Callable[..., Iterable[Misfit]] | None = None,
    counted: Callable[..., Mapping[str, NDArray[np.bool_]]] | None = None,
    lines: tuple[str, ...] = (),
    steps: Callable[..., Iterable[Step]] | None = None,
    table: Callable[..., Array | None] | None = None,
    mistakes: tuple[LossMistake, ...] = (),
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
    where the loss has no derivative. `denominator` and `kinks` may be formulas (see schema.formulas). `lines` work a
    single sample out for people to follow, from a unit's entries of inputs and options: `name = formula`, or
    `name = formula, if condition`. The last is the loss, before an option `weight` with an entry a unit multiplies it.
    `steps` is a function that does the same, where lines cannot. `table` gives what a unit's loss would be with each of
    the labels, a column a class, less what is the weights'; None where it cannot. `mistakes` are for diagnosing claims.
    `settle` makes another loss of it where its data ask for that. `example` are the words of a command line after the
    loss's name. Conventions `torch` and `exact` always exist. The names of PyTorch's class and function are those of
    the convention `torch`, unless `class_name` and `function_name` say otherwise.

    `kind` (one of KINDS) and `unit` (`nats`, if the loss is a natural logarithm) decide which mistakes the diagnosis
    of a refuted claim tries: those of other bases only for a loss in nats, a square root only for a regression.

    `float32_error` is what single precision may lose of a unit's loss, besides a share of it, in float32 eps: 1 where
    the loss holds a 1, a log or a margin; 0 where it is made of differences of inputs alone; or a function of the
    losses. It grows with the inputs, unless the loss is `scale_free`. The tolerance of a claim follows from it.

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
    for keyword, word, words in (("kind", kind, KINDS), ("unit", unit, UNITS)):
        if word and word not in words:
            raise TypeError(f"{name}: {keyword} must be {' or '.join(words)}, got {word!r}")
    inputs: list[InputSpec] = []
    options: list[OptionSpec] = []
    constants: dict[str, float] = {}
    ignores: tuple[str, str] | None = None
    axis_option = ""
    hints = _hints(kernel)
    for parameter in inspect.signature(kernel).parameters.values():
        marks, python_type = _marks(name, parameter, hints)
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
        options.append(OptionSpec(parameter.name, python_type, parameter.default, first))
        for mark in marks[1:]:
            if isinstance(mark, Ignores):
                ignores = (parameter.name, mark.role)
            elif isinstance(mark, SetsAxis):
                axis_option = parameter.name
    if not inputs:
        raise TypeError(f"{name} has no inputs")
    given = {convention.name: convention for convention in conventions}
    torch = given.get("torch", Convention("torch", "" if class_name or function_name else _NOT_IN_TORCH))
    exact = given.get("exact", Convention("exact", _NO_BOUND, torch.reduction))
    known = {"torch": torch, "exact": exact, **given}
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
        kind=kind,
        unit=unit,
        family=kernel.__module__.split(".")[-2] if "." in kernel.__module__ else "",
        kernel=kernel,
        summary=summary,
        inputs=tuple(inputs),
        options=tuple(options),
        constants=constants,
        ignores=ignores,
        axis_option=axis_option,
        class_name=class_name or _of_module(torch.names, "torch.nn."),
        function_name=function_name or _of_module(torch.names, "torch.nn.functional."),
        aliases=aliases,
        reductions=reductions,
        conventions=known,
        relations=relations,
        denominator=Function(denominator) if isinstance(denominator, str) else denominator,
        divisor=divisor,
        kinks=Function(kinks) if isinstance(kinks, str) else kinks,
        check=check,
        counted=counted,
        lines=lines,
        steps=steps,
        table=table,
        mistakes=mistakes,
        example=example,
        units=units,
        float32_error=float32_error,
        scale_free=scale_free,
        settle=settle,
    )


def equals(
    text: str,
    loss: str,
    view: Mapping[str, str] | Callable[..., dict[str, Any]] | None = None,
    *,
    times: float | str | Callable[..., float] = 1.0,
    plus: float | str | Callable[..., Any] = 0.0,
    when: str | Callable[..., bool] = "",
    condition: str = "",
    reduced: tuple[str, str] | None = None,
    **options: float | str,
) -> Equals:
    """An identity in formulas (see schema.formulas) of this loss's inputs and options: `beta="delta", times="delta"`.

    `view` gives the other's inputs, by default our input and target as they are, and `options` its options; a number
    stands for an array of it. Each may be a function of our inputs and options by name instead. The identity holds
    where `when` is true, which `condition` says better in words if need be.
    """
    return Equals(
        text,
        loss,
        view if callable(view) else partial(_viewed, view or {"input": "input", "target": "target"}, options),
        _calling(times),
        _calling(plus),
        _calling(when or True),
        condition,
        reduced,
        when if isinstance(when, str) else "",
    )


def _calling(formula: Any) -> Callable[..., Any]:
    """A function of names from a formula, a number or a function."""
    return formula if callable(formula) else partial(_worth, formula)


def _worth(formula: float | str, /, **named: Any) -> Any:
    if not isinstance(formula, str):
        return formula
    worth = value(parsed(formula), named)
    return bool(np.all(worth)) if np.asarray(worth).dtype == bool else worth


def _viewed(inputs: Mapping[str, str], options: Mapping[str, float | str], /, **named: Any) -> dict[str, Any]:
    """The other loss's inputs and options; a number among arrays becomes an array."""
    arrays = {name: _worth(formula, **named) for name, formula in inputs.items()}
    shape = max((np.shape(array) for array in arrays.values()), key=len)
    full = {name: array if np.shape(array) else np.full(shape, array) for name, array in arrays.items()}
    return {**full, **{name: _worth(formula, **named) for name, formula in options.items()}}


def _of_module(names: tuple[str, ...], module: str) -> str:
    """The first of dotted names that the module itself has, without the module."""
    return next((name.removeprefix(module) for name in names if name.rpartition(".")[0] + "." == module), "")


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
