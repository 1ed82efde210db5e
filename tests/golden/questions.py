"""What the recorder asks: a call of one loss, without its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.golden.cases import Array

REDUCTIONS = ("none", "mean", "sum")
SHAPES: tuple[tuple[int, ...], ...] = ((), (7,), (4, 3), (2, 3, 2), (2, 1, 3, 2))
# The deprecated pair, and what each stands for: mean, sum, none, none.
DEPRECATED: tuple[dict[str, bool], ...] = (
    {"size_average": True, "reduce": True},
    {"size_average": False},
    {"reduce": False},
    {"size_average": True, "reduce": False},
)


@dataclass(frozen=True)
class Question:
    """As in Case. `gradients` names the roles whose gradient means something; None is all that take numbers."""

    id: str
    loss: str
    inputs: Mapping[str, Array]
    options: Mapping[str, object]
    reduction: str | None
    gradients: tuple[str, ...] | None = None
    note: str = ""


def ask(
    loss: str,
    name: str,
    inputs: Mapping[str, Array],
    options: Mapping[str, object] | None = None,
    *,
    reductions: Sequence[str] = REDUCTIONS,
    gradients: tuple[str, ...] | None = None,
) -> Iterator[Question]:
    """The same call under several reductions."""
    arrays = {role: np.asarray(numbers) for role, numbers in inputs.items()}  # a random scalar is none yet
    for reduction in reductions:
        yield Question(f"{loss}/{name}/{reduction}", loss, arrays, options or {}, reduction, gradients)


def ask_deprecated(
    loss: str, inputs: Mapping[str, Array], options: Mapping[str, object] | None = None
) -> Iterator[Question]:
    """The same call with `size_average` and `reduce` in place of a reduction."""
    for pair in DEPRECATED:
        name = "-".join(f"{option}={value}" for option, value in pair.items())
        yield Question(f"{loss}/deprecated/{name}", loss, inputs, {**(options or {}), **pair}, None)


def distribution(random: np.random.Generator, shape: tuple[int, ...], axis: int) -> Array:
    """Probabilities that sum to 1 along an axis, some of them small."""
    powers = np.exp(random.normal(0.0, 2.0, shape))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def shaped(shape: tuple[int, ...]) -> str:
    """A shape as part of a name: 4x3, scalar."""
    return "x".join(map(str, shape)) or "scalar"
