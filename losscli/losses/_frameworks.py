"""What each framework does with a loss by default: a helper a framework, so that a loss names a function once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from losscli.schema.domains import Domain
from losscli.schema.loss import Convention

KERAS = "keras/src/losses/losses.py"
SKLEARN = "sklearn/metrics/_classification.py"
OPTAX = "optax/losses/_classification.py"


def torch(*names: str, does: str = "", reduction: str = "mean", gradient: str = "") -> Convention:
    """PyTorch's class in torch.nn and its function in torch.nn.functional; their defaults are those of the kernel."""
    dotted = tuple(f"torch.nn.{name}" if name[0].isupper() else f"torch.nn.functional.{name}" for name in names)
    source = ": ".join(part for part in (dotted[-1], does) if part)
    return Convention("torch", source, reduction, names=dotted, gradient=gradient)


def exact(does: str = "no bound", *, reduction: str = "mean", **values: Any) -> Convention:
    """The formula without the constants that frameworks add."""
    return Convention("exact", does, reduction, values)


def keras(
    *names: str, does: str = "", at: str = KERAS, domains: Mapping[str, Domain] | None = None, **values: Any
) -> Convention:
    """Keras averages a row's elements, then the rows; a weighted mean divides by the count of rows."""
    return Convention(
        "keras",
        f"{at}: {does or names[-1]}",
        values=values,
        names=_within("keras.losses.", names),
        weights_divide=False,
        averages_rows=True,
        domains=domains or {},
    )


def sklearn(*names: str, does: str = "", at: str = SKLEARN, **values: Any) -> Convention:
    """scikit-learn divides by the sum of the sample weights."""
    return Convention("sklearn", f"{at}: {does or names[-1]}", values=values, names=_within("sklearn.metrics.", names))


def optax(*names: str, does: str = "", at: str = OPTAX, reduction: str = "none", **values: Any) -> Convention:
    """optax leaves the reduction to its user."""
    names = tuple(f"{module}{name}" for name in names for module in ("optax.losses.", "optax."))
    return Convention("optax", f"{at}: {does or 'a loss an element, not reduced'}", reduction, values, names)


def _within(module: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(module + name for name in names)
