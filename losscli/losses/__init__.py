"""The catalogue: the folder is the list, one file a loss, its name the loss's name.

`losscli.losses` is this package, since the folder is so named, and by contract a call that returns the catalogue.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from losscli.schema.loss import Loss


class _Catalogue(ModuleType):
    def __call__(self) -> tuple[Loss, ...]:
        """Every loss, in the order of families and names, then those of installed packages."""
        from losscli.losses.catalogue import losses
        from losscli.losses.installed import installed

        return (*losses(), *installed().losses)


sys.modules[__name__].__class__ = _Catalogue
