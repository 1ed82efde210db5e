"""A user-defined loss: a function in a Python file, made a Loss like any other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from losscli.custom.function import Function, Returned, is_separable, parameters_of, returned, separate_gradient
from losscli.custom.gradient import numeric_gradient, numeric_method
from losscli.custom.script import FunctionFault, Script, executed
from losscli.reading.container import near_miss
from losscli.schema.data import Data
from losscli.schema.domains import EXTENDED, Domain
from losscli.schema.faults import LossError, UsageFault
from losscli.schema.loss import (
    KINDS,
    UNITS,
    Array,
    Convention,
    InputSpec,
    Loss,
    Option,
    OptionSpec,
    Role,
    Settled,
    Units,
)
from losscli.schema.number_text import is_integer, number_of
from losscli.schema.records import record
from losscli.schema.spelling import written_out

_LABELS = Domain("a whole number", whole=True, index=True)
_ANYTHING = Domain("what the function takes")
CUSTOM = "custom"
_ITSELF, _SEPARATE = "the function itself", "the function gradient beside it"


@record
class _Form:
    """What a function is with its data: the rank of what it returns, each input's axes, which inputs are labels.

    `separable` says whether a sample's loss depends on its own entries alone; `method` how gradients come about.
    """

    rank: int
    axes: Mapping[str, str]
    labels: frozenset[str] = frozenset()
    separable: bool = False
    method: Callable[[], str] | None = None


def custom_loss(word: str, base: Path | None = None) -> Loss:
    """The loss `FILE.py:FUNCTION`. The file is executed. What the function returns only its data will show."""
    function = function_named(word, base)
    return _loss(function, _Form(0, dict.fromkeys(function.inputs, "...")))


def function_named(word: str, base: Path | None = None, *, with_gradient: bool = True) -> Function:
    """The function `FILE.py:FUNCTION`, with the function `gradient` of the same file, if any. The file is executed."""
    path, _, name = word.rpartition(":")
    if not name.isidentifier() or not path.endswith(".py"):
        raise UsageFault(f"{word} names no function in a Python file", "write FILE.py:FUNCTION")
    script = executed((base or Path()) / path, path)
    return _function(script, word, name, with_gradient)


def _function(script: Script, word: str, name: str, with_gradient: bool) -> Function:
    if name not in script.names:
        own = [key for key, value in script.names.items() if inspect.isfunction(value)]
        there = f"it has {', '.join(own)}" if own else "it defines none"
        raise FunctionFault(f"{script.shown}: no function {name!r}{near_miss(name, own)}", there)
    call = script.names[name]
    if not callable(call) or isinstance(call, type):
        kind = "class" if isinstance(call, type) else type(call).__name__
        article = "an" if kind[0] in "aeiou" else "a"
        raise FunctionFault(f"{word} is no function, but {article} {kind}", "name a function")
    parameters = parameters_of(call, word)
    gradient = script.names.get("gradient") if with_gradient and name != "gradient" else None
    if gradient is not None and callable(gradient) and parameters_of(gradient, "gradient").names != parameters.names:
        raise FunctionFault(
            f"{script.shown}: gradient does not take what {name} does ({', '.join(parameters.names)})",
            "give it the same parameters, or move one of the two to another file",
        )
    return Function(script, word, call, gradient if callable(gradient) else None, parameters)


def _loss(function: Function, form: _Form) -> Loss:
    """The Loss of a function whose form is known, or of one that still has to be settled."""
    own = Convention(CUSTOM, function.script.shown)
    summary = inspect.getdoc(function.call) or "A user-defined loss."
    parameters = function.parameters
    return Loss(
        name=function.word,
        family=CUSTOM,
        kind=_attribute(function, "kind", KINDS),
        unit=_attribute(function, "unit", UNITS),
        kernel=_kernel(function, form),
        summary=summary.strip() or "A user-defined loss.",
        inputs=tuple(InputSpec(name, (_role(form, name),)) for name in parameters.inputs),
        options=tuple(
            OptionSpec(name, object, parameters.defaults.get(name), Option(_ANYTHING, "the function's own"))
            for name in parameters.options
        ),
        conventions=dict.fromkeys(("torch", "exact", CUSTOM), own),  # it is the same under all that always exist
        units=" ".join(f"u{axis}" for axis in range(form.rank)),
        settle=lambda _, inputs, options, __: _settled(function, inputs, options),
        gradient=form.method,
    )


def _attribute(function: Function, name: str, known: tuple[str, ...]) -> str:
    """A word that the file sets on the function, such as `f.unit = "nats"`; empty if it sets none."""
    word = getattr(function.call, name, "")
    if word not in ("", *known):
        raise FunctionFault(f"{function.word}: {name} is {word!r}", f"set it to {' or '.join(known)}")
    return str(word)


def _role(form: _Form, name: str) -> Role:
    if name in form.labels:
        return Role(form.axes[name], _LABELS, "whole numbers, as the function asks for")
    return Role(form.axes[name], EXTENDED, "an input of the function")


def _settled(function: Function, inputs: Mapping[str, Data], options: Mapping[str, Any]) -> Settled:
    """The loss as it is with its data, by calling the function once; and its options in their types."""
    parameters = function.parameters
    read = {name: _read(name, value, parameters.defaults.get(name)) for name, value in options.items()}
    if missing := [name for name in parameters.required if name not in read]:
        value = written_out(missing[0], f"--set {missing[0]}=VALUE", missing[0], None)
        raise UsageFault(f"{function.word} needs {', '.join(missing)}", f"give {value}")
    doubtful = _loss(function, _Form(0, _axes(inputs, ())))  # stands for it where the data are at fault
    arrays = _arrays(inputs, parameters.inputs)
    if arrays is None:
        return Settled(doubtful, read)
    named = {**parameters.defaults, **{name: read[name] for name in parameters.options if name in read}, **arrays}
    try:
        result, labels = _first_call(function, named)
    except FunctionFault:
        if all(map(EXTENDED.fits, arrays.values())):
            raise
        return Settled(doubtful, read)
    named = {name: value.astype(np.intp) if name in labels else value for name, value in named.items()}
    units = result.value.shape
    separable = is_separable(function, named, result.value)
    form = _Form(
        len(units), _axes(inputs, units), labels, separable, cache(lambda: _method(function, form, named, result))
    )
    return Settled(_loss(function, form), read)


def _arrays(inputs: Mapping[str, Data], names: tuple[str, ...]) -> dict[str, Array] | None:
    """The inputs in memory; None if they are no numbers, or cannot be read, which binding reports."""
    if any(inputs[name].words for name in names):
        return None
    try:
        return {name: np.asarray(inputs[name].array(), dtype=np.float64) for name in names}
    except (LossError, TypeError, ValueError):
        return None


def _first_call(function: Function, named: Mapping[str, Any]) -> tuple[Returned, frozenset[str]]:
    """What the function returns, and which inputs it wants as whole numbers: as labels, to count or to index with.

    Nothing in a file of numbers tells labels from values, so they come as floats first, and if it cannot use those,
    all that are whole come as integers, but for the first input.
    """
    try:
        return returned(function, named, heard=True), frozenset()
    except FunctionFault as fault:
        if not isinstance(fault.__cause__, IndexError | TypeError):
            raise
    whole = frozenset(
        name for name in function.parameters.inputs[1:] if np.array_equal(named[name], np.trunc(named[name]))
    )
    labelled = {name: value.astype(np.intp) if name in whole else value for name, value in named.items()}
    return returned(function, labelled, heard=True), whole


def _axes(inputs: Mapping[str, Data], units: tuple[int, ...]) -> dict[str, str]:
    """The names of each input's axes: those of the units where it has an entry for each, else its own."""
    axes = {}
    for name, data in inputs.items():
        shared = len(units) if data.shape[: len(units)] == units else 0
        own = (f"{name}{axis}" for axis in range(shared, len(data.shape)))
        axes[name] = " ".join((*(f"u{axis}" for axis in range(shared)), *own))
    return axes


