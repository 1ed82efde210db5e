"""What the shell may offer to complete."""

from __future__ import annotations


def loss_names(incomplete: str) -> list[str]:
    """The names of losses, from the names of their files: nothing is imported for it."""
    from losscli.losses.catalogue import loss_names as names

    return [name for name in names() if name.startswith(incomplete.replace("-", "_"))]
