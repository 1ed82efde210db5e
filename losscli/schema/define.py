"""One loss, one definition: the signature of a kernel is its schema, and `define` reads it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Unpack, get_args, get_origin

import numpy as np

from losscli.schema.loss import (
    KINDS,
    REDUCTIONS,
    UNITS,
    Constant,
    Convention,
    Definition,
    Equals,
    Ignores,
    InputSpec,
    Loss,
    LossMistake,
    Members,
    Option,
    OptionSpec,
    Role,
    SetsAxis,
    Units,
)

_NOT_IN_TORCH = "PyTorch has no such loss: the formula as it stands"
_NO_BOUND = "the same: there is no bound"


def define(kernel: Callable[..., Units], **fields: Unpack[Definition]) -> Loss:
    """Turns a kernel into a Loss, strictly: what the signature leaves open is a TypeError at import."""
    name = kernel.__name__
    summary = (inspect.getdoc(kernel) or "").strip()
    if not summary and sys.flags.optimize > 1:  # which leaves all docstrings out
        summary = name
    if not summary:
        raise TypeError(f"{name} has no docstring")
    for keyword, word, words in (("kind", fields.get("kind"), KINDS), ("unit", fields.get("unit"), UNITS)):
        if word and word not in words:
            raise TypeError(f"{name}: {keyword} must be {' or '.join(words)}, got {word!r}")
    parts: dict[str, Any] = {"float32_error": 1.0, **fields, **_parameters(kernel)}
    conventions = _conventions(name, parts)
    torch = conventions["torch"].names
    family = kernel.__module__.split(".")[-2] if "." in kernel.__module__ else ""
    return Loss(
        **{
            **parts,
            "name": name,
            "family": family,
            "kernel": kernel,
            "summary": summary,
            "class_name": parts.get("class_name") or _of_module(torch, "torch.nn."),
            "function_name": parts.get("function_name") or _of_module(torch, "torch.nn.functional."),
            "conventions": conventions,
            "denominator": parts.get("denominator") and _executable(parts["denominator"]),
            "kinks": parts.get("kinks") and _executable(parts["kinks"]),
        }
    )


class Formula:
    """A formula as a function of what it names. It is parsed when it is called; a lone name needs no parser."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def __signature__(self) -> inspect.Signature:
        parameters = {self.text}
        if not self.text.isidentifier():
            from losscli.schema.formulas import names, parsed

            parameters = names(parsed(self.text))
        kind = inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature([inspect.Parameter(name, kind) for name in sorted(parameters)])

    def __call__(self, **named: Any) -> Any:
        if self.text in named:
            return named[self.text]
        from losscli.schema.formulas import parsed, value

        return value(parsed(self.text), named)


def _parameters(kernel: Callable[..., Units]) -> dict[str, Any]:
    """The fields of a Loss that its signature says: inputs, options and constants."""
    name = kernel.__name__
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
    return {
        "inputs": tuple(inputs),
        "options": tuple(options),
        "constants": constants,
        "ignores": ignores,
        "axis_option": axis_option,
    }


def _conventions(name: str, parts: Mapping[str, Any]) -> dict[str, Convention]:
    """The conventions by name, torch and exact first."""
    given: dict[str, Convention] = {convention.name: convention for convention in parts.get("conventions", ())}
    named = parts.get("class_name") or parts.get("function_name")
    torch = given.get("torch", Convention("torch", "" if named else _NOT_IN_TORCH))
    exact = given.get("exact", Convention("exact", _NO_BOUND, torch.reduction))
    known = {"torch": torch, "exact": exact, **given}
    settable = {spec.name for spec in parts["options"]} | set(parts["constants"])
    for convention in known.values():
        if stray := set(convention.values) - settable:
            raise TypeError(
                f"{name}: convention {convention.name} sets {', '.join(sorted(stray))}, which it does not have"
            )
        if convention.reduction not in parts.get("reductions", REDUCTIONS):
            raise TypeError(f"{name}: convention {convention.name} has reduction {convention.reduction!r}")
    return known


def _executable(function: str | Callable[..., Any]) -> Callable[..., Any]:
    return Formula(function) if isinstance(function, str) else function


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


def mistake(
    name: str,
    text: str,
    cure: str,
    losses: str | Callable[..., Any],
    *,
    tier: str = "B",
    given: str | Callable[..., bool] = "",
) -> LossMistake:
    """A LossMistake whose losses, and where it can be made, are formulas (see schema.formulas) or functions."""
    return LossMistake(name, text, cure, _executable(losses), tier, _executable(given or (lambda: True)))


def _calling(formula: Any) -> Callable[..., Any]:
    """A function of names from a formula, a number or a function."""
    return formula if callable(formula) else partial(_worth, formula)


def _worth(formula: float | str, /, **named: Any) -> Any:
    if not isinstance(formula, str):
        return formula
    worth = Formula(formula)(**named)
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
