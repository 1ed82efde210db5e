"""`python -m tests.mutate [--jobs N] [--seconds S] [NAME ...]`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutate.changes import Mutant, mutants
from tests.mutate.equivalents import EQUIVALENTS
from tests.mutate.targets import ROOT, Target, targets

_COPIED = ("losscli", "tests", "samples", "pyproject.toml", "README.md")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate")
    parser.add_argument("names", nargs="*", help="losses, or what they share; all if none is named")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="what a change may take; one that takes more is caught"
    )
    asked = parser.parse_args(words)
    known = targets()
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    survivors = 0
    for name in asked.names or known:
        survivors += _target(known[name], asked.jobs, asked.seconds)
    return 1 if survivors else 0


def _target(target: Target, jobs: int, seconds: float) -> int:
    """Tries every change of one file, and says which of them survive without an explanation."""
    begun = time.monotonic()
    found = mutants(ROOT / target.path)
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for at in range(jobs):
            copies.put(_copied(Path(folder) / str(at)))
        with _borrowed(copies) as copy:
            if not _passes(copy, target, seconds * 5):
                sys.stdout.write(f"{target.path}: its tests fail already\n")
                return 1

        def survives(mutant: Mutant) -> bool:
            with _borrowed(copies) as copy:
                file = copy / target.path
                file.write_text(mutant.source, encoding="utf-8")
                try:
                    return _passes(copy, target, seconds)
                finally:
                    shutil.copyfile(ROOT / target.path, file)

        with ThreadPoolExecutor(jobs) as pool:
            alive = [mutant for mutant, lives in zip(found, pool.map(survives, found), strict=True) if lives]
    unexplained = [mutant for mutant in alive if mutant.id not in EQUIVALENTS]
    sys.stdout.write(
        f"{target.path}: {len(found)} changes, {len(found) - len(alive)} caught, "
        f"{len(alive) - len(unexplained)} equivalent, {len(unexplained)} survive ({time.monotonic() - begun:.0f} s)\n"
    )
    for mutant in unexplained:
        sys.stdout.write(f"  line {mutant.line}: {mutant.id}\n")
    sys.stdout.flush()
    return len(unexplained)


def _copied(place: Path) -> Path:
    """A copy of the tree, in which a change harms nobody."""
    place.mkdir()
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copyfile(ROOT / name, place / name)
    return place


@contextmanager
def _borrowed(copies: SimpleQueue[Path]) -> Iterator[Path]:
    copy = copies.get()
    try:
        yield copy
    finally:
        copies.put(copy)


def _passes(copy: Path, target: Target, seconds: float) -> bool:
    """Whether all tests pass; those that take longer meet only what the quick ones let through."""
    return all(_pytest(copy, tests, seconds) for tests in (target.tests, target.more) if tests)


def _pytest(copy: Path, tests: tuple[str, ...], seconds: float) -> bool:
    from subprocess import DEVNULL, TimeoutExpired, run

    words = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    try:
        ended = run(words, cwd=copy, env=environment, stdout=DEVNULL, stderr=DEVNULL, timeout=seconds, check=False)
    except TimeoutExpired:
        return False
    return ended.returncode in (0, 5)  # 5: none of the tests was chosen


if __name__ == "__main__":
    sys.exit(main())
