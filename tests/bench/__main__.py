"""`python -m tests.bench [--quick] [--full] [startup|throughput|diagnosis|text|memory|scaling ...]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import diagnosis, memory, startup, text, throughput
from tests.bench.measure import Row

PARTS = ("startup", "throughput", "diagnosis", "text", "memory", "scaling")


def rows(part: str, scratch: Path, *, quick: bool, full: bool) -> Iterator[Row]:
    """The rows of one part, at the sizes of the budgets, or so small that a test can run them."""
    if part == "startup":
        yield from startup.rows(scratch, runs=1 if quick else 15)
    elif part == "throughput" and quick:
        yield from throughput.rows(scratch, samples=8, classes=8, elements=8, runs=1)
    elif part == "throughput":
        yield from throughput.rows(scratch, samples=100_000, classes=1000, elements=20_000_000, runs=9)
    elif part == "diagnosis":
        yield from diagnosis.rows(samples=40 if quick else 10_000, classes=5 if quick else 100, runs=1 if quick else 7)
    elif part == "text":
        yield from text.rows(scratch, samples=100 if quick else 2_600_000, runs=1 if quick else 5)
    elif part == "memory":
        yield from memory.rows(scratch, gigabytes=0.01 if quick else 4)
    else:
        yield from throughput.cost_per_element(10**6 if quick else 10**9 if full else 10**8)


def main(arguments: Sequence[str]) -> None:
    """Prints the table, row by row as they come."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all without")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that the bench runs, nothing else")
    parser.add_argument("--full", action="store_true", help="scaling up to 1e9 elements")
    chosen = parser.parse_args(arguments)
    out = sys.stdout
    out.write(f"{'what':60}{'ours':>12}{'theirs':>12}{'ratio':>8}  budget\n")
    with tempfile.TemporaryDirectory() as scratch:
        for part in chosen.parts or PARTS:
            for row in rows(part, Path(scratch), quick=chosen.quick, full=chosen.full):
                sign, verdict = "≥" if row.at_least else "≤", "met" if row.met else "MISSED"
                out.write(
                    f"{row.what:60}{row.ours:>12}{row.theirs:>12}{row.ratio:8.2f}  {sign} {row.budget:g} {verdict}\n"
                )
                out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
