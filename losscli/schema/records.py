"""The frozen dataclasses that go between rooms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A frozen dataclass that nobody compares or prints.

    Why not dataclass itself: it writes and compiles every method of every class at import, a millisecond each, and the
    command line pays for some forty of them before it reads a word. Without comparison and repr it is two thirds.
    """
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)