def _read(name: str, value: Any, default: Any) -> Any:
    """An option's value from its text, in the type of its default; what is no text stays as it is."""
    if not isinstance(value, str) or isinstance(default, str):
        return value
    if isinstance(default, int | float) and not isinstance(default, bool):
        try:
            number = number_of(value)
        except ValueError as reason:
            raise UsageFault(f"{name} must be a number, got {value!r}", str(reason)) from None
        return int(value) if is_integer(value.strip()) else float(number)
    import json

    try:
        parsed = json.loads(value.lower() if isinstance(default, bool) else value)
    except ValueError:
        parsed = value
    if isinstance(default, bool):
        if parsed not in (0, 1, True, False):
            raise UsageFault(f"{name} must be true or false, got {value!r}")
        return bool(parsed)
    return parsed


def _kernel(function: Function, form: _Form) -> Callable[..., Units]:
    def kernel(**named: Any) -> Units:
        result = returned(function, named)
        if np.ndim(result.value) != form.rank:
            raise FunctionFault(
                f"{function.word}: it returns {np.ndim(result.value)} axes here, and {form.rank} before"
            )

        def pullback(up: Array) -> dict[str, Array]:
            given = {**result.gradients, **_separate_gradient(function, result, named)}
            return {
                name: _scaled(given[name], up, result.value)
                if name in given
                else numeric_gradient(function, named, name, result.value.shape, up, separable=form.separable)
                for name in function.parameters.inputs
                if name not in form.labels
            }

        return Units(result.value, pullback)

    return kernel


def _separate_gradient(function: Function, result: Returned, named: Mapping[str, Any]) -> Mapping[str, Array]:
    """What the function `gradient` gives, unless the loss returns its own gradient."""
    return {} if result.gradients or function.gradient is None else separate_gradient(function, named)


def _scaled(gradient: Array, up: Array, value: Array) -> Array:
    """A gradient of the losses' sum, each sample's part by what the sample counts."""
    if not value.ndim:
        return np.asarray(gradient * up[0])
    scale: Array = up.reshape(value.shape + (1,) * (gradient.ndim - value.ndim))
    return gradient * scale


def _method(function: Function, form: _Form, named: Mapping[str, Any], result: Returned) -> str:
    """How the gradients come about, in words: that of the first input, and others where they do in another way."""
    separate = _separate_gradient(function, result, named)
    ways: dict[str, str] = {}
    for name in function.parameters.inputs:
        if name in form.labels:
            continue
        if name in result.gradients:
            ways[name] = _ITSELF
        elif name in separate:
            ways[name] = _SEPARATE
        else:
            ways[name] = numeric_method(function, named, name, result.value.shape, separable=form.separable)
    first = next(iter(ways.values()), "nothing")
    exceptions = [f"{name}: {way}" for name, way in ways.items() if way != first]
    return f"{first} ({', '.join(exceptions)})" if exceptions else first
