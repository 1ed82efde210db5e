"""Completion of loss names in a shell."""

from __future__ import annotations


def loss_names(incomplete: str) -> list[str]:
    """The names of all losses, from the names of their files, without importing them."""
    from losscli.losses.catalogue import loss_names as names

    return [name for name in names() if name.startswith(incomplete.replace("-", "_"))]
