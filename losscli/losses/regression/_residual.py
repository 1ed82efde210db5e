"""What losses of an error share: the first lines of their worked examples, and both gradients."""

from __future__ import annotations

from collections.abc import Callable

from losscli.losses._inputs import weighted
from losscli.schema.loss import Array, Units

DIFFERENCE = "difference = input - target"
ERROR = (DIFFERENCE, "error = abs(difference)")  # the first lines of a worked example


def residual(value: Array, pull: Callable[[Array], Array], weight: Array | None = None) -> Units:
    """A loss of input - target: its value and, once asked for, what comes from above times its derivative."""

    def pullback(up: Array) -> dict[str, Array]:
        gradient = pull(weighted(weight, up))
        return {"input": gradient, "target": -gradient}

    return Units(weighted(weight, value), pullback)
