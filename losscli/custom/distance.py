"""A user-defined distance: a function of two vectors, or of two arrays of them, as the value of a loss's option."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from losscli.custom.function import Function, Parameters, at_hand, is_separable, loss_of, returned
from losscli.custom.gradient import numeric_gradient
from losscli.custom.loss import function_named
from losscli.custom.script import FunctionFault
from losscli.schema.distance import OwnDistance
from losscli.schema.loss import Array

_CURE = "return n distances for two arrays of shape (n, d), or one number for two vectors"


def own_distance(value: str | Callable[..., Any], base: Path | None = None) -> OwnDistance:
    """The distance `FILE.py:FUNCTION`, whose file is executed, or a function that is at hand."""
    function = function_named(value, base, with_gradient=False) if isinstance(value, str) else at_hand(value)
    function = replace(function, parameters=_of_two(function))

    def measure(first: Array, second: Array) -> tuple[Array, Callable[[], tuple[Array, Array]]]:
        return _measured(function, first, second)

    return OwnDistance(function.word, measure)


def _of_two(function: Function) -> Parameters:
    """The two inputs alone: the other parameters keep their defaults."""
    parameters = function.parameters
    if parameters.required:
        raise FunctionFault(f"{function.word} needs {', '.join(parameters.required)}", "give it a default")
    if len(parameters.inputs) != 2:
        taken = f"{len(parameters.inputs)} ({', '.join(parameters.inputs)})"
        raise FunctionFault(f"{function.word}: a distance takes two inputs, and this takes {taken}", "take two")
    return Parameters(parameters.inputs, (), parameters.inputs, {}, ())


def _measured(function: Function, first: Array, second: Array) -> tuple[Array, Callable[[], tuple[Array, Array]]]:
    """The distances of the rows, and what gives their derivatives."""
    if not all(type(array) is np.ndarray and array.dtype == np.float64 for array in (first, second)):
        raise TypeError(f"{function.word} takes floats only")
    if not len(first):
        return np.zeros(0), lambda: (np.zeros(first.shape), np.zeros(second.shape))
    function = _of_rows(function, first, second)
    named = dict(zip(function.inputs, (first, second), strict=True))
    distances = returned(function, named).value
    if distances.shape != first.shape[:1]:
        raise FunctionFault(
            f"{function.word}: it returns shape {distances.shape} for two arrays of shape {first.shape}", _CURE
        )
    up = np.ones(len(first))

    def slopes() -> tuple[Array, Array]:
        by_one, by_other = (
            numeric_gradient(function, named, name, distances.shape, up, separable=True) for name in function.inputs
        )
        return by_one, by_other

    return distances, slopes


def _of_rows(function: Function, first: Array, second: Array) -> Function:
    """The function as one of arrays of vectors, which is tried first, on a few; else it is called row by row.

    They are not as many as the vectors have entries, so that a sum along the wrong axis is not taken for distances.
    """
    few = np.arange(3 if first.shape[1] == 2 else 2) % len(first)
    named = dict(zip(function.inputs, (first[few], second[few]), strict=True))
    batch = _tried(function, named)
    if isinstance(batch, np.ndarray) and batch.shape == few.shape and is_separable(function, named, batch):
        return function
    single = _tried(function, {name: array[0] for name, array in named.items()})
    if isinstance(single, np.ndarray) and not single.ndim:
        return replace(function, call=_row_by_row(function.call))
    if isinstance(batch, FunctionFault):
        raise (batch if batch.__cause__ else FunctionFault(batch.fact, _CURE)) from batch.__cause__
    if batch.shape == few.shape:
        raise FunctionFault(f"{function.word}: the distance of two vectors depends on the other vectors", _CURE)
    raise FunctionFault(
        f"{function.word}: it returns shape {batch.shape} for two arrays of shape {named[function.inputs[0]].shape}",
        _CURE,
    )


def _tried(function: Function, named: Mapping[str, Any]) -> Array | FunctionFault:
    try:
        return returned(function, named).value
    except FunctionFault as fault:
        return fault


def _row_by_row(call: Callable[..., Any]) -> Callable[..., Any]:
    def rows(first: Any, second: Any) -> Any:
        return np.array([loss_of(call(*pair)) for pair in zip(first, second, strict=True)])

    return rows
