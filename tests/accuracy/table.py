"""The kept table: table.json with all numbers, table.md for people."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.accuracy.measure import Row
from tests.nasty.families import FAMILIES
from tests.references import above_limit
from tests.references._reasons import GRADIENT, VALUE

FOLDER = Path(__file__).parent
LIMIT = 4.0  # ulps
_HEAD = """# Accuracy

Worst errors in ulps (units in the last place of the true number) over families of inputs made to hurt, with the
convention `exact`, against mpmath with more digits than the numbers range over; beside them PyTorch {torch} in float64
on the same inputs, where it has the loss or the loss is written in its operations. Gradients are those of the sum,
with respect to every entry of every input; at a kink any slope between those of the two sides is right. ∞ is an
infinity or nan in place of a number, or the reverse; a number of 10¹⁵ ulps is off by as much as it is large, and where
the truth is 0 anything else is more. Sum says whether the sum of the losses is correctly rounded in all families.

`python -m tests.accuracy` measures all of it anew, with names of losses only those.
"""


def write(rows: Iterable[Row], torch: str) -> None:
    """Both files; `torch` is the version beside ours."""
    ordered = list(rows)
    lines = ",\n".join(json.dumps(_plain(asdict(row)), ensure_ascii=False) for row in ordered)
    (FOLDER / "table.json").write_text(f'{{"torch": "{torch}", "rows": [\n{lines}\n]}}\n', encoding="utf-8")
    kept, _ = read()
    (FOLDER / "table.md").write_text(markdown(kept, torch), encoding="utf-8")


def read() -> tuple[list[Row], str]:
    """The rows that were kept, and PyTorch's version."""
    path = FOLDER / "table.json"
    if not path.exists():
        return [], ""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return [Row(**_numbers(row)) for row in kept["rows"]], kept["torch"]


def unexplained(row: Row) -> list[str]:
    """What of a row is above the limit without a reason."""
    kinds = {of: VALUE if of == VALUE else GRADIENT for of in row.ours}
    return [of for of, error in row.ours.items() if error > LIMIT and kinds[of] not in above_limit(row.loss)]


def markdown(rows: Sequence[Row], torch: str) -> str:
    """What table.md says."""
    forms = list(dict.fromkeys((row.loss, row.form) for row in rows))
    of = {form: [row for row in rows if (row.loss, row.form) == form] for form in forms}
    overview = [
        [_name(form), *_both(of[form], _value), *_both(of[form], _gradient), _verdict(of[form])] for form in forms
    ]
    reasons = [
        [f"`{loss}`", of_what, why]
        for loss in dict.fromkeys(row.loss for row in rows)
        for of_what, why in above_limit(loss).items()
    ]
    columns = ["loss", "value", "PyTorch", "gradient", "PyTorch", "sum"]
    parts = [
        _HEAD.format(torch=torch),
        "## The worst of all families\n",
        _table(columns, overview),
        f"## What is above {LIMIT:g} ulps, and why\n",
        _table(["loss", "of", "why"], reasons),
    ]
    for title, number in (("Values", _value), ("Gradients", _gradient)):
        parts += [f"## {title} by family: ours / PyTorch's\n", _table(["loss", *FAMILIES], _by_family(of, number))]
    return "\n".join(parts)


Numbers = Mapping[str, float]


def _value(numbers: Numbers) -> float | None:
    return numbers.get(VALUE)


def _gradient(numbers: Numbers) -> float | None:
    return max((number for of, number in numbers.items() if of != VALUE), default=None)


def _both(rows: Sequence[Row], number: Callable[[Numbers], float | None]) -> tuple[str, str]:
    """The worst of several rows, ours and PyTorch's."""
    sides = ([number(row.ours) for row in rows], [number(row.torch) for row in rows])
    ours, theirs = (max((found for found in side if found is not None), default=None) for side in sides)
    return _shown(ours), _shown(theirs)


def _by_family(of: Mapping[tuple[str, str], list[Row]], number: Callable[[Numbers], float | None]) -> list[list[str]]:
    lines = []
    for form, rows in of.items():
        cells = {row.family: " / ".join(filter(None, _both([row], number))) for row in rows}
        lines.append([_name(form), *(cells.get(family, "") for family in FAMILIES)])
    return lines


def _name(form: tuple[str, str]) -> str:
    return f"`{form[0]}`" + (f" {form[1]}" if form[1] else "")


def _verdict(rows: Sequence[Row]) -> str:
    return "rounded" if all(row.sum_is_rounded for row in rows) else "no"


def _shown(number: float | None) -> str:
    if number is None:
        return ""
    if math.isinf(number):
        return "∞"
    if number < 1e4:
        return f"{number:.2f}" if number < 10.0 else f"{number:.0f}"
    return f"{number:.0e}".replace("e+", "e")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *lines))


def _plain(value: object) -> object:
    """Three digits are enough; JSON has no infinity."""
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, float):
        return float(f"{value:.3g}") if math.isfinite(value) else "inf"
    return value


def _numbers(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _numbers(entry) if isinstance(entry, dict) else math.inf if entry == "inf" else entry
        for name, entry in value.items()
    }
