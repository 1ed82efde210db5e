"""`python -m tests.exports [NAME ...]`: runs the pipelines, and records what they export."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from tests.exports.cases import CASES, RECORDED


def main(names: Sequence[str]) -> None:
    """Records the exports of the pipelines named, or of all."""
    for case in CASES:
        if names and case.name not in names:
            continue
        folder = RECORDED / case.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        case.make(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        sys.stdout.write(f"{case.name}: {size / 1e3:.0f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
