"""`python -m tests [LOSS …]`: lint, types, and on all cores the tests; of some losses what concerns them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from losscli.losses.catalogue import loss_names

ROOT = Path(__file__).resolve().parent.parent
SUITE = ("pytest", "-n", "auto")
OF_LOSSES = ("tests/laws", "tests/losses", "tests/golden", "tests/accuracy", "tests/verify", "tests/test_samples.py")


def steps(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What is run: all of it, or of losses their files and the tests that have their names."""
    files = [str(path.relative_to(ROOT)) for name in names for path in files_of(name)] or ["."]
    yield ("ruff", "check", *files)
    yield ("ruff", "format", "--check", *files)
    yield ("mypy",)
    yield (*SUITE, *OF_LOSSES, "-k", " or ".join(names)) if names else SUITE


def files_of(name: str) -> list[Path]:
    """The loss, its reference, and its own tests."""
    return [
        *ROOT.glob(f"losscli/losses/*/{name}.py"),
        *ROOT.glob(f"tests/references/{name}.py"),
        *ROOT.glob(f"tests/losses/test_{name}.py"),
    ]


def main(names: Sequence[str]) -> int:
    """Runs every step, and fails if one did."""
    if unknown := [name for name in names if name not in loss_names()]:
        sys.stderr.write(f"there is no loss {', '.join(unknown)}: write losscli/losses/FAMILY/{unknown[0]}.py\n")
        return 2
    failed = []
    for step in steps(names):
        sys.stdout.write(f"== {' '.join(step)}\n")
        sys.stdout.flush()
        if subprocess.run([sys.executable, "-m", *step], cwd=ROOT, check=False).returncode:
            failed.append(step[0])
    if failed:
        sys.stdout.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
