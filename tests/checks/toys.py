"""Losses that nothing else knows, right and wrong ones."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.engine.bind import Bound, bind
from losscli.schema.data import held
from losscli.schema.define import define
from losscli.schema.domains import POSITIVE, REAL
from losscli.schema.loss import Array, Constant, Convention, Equals, Loss, Option, Role, Units
from losscli.schema.settings import Settings

Input = Annotated[Array, Role("u", REAL, "what the model said")]
Target = Annotated[Array, Role("u", REAL, "what happened")]


def quartic(
    input: Input,
    target: Target,
    *,
    scale: Annotated[float, Option(POSITIVE, "what an error is divided by")] = 1.0,
) -> Units:
    """The fourth power of the error."""
    error = (input - target) / scale

    def pullback(up: Array) -> dict[str, Array]:
        slope = 4.0 * error**3 / scale * up
        return {"input": slope, "target": -slope}

    return Units(error**4, pullback)


def planted(input: Input, target: Target) -> Units:
    """The fourth power of the error, whose gradient forgets a factor where the error is above 2."""
    error = input - target

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.where(error > 2.0, 3.0, 4.0) * error**3 * up
        return {"input": slope, "target": -4.0 * error**3 * up * -1.0}

    return Units(error**4, pullback)


def bent(input: Input, target: Target, *, at: Annotated[float, Constant("the slope at the kink")] = 0.0) -> Units:
    """The size of the error, with a constant for the slope at 0."""
    error = input - target

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.where(error == 0.0, at, np.sign(error)) * up
        return {"input": slope, "target": -slope}

    return Units(np.abs(error), pullback)


def floored(input: Input, target: Target, *, floor: Annotated[float, Constant("the least slope")] = 0.5) -> Units:
    """Half the square of the error, whose slope a convention holds above a bound."""
    error = input - target

    def pullback(up: Array) -> dict[str, Array]:
        slope = np.maximum(error, floor) * up
        return {"input": slope, "target": -slope}

    return Units(0.5 * error * error, pullback)


def scaled(times: float) -> Loss:
    """The quartic, which claims to be so many times mse of the squares."""

    def squares(input: Array, target: Array, **_: float) -> dict[str, Array]:
        return {"input": (input - target) ** 2, "target": np.zeros_like(target)}

    relation = Equals("Quartic = MSE(e², 0)", "mse", squares, times=lambda **_: times, condition="always")
    never = Equals("Quartic = L1", "l1", squares, given=lambda **_: False, condition="errors are 1")
    return define(quartic, relations=(relation, never), example=("[1, 2]", "[0, 0]"))


FLOORED = define(
    floored,
    conventions=(
        Convention("torch", "here", values={"floor": 0.5}),
        Convention("exact", "no bound", values={"floor": -np.inf}),
    ),
)


def bound(loss: Loss, *arrays: list[float], reduction: str = "mean", convention: str = "torch") -> Bound:
    """The loss on these inputs, in the order of its roles."""
    inputs = {role: held(np.array(array, dtype=float), role) for role, array in zip(loss.roles, arrays, strict=True)}
    return bind(loss, inputs, {}, Settings(reduction, convention))
