"""What the losses on a single probability share: its two logarithms, and how each framework bounds them."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._inputs import weighted
from losscli.schema.loss import Array

LOG_FLOOR = "the least logarithm of a probability"
SLOPE_FLOOR = "the least p(1-p) that a gradient is divided by"
P_FLOOR = "what a smaller probability is raised to"
P_CEILING = "what a larger probability is lowered to"

BALANCE = "alpha * target + (1 - alpha) * (1 - target)"
CUT_KINKS = "input == p_floor and p_floor > 0 or input == p_ceiling and p_ceiling < 1"
KERAS_EPSILON = 1e-7
UNBOUNDED: dict[str, Any] = {"log_floor": -inf, "slope_floor": 0.0}
_EPSILONS = {"float16": 2.0**-10, "float32": 2.0**-23}


def epsilon_of(dtype: str) -> float:
    """The distance from 1 to the next larger number of a stored type; float64's for what is read as that."""
    return _EPSILONS.get(dtype, 2.0**-52)


def keras_ceiling(dtype: str) -> float:
    """1 - 1e-7 in the type that Keras computes in: next to 1 a float32 has steps of 2⁻²⁴, and it becomes 1 - 2⁻²³."""
    return float(np.float32(1.0 - KERAS_EPSILON)) if dtype == "float32" else 1.0 - KERAS_EPSILON


TORCH_BOUNDS = "ATen/native/Loss.cpp, each logarithm is at least -100, p(1-p) in the gradient at least 1e-12"
KERAS_BOUNDS: dict[str, Any] = {**UNBOUNDED, "p_floor": KERAS_EPSILON, "p_ceiling": keras_ceiling}
SKLEARN_BOUNDS: dict[str, Any] = {
    **UNBOUNDED,
    "p_floor": epsilon_of,
    "p_ceiling": lambda dtype: 1.0 - epsilon_of(dtype),
}


def nlls(p: Array, log_floor: float) -> tuple[Array, Array]:
    """-log p and -log(1-p), each at most -log_floor."""
    return -np.maximum(np.log(p), log_floor), -np.maximum(np.log1p(-p), log_floor)


def log_odds_against(p: Array, yes: Array, no: Array) -> Array:
    """log(1-p) - log p, where yes is -log p and no -log(1-p); near p = 1/2, where they cancel, log(1 + (1-2p)/p)."""
    return np.where(np.abs(p - 0.5) < 0.25, np.log1p((1.0 - 2.0 * p) / p), yes - no)


def expected(yes: Array, no: Array, target: Array) -> Array:
    """target · yes + (1-target) · no, with 0 · inf = 0."""
    return weighted(target, yes) + weighted(1.0 - target, no)


def weightless(weight: Array | float, values: Array) -> tuple[str, ...]:
    """The note on infinite losses that count nothing, where there are any."""
    dropped = np.equal(weight, 0.0) & np.isinf(values)
    return ("an infinite loss of weight 0 counts as 0 (0·inf would be nan)",) if dropped.any() else ()


def bounds(
    input: Array, target: Array, yes: Array, no: Array, log_floor: float, p_floor: float, p_ceiling: float
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Where a clamp makes what a probability costs: of its logarithm, or before that of itself."""
    clamped = np.maximum(yes, no) == -log_floor
    if np.isfinite(log_floor) and clamped.any():
        against = np.where(yes == -log_floor, target, 1.0 - target) > 0.0
        words = f"its truth was given the probability 0, whose logarithm is bounded at {log_floor:g}"
        yield words, clamped & against
    if p_floor > 0.0:
        cut = ((input < p_floor) & (target > 0.0)) | ((input > p_ceiling) & (target < 1.0))
        if cut.any():
            yield f"the probability that its truth was given is raised to {p_floor:.2g}", cut


def slope(p: Array, target: Array, slope_floor: float) -> Array:
    """The derivative of -t log p - (1-t) log(1-p): (p-t) / (p (1-p)), the divisor bounded as PyTorch bounds it.

    Unbounded, the ends are limits: at p = 0 it is -inf, but 1 if the target is 0 too; at p = 1 inf, but -1 if it is 1.
    """
    divisor = np.maximum(p * (1.0 - p), slope_floor)
    return np.where((divisor == 0.0) & (p == target), np.where(p == 0.0, 1.0, -1.0), (p - target) / divisor)


def balance(target: Any, alpha: float) -> Any:
    """The focal losses' alpha_t: alpha for a yes, 1 - alpha for a no."""
    return alpha * target + (1.0 - alpha) * (1.0 - target)


def beyond(values: Array, low: float, high: float) -> NDArray[np.bool_]:
    """What is cut off, and has no slope. NaN is not."""
    outside: NDArray[np.bool_] = (values < low) | (values > high)
    return outside
