"""`python -m tests`: lint, types, and on all cores the tests, documents among them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-n", "auto", "--dist", "loadgroup"),
)


def main() -> int:
    """Runs every step, and fails if one did."""
    failed = []
    for step in STEPS:
        sys.stdout.write(f"== {' '.join(step)}\n")
        sys.stdout.flush()
        if subprocess.run([sys.executable, "-m", *step], cwd=ROOT, check=False).returncode:
            failed.append(step[0])
    if failed:
        sys.stdout.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
