"""Calls a user's function as a loss, and takes nothing from it on trust."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from losscli.custom.script import FunctionFault, Script, at_home, fault_of
from losscli.schema.faults import ends_the_run, message_of
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.text import plural

_SAME = 1e-12  # of a loss: what another order of summing may change


@record
class Parameters:
    """The parameters of a function: inputs have no default, options have one, or are keywords that must be given."""

    positional: tuple[str, ...]
    keywords: tuple[str, ...]
    inputs: tuple[str, ...]
    defaults: Mapping[str, Any]
    required: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.positional, *self.keywords)

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.inputs)


@record
class Function:
    """A loss function of a user's: its file, what it is called in a request, and its own gradient, if it has one."""

    script: Script
    word: str
    call: Callable[..., Any]
    gradient: Callable[..., Any] | None
    parameters: Parameters

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.parameters.inputs


@record
class Returned:
    """What a function returned: one number or one a sample, and the gradients that it returned with them."""

    value: Array
    gradients: Mapping[str, Array]


def parameters_of(call: Callable[..., Any], name: str) -> Parameters:
    """The parameters of a function, by kind."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        raise FunctionFault(f"{name}: Python does not know its parameters", "wrap it in a function") from None
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    positional = [parameter for parameter in parameters if parameter.kind in by_place]
    keywords = [parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    inputs = tuple(parameter.name for parameter in positional if parameter.default is parameter.empty)
    if not inputs:
        raise FunctionFault(f"{name} takes no inputs", "its first parameters, without defaults, are the inputs")
    return Parameters(
        positional=tuple(parameter.name for parameter in positional),
        keywords=tuple(parameter.name for parameter in keywords),
        inputs=inputs,
        defaults={
            parameter.name: parameter.default
            for parameter in (*positional, *keywords)
            if parameter.default is not parameter.empty
        },
        required=tuple(parameter.name for parameter in keywords if parameter.default is parameter.empty),
    )


def at_hand(call: Callable[..., Any]) -> Function:
    """A function object of Python; its file is looked up, to name the line of an error."""
    name = getattr(call, "__name__", type(call).__name__)
    code = getattr(inspect.unwrap(call), "__code__", None)
    path = Path(code.co_filename if code else "")
    script = Script(path, path.name if path.suffix == ".py" else name, {})
    return Function(script, name, call, None, parameters_of(call, name))


def returned(function: Function, named: Mapping[str, Any], *, heard: bool = False) -> Returned:
    """Calls the function and checks what it returns. What it prints is `heard` once, not in each of many calls."""
    if not all(type(named[name]) is np.ndarray and named[name].dtype != object for name in function.inputs):
        return _of_other_numbers(function, named)
    with at_home(function.script.path, heard=heard):
        try:
            result = call(function, function.call, named)
        except BaseException as error:
            raise fault_of(error, function.script.path, function.script.shown) from error
    value, own = _pair(result)
    first = function.inputs[0]
    losses = _numbers(value, f"{function.word}: it returns", "return one number, or one a sample")
    shape = named[first].shape
    if losses.shape != shape[: losses.ndim]:
        raise FunctionFault(
            f"{function.word}: it returns an array of shape {losses.shape}, and {first} has shape {shape}",
            "return one number, or one a sample: an array of the first axes' shape",
        )
    return Returned(losses, _gradients(function, own, named, f"{function.word}: the gradient it returns"))


def answer(function: Function, arrays: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """What the function returns for inputs by position, and for those of the options that it declares.

    What it prints goes to standard error.
    """
    parameters = function.parameters
    if not len(parameters.inputs) <= len(arrays) <= len(parameters.positional):
        taken = ", ".join(parameters.inputs)
        raise FunctionFault(f"{function.word} takes {taken}, and is called with {plural(len(arrays), 'input')}")
    by_place = dict(zip(parameters.positional, arrays, strict=False))
    declared = {name: options[name] for name in parameters.names if name in options and name not in by_place}
    if missing := [name for name in parameters.required if name not in declared]:
        raise FunctionFault(f"{function.word} needs {', '.join(missing)}", f"write {missing[0]}, or give it a default")
    with at_home(function.script.path, heard=True):
        try:
            return call(function, function.call, {**parameters.defaults, **declared, **by_place})
        except BaseException as error:
            raise fault_of(error, function.script.path, function.script.shown) from error


def place_of(function: Function) -> str:
    """`mine.py line 7: f`: where the function returns, or where it begins if that is in several places."""
    code = getattr(inspect.unwrap(function.call), "__code__", None)
    if code is None:
        return function.word
    returns = {
        step.positions.lineno
        for step in dis.get_instructions(code)
        if step.opname.startswith("RETURN_") and step.opname != "RETURN_GENERATOR" and step.positions
    }
    line = returns.pop() if len(returns) == 1 else code.co_firstlineno
    name = getattr(function.call, "__name__", function.word)
    return f"{function.script.shown} line {line}: {name}"


def separate_gradient(function: Function, named: Mapping[str, Any]) -> Mapping[str, Array]:
    """What the function `gradient` of the same file says."""
    if function.gradient is None:
        return {}
    with at_home(function.script.path, heard=False):
        try:
            result = call(function, function.gradient, named)
        except BaseException as error:
            raise fault_of(error, function.script.path, function.script.shown) from error
    where = f"{function.script.shown}:gradient: what it returns"
    if result is None:
        raise FunctionFault(f"{where} is None", "return the gradient, or a dict of them")
    return _gradients(function, result, named, where)


def call(function: Function, code: Callable[..., Any], named: Mapping[str, Any]) -> Any:
    """Calls one of the file's functions as it stands. Its arrays cannot be written to."""
    given = {name: _locked(value) for name, value in named.items()}
    parameters = function.parameters
    return code(*(given[name] for name in parameters.positional), **{name: given[name] for name in parameters.keywords})


