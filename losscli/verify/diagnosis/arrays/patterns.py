"""What the differences of an array look like, whatever caused them: a factor, an offset, an order of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from losscli.schema.loss import Array
from losscli.verify.diagnosis.hypotheses import Hypothesis
from losscli.verify.diagnosis.mistakes import Mistake, area, rank_of
from losscli.verify.diagnosis.rules import Target

_FEW = 3  # rows that may be wrong for themselves
_NOISE = 1e-6  # of our numbers: a factor or an offset so near to none is rounding
_SLIGHT = 1e-4  # of a row: a row that is so little off is not wrong for itself
_SHIFTS = 50  # rows by which a column may have slipped

declare = area("array")
_CONSTANT_RATIO = declare(
    "constant_ratio",
    "B",
    "every {what} is the same multiple of what it should be",
    "look for a factor that is too much, or missing",
)
_CONSTANT_OFFSET = declare(
    "constant_offset",
    "B",
    "every {what} is off by the same amount: a constant was added, or left out",
    "look for a constant term",
)
_SINGLE_ROWS = declare(
    "single_rows",
    "B",
    "all rows agree but {rows}, counted from 0",
    "look at that row: its label, its weight, a typing error",
)
_ROWS_SHIFTED = declare("rows_shifted", "S", "the same numbers, moved {way} by {rows}", "pair rows by their key")
_ROWS_REORDERED = declare(
    "rows_reordered", "S", "the same numbers in another order of the rows", "pair rows by their key"
)


def patterns(target: Target, *, ordered: bool = True) -> Iterator[list[Hypothesis]]:
    """Any factor; any offset; where rows are `ordered` as they were given, the same numbers in another order."""
    ours, claimed = target.ours, target.claimed
    if not (claimed.size and np.isfinite(claimed).all() and np.isfinite(ours).all()):
        return
    what = "slope" if target.kind == "gradient" else "loss"
    used = np.abs(ours) > 4.0 * target.own
    if used.sum() >= 2:
        ratio, offset = float(np.median(claimed[used] / ours[used])), float(np.median(claimed - ours))
        if abs(ratio - 1.0) >= _NOISE:
            yield [made(target, _CONSTANT_RATIO.of(what=what, numbers=f"{ratio:.6g} times"), ratio * ours)]
        if abs(offset) >= _NOISE * float(np.abs(ours).max()):
            yield [made(target, _CONSTANT_OFFSET.of(what=what, numbers=f"{offset:+.6g}"), ours + offset)]
    if ordered and ours.ndim and ours.shape == claimed.shape:
        yield list(_orders(target))


def made(target: Target, mistake: Mistake, numbers: Array) -> Hypothesis:
    """The hypothesis of one mistake."""
    return Hypothesis((mistake,), numbers, target.kind, mistake.rank)


def in_other_units(
    target: Target, known: Sequence[Hypothesis], factors: Sequence[tuple[Mistake, float]]
) -> Iterator[Hypothesis]:
    """One mistake and one factor besides: an array is enough evidence for two."""
    if not target.claimed.size:
        return
    at = int(np.nanargmax(np.abs(target.claimed))) if not np.isnan(target.claimed).all() else 0
    claimed, width = target.claimed.flat[at], target.widths.flat[at]
    for hypothesis, (mistake, factor) in product(known, factors):
        if len(hypothesis.mistakes) == 1 and mistake.name != hypothesis.name:
            numbers = np.asarray(hypothesis.numbers)
            if abs(claimed - factor * numbers.flat[at]) <= width:
                both = (*hypothesis.mistakes, mistake)
                yield Hypothesis(both, factor * numbers, target.kind, rank_of(both), hypothesis.per_sample)


def _orders(target: Target) -> Iterator[Hypothesis]:
    """Rows that have slipped, else our numbers in the claim's order."""
    ours, claimed = target.ours, target.claimed
    in_order = np.empty_like(ours)
    np.put_along_axis(in_order, np.argsort(claimed, axis=0), np.sort(ours, axis=0), axis=0)
    if not target.reached_by(in_order):
        return
    for step in range(1, min(len(ours), _SHIFTS)):
        for way, shift in (("down", step), ("up", -step)):
            if target.reached_by(moved := np.roll(ours, shift, axis=0)):
                rows = "one row" if step == 1 else f"{step} rows"
                yield made(target, _ROWS_SHIFTED.of(way=way, rows=rows), moved)
                return
    yield made(target, _ROWS_REORDERED, in_order)


def single_rows(target: Target) -> Iterator[Hypothesis]:
    """Our numbers with a few rows of the claim's."""
    ours, claimed = target.ours, target.claimed
    if not (ours.ndim and ours.shape == claimed.shape and np.isfinite(claimed).all() and np.isfinite(ours).all()):
        return
    wrong = np.flatnonzero(~(np.abs(claimed - ours) <= target.own).reshape(len(ours), -1).all(axis=1))
    if not 0 < len(wrong) <= min(_FEW, len(ours) // 2):
        return
    apart, sizes = (np.abs(n)[wrong].reshape(len(wrong), -1).max(axis=1) for n in (claimed - ours, ours))
    if (apart > _SLIGHT * sizes).all():
        numbers = ours.copy()
        numbers[wrong] = claimed[wrong]
        rows = f"{'row' if len(wrong) == 1 else 'rows'} {', '.join(map(str, wrong.tolist()))}"
        yield made(target, _SINGLE_ROWS.of(rows=rows), numbers)
