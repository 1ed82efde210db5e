"""`losscli.losses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from losscli.losses import catalogue
from losscli.losses.installed import installed

if TYPE_CHECKING:
    from losscli.schema.loss import Loss


def losses() -> tuple[Loss, ...]:
    """Every loss, in the order of families and names, then those of installed packages."""
    return (*catalogue.losses(), *installed().losses)
