"""Everything a user can be told: faults, and the exit codes they end in."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """How a run ends. Scripts rely on these numbers."""

    DONE = 0
    REFUTED = 1
    USAGE = 2
    DATA = 3
    BUG = 70
    INTERRUPTED = 130
    CLOSED_PIPE = 141


class LossError(Exception):
    """A request that cannot be carried out: what is wrong, and the cure."""

    exit = Exit.DATA

    def __init__(self, fact: str, cure: str = "") -> None:
        super().__init__(f"{fact}\n{cure}" if cure else fact)
        self.fact = fact
        self.cure = cure

    def during(self, place: str) -> LossError:
        """The same fault, with the place where it was met put before the fact."""
        return type(self)(f"{place}: {self.fact}", self.cure)


class UsageFault(LossError):
    """The request itself is wrong, whatever the files hold: an unknown name, an option outside its domain."""

    exit = Exit.USAGE


class DataFault(LossError):
    """A file cannot be read, or what it holds does not fit the request."""


class Faults(LossError):
    """Several faults of one request, reported together."""

    def __init__(self, faults: Sequence[LossError]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults: tuple[LossError, ...] = tuple(
            each for fault in faults for each in (fault.faults if isinstance(fault, Faults) else (fault,))
        )
        self.exit = Exit.USAGE if any(fault.exit is Exit.USAGE for fault in faults) else Exit.DATA

    def during(self, place: str) -> Faults:
        return Faults([fault.during(place) for fault in self.faults])


def raise_all(faults: Sequence[LossError]) -> None:
    """Raises what was collected: one fault as itself, several together, none not at all."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(faults)
