"""losscli computes machine-learning losses, and judges numbers that someone claims.

>>> import losscli
>>> losscli.compute("mse", [1, 2, 3], [1, 2, 5]).value
1.3333333333333333
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # of typing, which would keep the command line from standing ready for signals
if TYPE_CHECKING:
    from typing import Any

    from losscli.losses.api import losses
    from losscli.request.api import compute
    from losscli.request.python_sources import source
    from losscli.schema.faults import LossError
    from losscli.suites.api import run_suite
    from losscli.verify.api import verify

__version__ = "0.2.0"
__all__ = ["LossError", "compute", "losses", "run_suite", "source", "verify"]

_HOMES = {
    "LossError": "losscli.schema.faults",
    "compute": "losscli.request.api",
    "losses": "losscli.losses.api",
    "run_suite": "losscli.suites.api",
    "source": "losscli.request.python_sources",
    "verify": "losscli.verify.api",
}


class _Package(ModuleType):
    """This package, whose functions `losses` and `verify` are named as two of its folders are: the function stays."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOMES:  # else the import system, which would put the folder in the function's place
            super().__setattr__(name, value)


def __dir__() -> list[str]:
    return sorted((*__all__, *(name for name in globals() if name.startswith("__"))))


def __getattr__(name: str) -> Any:
    """Imports what is asked for, when it is asked for: the command line's --help must not wait for NumPy."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


sys.modules[__name__].__class__ = _Package
