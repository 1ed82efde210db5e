"""Claims of many numbers: a whole column of losses, or a gradient, says much more about a mistake than its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

import numpy as np

from losscli.judging.claims import Claim
from losscli.judging.mistakes.case import Case
from losscli.judging.mistakes.parts import Part, Vector, part
from losscli.schema.loss import Array
from losscli.schema.records import record

_CLOSE = 1e-9
_FEW = 3  # rows that may be wrong for themselves


@record
class ArrayFinding:
    """What explains an array, and which losses it would have come from."""

    part: Part
    largest_difference: float


def of_losses(claim: Claim, widths: Array, ours: Array, tried: Sequence[Vector], case: Case) -> list[ArrayFinding]:
    """Mistakes that make the claimed losses, the most likely first."""
    found = [
        ArrayFinding(vector.part, _farthest(claim.values, whole))
        for vector in tried
        if vector.part is not None
        and vector.scalar is None
        and (whole := _expanded(vector.losses, case, ours)) is not None
        and _alike(claim.values, whole, widths)
    ]
    return sorted(found, key=lambda finding: finding.part.rank) or list(_patterns(claim, widths, ours, case, "loss"))


def of_gradient(
    claim: Claim, widths: Array, ours: Array, others: Sequence[tuple[Part, Array]], case: Case
) -> list[ArrayFinding]:
    """Mistakes that make the claimed gradient."""
    found = [
        ArrayFinding(mistake, _farthest(claim.values, gradient))
        for mistake, gradient in others
        if gradient.shape == claim.values.shape and _alike(claim.values, gradient, widths)
    ]
    return sorted(found, key=lambda finding: finding.part.rank) or list(
        _patterns(claim, widths, ours, case, "gradient")
    )


def _expanded(losses: Array, case: Case, ours: Array) -> Array | None:
    """Losses of the units that count, in the shape of all units."""
    if losses.size == ours.size:
        return losses.reshape(ours.shape)
    if case.kept is None or losses.size != int(case.kept.sum()):
        return None
    whole = np.zeros(case.units)
    whole[case.kept] = losses
    return whole.reshape(ours.shape)


def _alike(theirs: Array, other: Array, widths: Array) -> bool:
    with np.errstate(invalid="ignore"):
        slack = np.maximum(widths, _CLOSE * np.abs(other))
        return bool(
            ((np.abs(theirs - other) <= slack) | (theirs == other) | (np.isnan(theirs) & np.isnan(other))).all()
        )


def _farthest(theirs: Array, other: Array) -> float:
    with np.errstate(invalid="ignore"):
        distance = np.abs(theirs - other)
    return float(np.nanmax(distance)) if distance.size else 0.0


def _patterns(claim: Claim, widths: Array, ours: Array, case: Case, what: str) -> Iterator[ArrayFinding]:
    """What the differences look like, whatever caused them."""
    theirs = claim.values
    if not (theirs.size and np.isfinite(theirs).all() and np.isfinite(ours).all()):
        return
    for mistake, factor in _factors(case, what):
        if _alike(theirs, factor * ours, widths):
            yield ArrayFinding(mistake, _farthest(theirs, factor * ours))
            return
    used = np.abs(ours) > 4.0 * widths
    if used.sum() > 1:
        ratios = theirs[used] / ours[used]
        ratio = float(np.median(ratios))
        if ratio and _alike(theirs, ratio * ours, widths):
            text = f"every {what} is {ratio:.6g} times what it should be"
            yield ArrayFinding(part("constant_ratio", "B", text, "look for a factor"), _farthest(theirs, ratio * ours))
            return
        offset = float(np.median(theirs - ours))
        if offset and _alike(theirs, ours + offset, widths):
            text = f"every {what} is off by the same amount: a constant was added or left out"
            yield ArrayFinding(
                part("constant_offset", "B", text, "look for a constant term"), _farthest(theirs, ours + offset)
            )
            return
    if theirs.ndim and _alike(np.sort(theirs, axis=0), np.sort(ours, axis=0), widths.max(initial=0.0)):
        yield ArrayFinding(_order_of_rows(theirs, ours, widths), 0.0)
        return
    with np.errstate(invalid="ignore"):
        wrong = (
            np.flatnonzero(
                ~(
                    (np.abs(theirs - ours) <= np.maximum(widths, _CLOSE * np.abs(ours)))
                    .reshape(len(theirs), -1)
                    .all(axis=1)
                )
            )
            if theirs.ndim
            else np.zeros(0)
        )
    if 0 < len(wrong) <= min(_FEW, len(theirs) // 2):
        named = ", ".join(map(str, wrong.tolist()))
        text = f"all rows agree but {'row' if len(wrong) == 1 else 'rows'} {named}"
        yield ArrayFinding(
            part("single_rows", "B", text, "look at that row: its label, its weight, a typing error"),
            _farthest(theirs, ours),
        )


def _factors(case: Case, what: str) -> Iterator[tuple[Part, float]]:
    """Factors with a name."""
    samples, count = case.samples, len(case.losses)
    if what == "gradient":
        for n in dict.fromkeys((count, samples, case.units)):
            if n > 1:
                yield (
                    part(
                        "mean_missing",
                        "S",
                        "the gradient is that of the sum: 1/N is missing",
                        "divide by the number of samples",
                    ),
                    float(n),
                )
                yield (
                    part("mean_twice", "S", "the gradient was divided by N once too often", "divide once", later=1),
                    1.0 / n,
                )
    yield part("sign", "A", "the sign is turned round", "negate it"), -1.0
    yield part("double", "S", "there is a factor 2 too much, or a 1/2 is missing", "check the factor in front"), 2.0
    yield part("half", "S", "there is a factor 1/2 too much", "leave the 1/2 out"), 0.5
    yield part("log_base_2", "S", "the logarithm has base 2", "use the natural logarithm"), 1.0 / log(2.0)
    yield part("log_base_10", "S", "the logarithm has base 10", "use the natural logarithm"), 1.0 / log(10.0)
    if what == "loss":
        for n in dict.fromkeys((count, samples)):
            if n > 1:
                yield (
                    part(
                        "divided_by_count",
                        "S",
                        "each loss was divided by the number of samples already",
                        "leave the losses of samples undivided",
                    ),
                    1.0 / n,
                )
    if case.classes > 1:
        yield (
            part("averaged_over_classes", "A", "each was divided by the number of classes", "sum over the classes"),
            1.0 / case.classes,
        )
        yield (
            part(
                "summed_over_classes", "A", "each was multiplied by the number of classes", "average over the classes"
            ),
            float(case.classes),
        )


def _order_of_rows(theirs: Array, ours: Array, widths: Array) -> Part:
    for step in range(1, min(len(ours), 50)):
        for way, shift in (("down", step), ("up", -step)):
            if _alike(theirs, np.roll(ours, shift, axis=0), widths):
                rows = "one row" if step == 1 else f"{step} rows"
                return part("rows_shifted", "S", f"the same numbers, moved {way} by {rows}", "pair rows by their key")
    return part(
        "rows_reordered", "S", "the same numbers in another order of the rows", "pair rows by their key (--key)"
    )
