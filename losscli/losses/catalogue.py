"""Finds losses by any of their names. The folder is the list: nothing is registered anywhere else."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from losscli.schema.loss import Loss

_MODULES = (
    "torch.",
    "tf.",
    "nn.functional.",
    "nn.",
    "f.",
    "keras.",
    "losses.",
    "optax.",
    "sklearn.",
    "metrics.",
    "torchvision.",
    "ops.",
)


@cache
def _files() -> dict[str, str]:
    """The name of every loss and its module, in the order of families and names."""
    here = Path(__file__).parent
    paths = sorted(path for path in here.glob("*/*.py") if not path.stem.startswith("_"))
    return {path.stem: f"{__package__}.{path.parent.name}.{path.stem}" for path in paths}


def loss_names() -> list[str]:
    """The names of all losses, without importing any."""
    return list(_files())


def losses() -> tuple[Loss, ...]:
    """The catalogue."""
    return tuple(_load(name) for name in _files())


def find(name: str) -> Loss:
    """The loss of that name: its own, PyTorch's class or function, or another framework's where it means the same."""
    wanted = _squash(name)
    for file in _files():
        if wanted in (_squash(file), _squash(file) + "loss"):
            return _load(file)  # the usual case, which imports one file
    for loss in losses():
        if wanted in map(_squash, loss.names):
            return loss
    if "(" in name:  # a name with an argument, as conventions list it: `…Crossentropy(from_logits=True)`
        for loss in losses():
            if any(wanted == _squash(known) for convention in loss.each_convention for known in convention.names):
                return loss
    from losscli.losses.installed import installed

    added = installed()
    for loss in added.losses:
        if wanted in map(_squash, loss.names):
            return loss
    every = [name for loss in (*losses(), *added.losses) for name in loss.names]
    dotted = [name for loss in losses() for convention in loss.each_convention for name in convention.names]
    if name.lower().startswith(("keras.", "tf.", "sklearn.", "optax.")):
        near = get_close_matches(name, dotted, cutoff=0.85)
    else:
        near = get_close_matches(name.lower().replace("-", "_"), every)
    cure = f"did you mean {near[0]}?" if near else "`losscli list` shows them all"
    raise UsageFault(f"there is no loss {name!r}", "; ".join((cure, *added.faults)))


def _load(name: str) -> Loss:
    from losscli.schema.loss import Loss  # and NumPy, which the names alone need not

    loss = import_module(_files()[name]).LOSS
    if not isinstance(loss, Loss) or loss.name != name:
        raise TypeError(f"{_files()[name]} must define LOSS, named {name}")
    return loss


@cache
def _squash(name: str) -> str:
    """A name without its module, in one spelling: `nn.MSELoss`, `mse-loss` and `mse_loss` are one."""
    name = name.strip().lower()
    while prefix := next((p for p in _MODULES if name.startswith(p)), ""):
        name = name.removeprefix(prefix)
    return name.replace("_", "").replace("-", "")
