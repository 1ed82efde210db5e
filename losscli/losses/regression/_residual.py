"""What losses of an error share: their inputs, the weights of single elements, and the gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np

from losscli.schema.domains import REAL, WEIGHT
from losscli.schema.loss import Array, Option, Role, Units

Predicted = Annotated[Array, Role("u", REAL, "what the model predicted")]
Observed = Annotated[Array, Role("u", REAL, "what happened")]
Weight = Annotated[Array | None, Option(WEIGHT, "what each element counts, broadcast to the input", axes="u")]

DIFFERENCE = "difference = input - target"
ERROR = (DIFFERENCE, "error = abs(difference)")  # the first lines of a worked example


def residual(value: Array, slope: Callable[[], Array], weight: Array | None = None) -> Units:
    """A loss of input - target, from its curve: the value at every error and, once asked for, the slope there."""

    def pullback(up: Array) -> dict[str, Array]:
        gradient = slope() * weighted(up, weight)
        return {"input": gradient, "target": -gradient}

    return Units(weighted(value, weight), pullback)


def weighted(values: Array, weight: Array | None) -> Array:
    """The products with the weights, 0 where the weight is."""
    if weight is None:
        return values
    product: Array = np.where(weight == 0.0, 0.0, values * weight)
    return product
