"""`python -m tests.checks.tolerance [PART …]`: right claims that are refuted, wrong ones that hold, as a table.

The parts are right, printed, wrong and hidden; `--units N …` are the sizes of the data (hidden has its own); `--each`
lists every claim that ended as it should not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.checks.tolerance import measure
from tests.checks.tolerance.formulas import FORMULAS, Formula
from tests.checks.tolerance.measure import Seen
from tests.checks.tolerance.rights import HAS_TORCH

HIDDEN = ((3, 11, 1e-3), (3, 11, 3e-3), (3, 11, 1e-2), (4, 500, 1e-4), (4, 500, 1e-3))
PARTS: Mapping[str, Callable[[Formula, Path, Sequence[int]], Iterator[Seen]]] = {
    "right": measure.right,
    "printed": lambda formula, folder, sizes: measure.of_printed(formula, folder, sizes=sizes),
    "wrong": measure.wrong,
    "hidden": lambda formula, folder, _: measure.hidden(formula, folder, HIDDEN),
}


def seen(part: str, sizes: Sequence[int], at: int) -> list[Seen]:
    """All answers of a part about one formula."""
    if HAS_TORCH:
        import torch

        torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        return list(PARTS[part](FORMULAS[at], Path(folder), sizes))


def tables(part: str, found: Sequence[Seen]) -> Iterator[str]:
    """How many of each kind and format ended as they should not, and by what cause."""
    bad = [each for each in found if each.holds != (part in ("right", "printed"))]
    ending = "refuted" if part in ("right", "printed") else "hold"
    kinds = list(dict.fromkeys(each.kind for each in found))
    yield f"## {part}: {len(bad)} of {len(found)} {ending}\n"
    for of in ("form", "what"):
        names = list(dict.fromkeys(getattr(each, of) for each in found))
        yield _row(f"{ending}, by {of}", *kinds)
        yield _row(*["---"] * (len(kinds) + 1))
        for name in names:
            counts = [
                (
                    sum(e.kind == kind and getattr(e, of) == name for e in bad),
                    sum(e.kind == kind and getattr(e, of) == name for e in found),
                )
                for kind in kinds
            ]
            yield _row(name, *(f"{some} of {every}" for some, every in counts))
        yield ""
    causes = Counter((each.kind, each.cause) for each in bad)
    if causes:
        yield _row("kind", "cause", ending, "losses")
        yield _row(*["---"] * 4)
        for (kind, cause), count in causes.most_common():
            losses = Counter(each.formula for each in bad if (each.kind, each.cause) == (kind, cause))
            named = ", ".join(f"{name} {times}" for name, times in losses.most_common(6))
            yield _row(kind, cause or "NONE OF THE LISTED", str(count), named + ("" if len(losses) <= 6 else ", …"))
        yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.checks.tolerance", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="all without")
    parser.add_argument("--each", action="store_true", help="list every claim that ended as it should not")
    parser.add_argument("--units", nargs="+", type=int, default=measure.SIZES, metavar="N")
    chosen = parser.parse_args(arguments)
    with ProcessPoolExecutor() as pool:
        for part in chosen.parts or PARTS:
            asked = partial(seen, part, chosen.units)
            found = [each for some in pool.map(asked, range(len(FORMULAS))) for each in some]
            sys.stdout.write("\n".join(tables(part, found)) + "\n")
            if chosen.each:
                bad = [each for each in found if each.holds != (part in ("right", "printed"))]
                sys.stdout.write("\n".join(map(str, bad)) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
