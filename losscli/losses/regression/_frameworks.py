"""What Keras, scikit-learn and optax do with a loss of numbers."""

from __future__ import annotations

from typing import Any

from losscli.schema.loss import Convention


def keras(*names: str, does: str = "the mean over all elements", **values: Any) -> Convention:
    """Keras takes means along the last axis, then their mean, which is that of all elements; weights do not divide."""
    source = f"keras/src/losses/losses.py: {does}"
    return Convention("keras", source, "mean", values, names, weights_divide=False, averages_rows=True)


def sklearn(*names: str, does: str = "the mean over samples, then over outputs", **values: Any) -> Convention:
    """scikit-learn divides by the sum of the sample weights."""
    return Convention("sklearn", f"sklearn/metrics/_regression.py: {does}", "mean", values, names)


def optax(*names: str, does: str = "a loss an element, not reduced", **values: Any) -> Convention:
    """optax leaves the mean to its user."""
    return Convention("optax", f"optax/losses/_regression.py: {does}", "none", values, names)
