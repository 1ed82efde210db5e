"""`python -m tests.accuracy [LOSS …]`: measures all losses, or some, and keeps what was found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version

from tests.accuracy import table
from tests.accuracy.cases import cases
from tests.accuracy.measure import keys, measure


def main(arguments: Sequence[str]) -> int:
    """Prints the rows as they come; 1 if one is above the limit without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("losses", nargs="*", metavar="LOSS", help="all without")
    chosen = parser.parse_args(arguments).losses
    for name in chosen:
        if not cases(name):
            parser.error(f"no loss {name}")
    kept = {row.key: row for row in table.read()[0]}
    wanted = [key for key in keys() if not chosen or key[0] in chosen]
    failed = 0
    with ProcessPoolExecutor() as pool:
        for row in pool.map(measure, wanted):
            kept[row.key] = row
            over = table.unexplained(row)
            failed += bool(over)
            errors = " ".join(f"{of} {error:.3g}" for of, error in row.ours.items())
            sys.stdout.write(f"{'/'.join(row.key):50} {errors}{' !' * bool(over)}\n")
            sys.stdout.flush()
    table.write((kept[key] for key in keys() if key in kept), _torch_version())
    return 1 if failed else 0


def _torch_version() -> str:
    try:
        return version("torch").partition("+")[0]
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
