"""What every loss should give, on another road than its kernel: one file a loss, named after it.

A file has the formula of one sample, or of all samples that hang together, in mpmath and from the definition alone, and

- `FORMS`: the formula with the inputs it is tried on, option values, and what PyTorch calls them (all required);
- `KNOWN`: numbers by hand or from a publication, for what no formula shows (optional);
- `ABOVE_LIMIT`: why its value or gradient may be more than 4 ulps off, if it is (optional).

From these draw tests/losses/test_references.py, the accuracy table (tests/accuracy) and
tests/golden/test_references.py, which compares the formulas with what PyTorch answered. What is left, such as bounds,
messages and conventions, is tested in `tests/losses/test_NAME.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from mpmath import mpf

from tests.references._formulas import Number
from tests.references._inputs import Inputs
from tests.references._truth import TruthOf, by_unit, of_all


@dataclass(frozen=True)
class Form:
    """A loss in one of its forms: its inputs by family, what is true of them, and how it is called.

    `torch` are PyTorch's options, None where it has no such loss; `torch_slopes` says whether its gradient means ours.
    `formula` is that of one sample, where samples are independent.
    """

    name: str
    inputs: Inputs
    truth: TruthOf
    options: Mapping[str, Any] = field(default_factory=dict)
    torch: Mapping[str, Any] | None = None
    torch_slopes: bool = True
    formula: Callable[..., Number] | None = None


@dataclass(frozen=True)
class Known:
    """A number that somebody else gives, and where it is from: the value, or a list of values with reduction none."""

    source: str
    inputs: tuple[Any, ...]
    value: Any
    options: Mapping[str, Any] = field(default_factory=dict)


def per_unit(
    formula: Callable[..., Number],
    given: Inputs,
    name: str = "",
    *,
    torch: Mapping[str, Any] | None = None,
    **options: Any,
) -> Form:
    """Samples are independent: the formula gets the inputs of one, and the options, of which floats become mpmath's."""
    numbers = {option: mpf(value) if isinstance(value, float) else value for option, value in options.items()}
    return Form(name, given, by_unit(partial(formula, **numbers)), options, torch, formula=formula)


def whole(
    formula: Callable[[dict[str, Any]], list[Number]],
    given: Inputs,
    name: str = "",
    *,
    torch: Mapping[str, Any] | None = None,
    **options: Any,
) -> Form:
    """Samples hang together: the formula gets all inputs by role, as nested lists, and gives all losses."""
    return Form(name, given, of_all(formula), options, torch)


def forms(loss: str) -> tuple[Form, ...]:
    """The forms of a loss; none if it has no file, which tests/laws/test_catalogue.py reports."""
    found: tuple[Form, ...] = getattr(_module(loss), "FORMS", ())
    return found


def known(loss: str) -> tuple[Known, ...]:
    found: tuple[Known, ...] = getattr(_module(loss), "KNOWN", ())
    return found


def above_limit(loss: str) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(_module(loss), "ABOVE_LIMIT", {})
    return found


def _module(loss: str) -> ModuleType | None:
    name = f"{__name__}.{loss}"
    return import_module(name) if find_spec(name) else None
