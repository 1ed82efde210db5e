"""Faults, which are all that can go wrong for a user, and the exit codes they end in."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """How a run ends. Scripts rely on these numbers."""

    DONE = 0
    REFUTED = 1
    USAGE = 2
    DATA = 3
    BUG = 70
    HUNG_UP = 129
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class LossError(Exception):
    """A request that cannot be carried out: what is wrong, and the cure."""

    exit = Exit.DATA

    def __init__(self, fact: str, cure: str = "") -> None:
        super().__init__(f"{fact}\n{cure}" if cure else fact)
        self.fact = fact
        self.cure = cure

    @property
    def lines(self) -> tuple[str, ...]:
        """The fact and the cure, a line each."""
        return (self.fact, self.cure) if self.cure else (self.fact,)

    def during(self, place: str) -> LossError:
        """This fault, with the place where it occurred before the fact."""
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
            single for fault in faults for single in (fault.faults if isinstance(fault, Faults) else (fault,))
        )
        self.exit = Exit.USAGE if any(fault.exit is Exit.USAGE for fault in faults) else Exit.DATA

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for fault in self.faults for line in fault.lines)

    def during(self, place: str) -> Faults:
        return Faults([fault.during(place) for fault in self.faults])


def raise_all(faults: Sequence[LossError]) -> None:
    """Raises what was collected: one fault as itself, several together, none not at all."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(faults)


class Interrupted(KeyboardInterrupt):
    """A signal that ends the run; the exit code is that of the shell."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit = 128 + number


def ends_the_run(error: BaseException) -> bool:
    """Whether an exception comes from a signal, and not from a user's code, which may raise KeyboardInterrupt too."""
    if isinstance(error, Interrupted):
        return True
    return isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def message_of(error: BaseException) -> str:
    """The text of an exception; empty where making it fails, as a user-defined exception may."""
    try:
        return str(error)
    except BaseException as failure:
        if ends_the_run(failure):
            raise
        return ""


def is_bug(error: BaseException) -> bool:
    """Whether an exception is none that a request may end with."""
    return not isinstance(error, (LossError, OSError, MemoryError))


def lines_of(error: BaseException, place: str) -> tuple[str, ...]:
    """Any exception in lines of text: the fact and the cure."""
    if isinstance(error, LossError):
        return error.lines
    if isinstance(error, OSError):
        return (f"{error.filename or place}: {error.strerror or error}",)
    if isinstance(error, MemoryError):
        return (f"{place}: there is not enough memory", "save large arrays as .npy, which is read in pieces")
    fact = f"this is a bug in losscli: {type(error).__name__}: {message_of(error)}"
    if os.environ.get("LOSSCLI_DEBUG") != "1":
        return (fact, "LOSSCLI_DEBUG=1 shows where")
    from traceback import format_exception

    return (fact, *"".join(format_exception(error)).splitlines())
