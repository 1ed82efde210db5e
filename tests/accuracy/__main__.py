"""`python -m tests.accuracy [LOSS …]`: measures all losses, or some, and keeps what was found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from tests.accuracy import table
from tests.accuracy.measure import keys, measure
from tests.references import forms


def main(arguments: Sequence[str]) -> int:
    """Prints the rows as they come; 1 if one is above the limit without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("losses", nargs="*", metavar="LOSS", help="all without")
    chosen = parser.parse_args(arguments).losses
    for name in chosen:
        if not forms(name):
            parser.error(f"there is no tests/references/{name}.py")
    rows, torch = table.read()
    kept = {row.key: row for row in rows}
    wanted = [key for key in keys() if not chosen or key[0] in chosen]
    failed = 0
    with ProcessPoolExecutor() as pool:
        for measured in pool.map(measure, wanted):
            row = measured if _torch_version() else replace(measured, torch=kept.get(measured.key, measured).torch)
            kept[row.key] = row
            over = table.unexplained(row)
            failed += bool(over)
            errors = " ".join(f"{of} {error:.3g}" for of, error in row.ours.items())
            sys.stdout.write(f"{'/'.join(row.key):50} {errors}{' !' * bool(over)}\n")
            sys.stdout.flush()
    table.write((kept[key] for key in keys() if key in kept), _torch_version() or torch)
    return 1 if failed else 0


def _torch_version() -> str:
    """Empty without PyTorch, whose numbers then stay as they were kept."""
    try:
        return version("torch").partition("+")[0]
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