def loss_of(result: Any) -> Any:
    """The loss in what a function returned."""
    return _pair(result)[0]


def is_separable(function: Function, named: Mapping[str, Any], value: Array) -> bool:
    """Whether each sample's loss depends on the sample's own entries alone.

    Every second sample is left out, and then the others, along each axis: what depends on the rest of the batch, on
    its size or on a sample's place in it changes. A loss that is not recognised only takes longer to differentiate.
    """
    arrays = {name: named[name] for name in function.inputs}
    if any(array.shape[: value.ndim] != value.shape for array in arrays.values()):
        return False
    for axis in range(value.ndim):
        for start in range(2) if value.shape[axis] > 1 else ():
            some = (slice(None),) * axis + (slice(start, None, 2),)
            try:
                part = returned(function, {**named, **{name: array[some] for name, array in arrays.items()}}).value
            except FunctionFault:
                return False
            whole = value[some]
            if part.shape != whole.shape or not np.allclose(part, whole, rtol=_SAME, atol=0.0, equal_nan=True):
                return False
    return value.ndim > 0


def _of_other_numbers(function: Function, named: Mapping[str, Any]) -> Returned:
    """The value for numbers that carry their derivative; a TypeError where the function loses it on the way."""
    with at_home(function.script.path, heard=False):
        try:
            value = loss_of(call(function, function.call, named))
        except BaseException as error:
            if ends_the_run(error):
                raise
            raise TypeError(f"{function.word} takes floats only") from error
    if not hasattr(value, "slope"):
        raise TypeError(f"{function.word} makes floats of its inputs")
    return Returned(value, {})


def _locked(value: Any) -> Any:
    if type(value) is not np.ndarray:
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def _pair(result: Any) -> tuple[Any, Any]:
    """The loss, and the gradient that was returned with it."""
    return result if isinstance(result, tuple) and len(result) == 2 else (result, None)


def _numbers(value: Any, what: str, cure: str) -> Array:
    """Something returned as an array of float64, a copy."""
    if value is None or isinstance(value, str | bytes):
        raise FunctionFault(f"{what} {'None' if value is None else f'the text {value!r}'}", cure)
    try:
        array = np.asarray(value)
    except BaseException as error:
        if isinstance(error, MemoryError) or ends_the_run(error):
            raise
        kind = type(value).__name__
        raise FunctionFault(f"{what} {kind}, which is no array: {message_of(error)}", cure) from error
    if array.dtype.kind not in "iuf":
        kind = type(value).__name__ if not isinstance(value, np.ndarray) else f"an array of {array.dtype.name}"
        raise FunctionFault(f"{what} {kind}", cure)
    return array.astype(np.float64)


def _gradients(function: Function, own: Any, named: Mapping[str, Any], what: str) -> dict[str, Array]:
    """Gradients by input: one array is that of the first."""
    if own is None:
        return {}
    by_name = own if isinstance(own, Mapping) else {function.inputs[0]: own}
    gradients = {}
    for name, gradient in by_name.items():
        if name not in function.inputs:
            raise FunctionFault(f"{what} names {name!r}", f"its inputs are {', '.join(function.inputs)}")
        array = _numbers(gradient, f"{what}, of {name}, is", "return an array of the input's shape")
        if array.shape != named[name].shape:
            raise FunctionFault(
                f"{what} has shape {array.shape}, and {name} has {named[name].shape}", "return the input's shape"
            )
        gradients[name] = array
    return gradients
