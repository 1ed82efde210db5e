"""The inputs of one loss of numbers as another's."""

from __future__ import annotations

from typing import Any

from losscli.schema.loss import Array


def same(input: Array, target: Array, **options: Any) -> dict[str, Any]:
    """The same two arrays, with the other loss's options."""
    return {"input": input, "target": target, **options}


def pair(input: Array, target: Array, **_: Any) -> dict[str, Any]:
    """The same two arrays, for a loss without options."""
    return {"input": input, "target": target}
