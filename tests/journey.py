"""How many functions a request passes through: `python -m tests.journey`.

Counts the named functions of the package that are entered (no lambdas, comprehensions or class bodies), by the
profiler's hook, on two requests of the README, and the files that they lie in. What modules run while they are imported
does not count.
"""

from __future__ import annotations

import io
import sys
import threading
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import losscli
from losscli.cli.exit import run

PACKAGE = str(Path(losscli.__file__).parent)
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "cross_entropy"
DATA = (str(SAMPLE / "logits.npy"), f"{SAMPLE / 'labels.csv'}::label")
JOURNEYS = {
    "compute, a table": ("compute", "cross_entropy", *DATA),
    "verify, refuted": ("verify", "cross_entropy", *DATA, "--claim", "0.4260"),
}


class Journey:
    """The functions entered, by file and qualified name."""

    def __init__(self) -> None:
        self.entered: set[tuple[str, str]] = set()
        self._importing = threading.local()

    def hook(self, frame: FrameType, event: str, _: Any) -> None:
        code: CodeType = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(PACKAGE):
            return
        depth = getattr(self._importing, "depth", 0)
        if code.co_name == "<module>":
            self._importing.depth = depth + (1 if event == "call" else -1)
        elif event == "call" and not depth and not code.co_name.startswith("<"):
            self.entered.add((code.co_filename, code.co_qualname))


def travelled(words: tuple[str, ...]) -> Journey:
    """One command in this process, with its output swallowed."""
    journey = Journey()
    threading.setprofile(journey.hook)
    sys.setprofile(journey.hook)
    try:
        with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
            run(words)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return journey


def main() -> None:
    for name, words in JOURNEYS.items():
        entered = travelled(words).entered
        rooms = Counter(Path(file).relative_to(PACKAGE).parts[0] for file, _ in entered)
        sys.stdout.write(f"{name}: {len(entered)} functions in {len({file for file, _ in entered})} files\n")
        sys.stdout.write("  " + ", ".join(f"{room} {count}" for room, count in rooms.most_common()) + "\n")


if __name__ == "__main__":
    main()
