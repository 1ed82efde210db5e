"""Measures two sides in turn, so that whatever else the machine does falls on both."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bench: what was measured on both sides, and what their ratio should be."""

    what: str
    ours: str
    theirs: str
    ratio: float
    budget: float
    at_least: bool  # else at most

    @property
    def met(self) -> bool:
        return self.ratio >= self.budget if self.at_least else self.ratio <= self.budget


def times_faster(what: str, ours: Work, theirs: Work, budget: float, *, runs: int, warm: int) -> Row:
    """How many times as fast as theirs our side is: their median over ours."""
    mine, yours = in_turn(ours, theirs, runs=runs, warm=warm)
    return Row(what, shown(mine), shown(yours), yours / mine, budget, at_least=True)


def times_as_long(what: str, ours: Work, theirs: Work, budget: float, *, runs: int, warm: int) -> Row:
    """How many times as long as theirs our side takes: our median over theirs."""
    mine, yours = in_turn(ours, theirs, runs=runs, warm=warm)
    return Row(what, shown(mine), shown(yours), mine / yours, budget, at_least=False)


def in_turn(ours: Work, theirs: Work, *, runs: int, warm: int) -> tuple[float, float]:
    """The median seconds of both sides, after each has been warmed up (a single run needs no more than one before)."""
    for _ in range(min(warm, runs)):
        ours()
        theirs()
    seconds = [(clocked(ours), clocked(theirs)) for _ in range(runs)]
    mine, yours = zip(*seconds, strict=True)
    return statistics.median(mine), statistics.median(yours)


def clocked(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command(*words: str, codes: Sequence[int] = (0,)) -> Work:
    """A whole process, started and waited for."""

    def run() -> None:
        done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
        if done.returncode not in codes:
            raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr.decode()}")

    return run


def peak_memory(*words: str) -> int:
    """The most memory, in bytes, that a process held."""
    return _used(words)[1]


def cpu_seconds(*words: str) -> float:
    """The CPU time that a whole process took, start-up and all."""
    return _used(words)[0]


def _used(words: Sequence[str]) -> tuple[float, int]:
    """CPU seconds and the most bytes of a process of Python."""
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, sys.executable, *words], capture_output=True, text=True, check=True
    )
    code, seconds, kilobytes = found.stdout.split()
    if int(code):
        raise RuntimeError(f"{words} ended with {code}: {found.stderr}")
    return float(seconds), int(kilobytes) * 1024


def shown(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
