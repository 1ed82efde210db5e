"""What the losses on a single probability share: its two logarithms, as PyTorch bounds them."""

from __future__ import annotations

import numpy as np

from losscli.schema.loss import Array, Convention

CONVENTIONS = (
    Convention("torch", "ATen/native/Loss.cpp: each logarithm is at least -100, p(1-p) in the gradient at least 1e-12"),
    Convention("exact", "no bound", values={"log_floor": -np.inf, "slope_floor": 0.0}),
)
LOG_FLOOR = "the least logarithm of a probability"
SLOPE_FLOOR = "the least p(1-p) that a gradient is divided by"


def surprises(p: Array, log_floor: float) -> tuple[Array, Array]:
    """-log p and -log(1-p), each at most -log_floor."""
    return -np.maximum(np.log(p), log_floor), -np.maximum(np.log1p(-p), log_floor)


def log_odds_against(p: Array, yes: Array, no: Array) -> Array:
    """log(1-p) - log p, from the surprises yes and no; near p = 1/2, where they are alike, it is log(1 + (1-2p)/p)."""
    return np.where(np.abs(p - 0.5) < 0.25, np.log1p((1.0 - 2.0 * p) / p), yes - no)


def expected(yes: Array, no: Array, target: Array) -> Array:
    """target · yes + (1-target) · no, with 0 · inf = 0."""
    return np.where(target == 0.0, 0.0, target * yes) + np.where(target == 1.0, 0.0, (1.0 - target) * no)


def slope(p: Array, target: Array, slope_floor: float) -> Array:
    """The derivative of -t log p - (1-t) log(1-p): (p-t) / (p (1-p)), the divisor bounded as PyTorch bounds it.

    Unbounded, the ends are limits: at p = 0 it is -inf, but 1 if the target is 0 too; at p = 1 inf, but -1 if it is 1.
    """
    divisor = np.maximum(p * (1.0 - p), slope_floor)
    return np.where((divisor == 0.0) & (p == target), np.where(p == 0.0, 1.0, -1.0), (p - target) / divisor)
