"""How a message names a setting: as it is written in the front end that made the request."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

COMMAND_LINE, SUITE, PYTHON, PYTEST = "command line", "suite", "Python", "pytest"

_FRONT_ENDS: ContextVar[tuple[str, ...]] = ContextVar("losscli_front_ends", default=(COMMAND_LINE,))
_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z_][\w.-]*", re.IGNORECASE)  # a text in YAML
_INI = {
    "allow_outside": "losscli_allow_outside = true in pytest's configuration"
}  # what pytest has of a run's settings
_NAMED_ARRAYS = '{"w": w}'  # what Python has in place of a file of parameters


@contextmanager
def asked_in(front_end: str) -> Iterator[None]:
    """Messages made here spell settings as that front end does; a suite is run by one of the others."""
    token = _FRONT_ENDS.set((front_end, *_FRONT_ENDS.get()))
    try:
        yield
    finally:
        _FRONT_ENDS.reset(token)


def written_out(name: str, flag: str, key: str, value: Any) -> str:
    """A name, alone or with a value, as an option, as a key of a suite, or as a keyword.

    What is no key of a case is a setting of the run, which one of the other front ends has.
    """
    has = {SUITE: bool(key), PYTEST: name in _INI}
    front_end = next(front_end for front_end in _FRONT_ENDS.get() if has.get(front_end, True))
    if front_end == PYTEST:
        return _INI[name]
    if front_end == COMMAND_LINE:
        return _option(flag, value)
    if front_end == SUITE:
        return key if value is None else f"{key}: {_in_yaml(value)}"
    return name if value is None else f"{name}={_in_python(name, value)}"


def _option(flag: str, value: Any) -> str:
    if value is None or value is True:
        return flag
    if value is False:
        return f"--no-{flag[2:]}"
    word = shlex.quote(",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value))
    return f"{flag}={word}" if word.startswith("-") else f"{flag} {word}"


def _in_yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_in_yaml, value))}]"
    return str(value) if not isinstance(value, str) or _PLAIN.fullmatch(value) else repr(value)


def _in_python(name: str, value: Any) -> str:
    if name == "params":
        return _NAMED_ARRAYS
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_in_python(name, word) for word in value)}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
