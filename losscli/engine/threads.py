"""Runs of units over a few threads. NumPy lets go of the interpreter inside its loops, so threads are enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, islice
from threading import Lock, Thread
from typing import Protocol, Self, TypeVar

import numpy as np


class Mergeable(Protocol):
    def __add__(self, other: Self, /) -> Self: ...


M = TypeVar("M", bound=Mergeable)
MOST_THREADS = 256

Progress = Callable[[int], None]  # called with how many more units are done


def usable_cores() -> int:
    """The cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def keep_freed_memory() -> None:
    """Stops the C library from handing every chunk's arrays back to the system, to fault them in again for the next.

    Freeing one large block that was never touched raises glibc's threshold for that to its most, 32 MiB. Without it
    half of the time on regression losses goes into page faults; elsewhere it does nothing.
    """
    np.empty(31 << 20, dtype=np.uint8)


def fold(
    runs: Iterable[tuple[int, int]],
    work: Callable[[int, int], M],
    nothing: M,
    jobs: int,
    progress: Progress | None = None,
) -> M:
    """The sum of `work` over all runs. Its order is left open, so the results must add up exactly.

    The calling thread works too, so that an interrupt reaches it between two chunks; a failure stops all.
    """
    rest = iter(runs)
    first = list(islice(rest, 2))
    pending = chain(first, rest)
    lock = Lock()
    sums: list[M] = []
    failures: list[BaseException] = []

    def worker() -> None:
        done = nothing
        try:
            while not failures:
                with lock:
                    run = next(pending, None)
                if run is None:
                    break
                done = done + work(*run)
                if progress is not None:
                    with lock:
                        progress(run[1] - run[0])
            sums.append(done)
        except BaseException as failure:  # also an interrupt: it must stop the other threads
            failures.append(failure)

    threads: list[Thread] = []
    for _ in range(min(jobs, MOST_THREADS) - 1 if len(first) > 1 else 0):
        thread = Thread(target=worker, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system allows no more; those there are do the work as well
            break
        threads.append(thread)
    worker()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(sums, nothing)
