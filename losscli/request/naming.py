"""Which loss a word means: one of the catalogue, or a function in a file."""

from __future__ import annotations

from pathlib import Path

from losscli.losses.catalogue import find
from losscli.schema.loss import Loss


def loss_named(word: str, base: Path | None = None) -> Loss:
    """The loss of that name, or of `FILE.py:FUNCTION`, whose file is executed; a relative path starts at `base`."""
    if not names_a_function(word):
        return find(word)
    from losscli.request.custom import custom_loss  # which most requests need not

    return custom_loss(word, base)


def names_a_function(word: str) -> bool:
    """Whether a word is meant as `FILE.py:FUNCTION`, complete or not."""
    return ".py:" in word or word.endswith(".py")
