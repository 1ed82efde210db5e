"""`python -m tests.mutate [--jobs N] [--minutes M] [--seed S] [--seconds S] [NAME ...]`."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tests.mutate.changes import Mutant, mutants
from tests.mutate.equivalents import EQUIVALENTS
from tests.mutate.targets import ROOT, Target, targets

_COPIED = ("losscli", "tests", "samples", "pyproject.toml", "README.md")
_BASE_SECONDS = 900.0  # what tests may take while nothing is changed
_TIMES_BASE = 4.0  # and as many times what they took then, with a change


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("names", nargs="*", help="targets, such as huber or engine.layout; all if none is named")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="then no change is begun; an equal share of each file"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order, and so of the sample that fits the time")
    parser.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help="what takes more, and 4 times as long as unchanged, is caught",
    )
    asked = parser.parse_args(words)
    known = targets()
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = {name: Tally(known[name], mutants(ROOT / known[name].path)) for name in asked.names or known}
    run = Run(time.monotonic() + 60.0 * asked.minutes, asked.seconds, in_turn(chosen.values(), asked.seed))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.jobs) as pool:
        for worker in [pool.submit(run.work, Path(folder) / str(at)) for at in range(asked.jobs)]:
            worker.result()
    for tally in chosen.values():
        sys.stdout.writelines(tally.lines())
    tried, of = (sum(map(count, chosen.values())) for count in (lambda t: t.tried, lambda t: len(t.mutants)))
    sample = "" if tried == of else f", a sample with seed {asked.seed}"
    survivors = sum(len(tally.unexplained) for tally in chosen.values())
    sys.stdout.write(f"{tried} of {of} changes tried in {(time.monotonic() - begun) / 60.0:.0f} minutes{sample}; ")
    sys.stdout.write(f"{survivors} survive without an explanation\n")
    return 1 if survivors or any(tally.fails for tally in chosen.values()) else 0


@dataclass
class Tally:
    """What became of the changes of one file."""

    target: Target
    mutants: list[Mutant]
    tried: int = 0
    alive: list[Mutant] = field(default_factory=list)
    fails: bool = False

    @property
    def unexplained(self) -> list[Mutant]:
        return [mutant for mutant in self.alive if mutant.id not in EQUIVALENTS]

    def lines(self) -> Iterator[str]:
        """The counts, and the survivors; also of a file of which nothing was tried."""
        if self.fails:
            yield f"{self.target.path}: its tests fail already\n"
            return
        if not self.mutants:
            yield f"{self.target.path}: nothing to change\n"
            return
        alive, left = len(self.alive), len(self.unexplained)
        yield f"{self.target.path}: {self.tried} of {len(self.mutants)} changes tried, {self.tried - alive} caught, "
        yield f"{alive - left} equivalent, {left} survive\n"
        for mutant in self.unexplained:
            yield f"  line {mutant.line}: {mutant.id}\n"


def in_turn(tallies: Iterable[Tally], seed: int) -> list[tuple[Tally, Mutant]]:
    """All changes in an order of which every beginning has an equal share of each file."""
    placed = []
    for tally in tallies:
        order = random.Random(f"{seed} {tally.target.path}").sample(tally.mutants, len(tally.mutants))
        placed += [((at + 0.5) / len(order), tally, mutant) for at, mutant in enumerate(order)]
    placed.sort(key=lambda each: each[0])
    return [(tally, mutant) for _, tally, mutant in placed]


class Run:
    """The changes that are left, for several workers, each with its copy of the tree."""

    def __init__(self, end: float, seconds: float, pending: list[tuple[Tally, Mutant]]) -> None:
        self.end, self.seconds = end, seconds
        self.pending = iter(pending)
        self.lock = Lock()
        self.base: dict[tuple[str, ...], float | None] = {}  # seconds without a change, if all pass
        self.base_locks: dict[tuple[str, ...], Lock] = defaultdict(Lock)

    def work(self, place: Path) -> None:
        """Tries one change after another, until there is none or no time."""
        copy = _copied(place)
        words = [sys.executable, "-m", "tests.mutate.runner"]
        environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        with subprocess.Popen(words, cwd=copy, env=environment, stdin=pipe, stdout=pipe, text=True) as runner:
            while time.monotonic() < self.end:
                with self.lock:
                    tally, mutant = next(self.pending, (None, None))
                if tally is None or mutant is None:
                    break
                if not tally.fails:
                    alive = self.survives(runner, tally, mutant)
                    with self.lock:
                        tally.tried += 1
                        if alive:
                            tally.alive.append(mutant)
            if runner.stdin is not None:
                runner.stdin.close()

    def survives(self, runner: subprocess.Popen[str], tally: Tally, mutant: Mutant) -> bool:
        """Whether all tests pass; those that take longer meet only what the quick ones let through."""
        for tests in (tally.target.quick, tally.target.more):
            with self.base_locks[tests]:
                if tests not in self.base:
                    begun = time.monotonic()
                    passed = _passes(runner, tests, _BASE_SECONDS)
                    self.base[tests] = time.monotonic() - begun if passed else None
            base = self.base[tests]
            if base is None:
                tally.fails = True
                return False
            limit = max(self.seconds, _TIMES_BASE * base)
            if not _passes(runner, tests, limit, tally.target.path, mutant.source):
                return False
        return True


def _passes(
    runner: subprocess.Popen[str], tests: Sequence[str], seconds: float, path: Path | None = None, source: str = ""
) -> bool:
    assert runner.stdin is not None
    assert runner.stdout is not None
    request = {"tests": tests, "seconds": seconds, "path": str(path) if path else "", "source": source}
    runner.stdin.write(json.dumps(request) + "\n")
    runner.stdin.flush()
    return runner.stdout.readline() == "passed\n"


def _copied(place: Path) -> Path:
    """A copy of the tree, in which a change harms nobody."""
    place.mkdir()
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copyfile(ROOT / name, place / name)
    return place


if __name__ == "__main__":
    sys.exit(main())
