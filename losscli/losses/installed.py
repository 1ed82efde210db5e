"""Losses that installed packages add: entry points of the group `losscli.losses`, each a Loss made by `define`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from losscli.schema.loss import Loss
from losscli.schema.records import record

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "losscli.losses"


@record
class Installed:
    """The losses of all packages, and what is wrong with those that give none."""

    losses: tuple[Loss, ...]
    faults: tuple[str, ...]


def installed() -> Installed:
    """Looks for packages that add losses, and imports them."""
    if not _announced():
        return Installed((), ())
    from importlib.metadata import entry_points

    added: list[Loss] = []
    faults: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        package = point.dist.name if point.dist else point.value
        try:
            added.append(replace(_loaded(point), family=package))
        except Exception as error:  # whatever a package does wrong, the other losses are still there
            faults.append(f"{package} adds a loss {point.name}, but it fails: {type(error).__name__}: {error}")
    return Installed(tuple(added), tuple(faults))


def _announced() -> bool:
    """Whether any package speaks of the group: reading this much takes a tenth of the time of `entry_points`."""
    for folder in sys.path:
        for name in _names_in(folder or os.curdir):
            if name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError), open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                    if GROUP.encode() in file.read():
                        return True
    return False


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # a ZIP file, or a folder that is not there
        return []


def _loaded(point: EntryPoint) -> Loss:
    loss = point.load()
    if not isinstance(loss, Loss):
        raise TypeError(f"{point.value} is {type(loss).__name__}, not a Loss made by define")
    return loss
