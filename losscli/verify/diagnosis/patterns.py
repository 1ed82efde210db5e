"""Claims of many numbers: a whole column of losses, or a gradient, says much more about a mistake than its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

import numpy as np

from losscli.checks.comparison import Comparison
from losscli.checks.rounding import SHARE
from losscli.engine.tally import weighted
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import WEIGHT_FORGOTTEN, Part, Vector, part
from losscli.verify.diagnosis.targets import in_order

_FEW = 3  # rows that may be wrong for themselves
_SHIFTS = 50  # rows by which a column may have slipped


@record
class ArrayFinding:
    """What explains an array, and how far the farthest element is from the claimed one."""

    parts: tuple[Part, ...]
    largest_difference: float

    @property
    def rank(self) -> int:
        return sum(part.rank for part in self.parts)


def of_losses(refuted: Comparison, tried: Sequence[Vector], case: Case) -> list[ArrayFinding]:
    """Mistakes that make the claimed losses, the most likely first."""
    if case.chunk.weight is not None:
        plain = _in_shape(case.losses, case, refuted.ours)
        if plain is not None and explains(plain, refuted):
            return [ArrayFinding((WEIGHT_FORGOTTEN,), _farthest(refuted.claim.values, plain))]
    found = [
        ArrayFinding(vector.parts, _farthest(refuted.claim.values, whole))
        for vector in tried
        if vector.scalar is None
        and (whole := expanded(vector.losses, case, refuted.ours)) is not None
        and explains(whole, refuted)
    ]
    found.sort(key=lambda finding: finding.rank)
    fewest = min((len(finding.parts) for finding in found), default=0)
    known = [finding for finding in found if len(finding.parts) == fewest]
    return (
        known
        or [ArrayFinding((mistake,), 0.0) for mistake in _assignment(refuted, case)]
        or list(patterns(refuted, _factors_of_losses(case), "loss"))
    )


def expanded(losses: Array, case: Case, ours: Array) -> Array | None:
    """Losses of the units that count, with the weights of the samples, in the shape of all units."""
    weight = case.chunk.weight
    return _in_shape(losses if weight is None or weight.size != losses.size else weighted(losses, weight), case, ours)


def _in_shape(losses: Array, case: Case, ours: Array) -> Array | None:
    if losses.size == ours.size:
        return losses.reshape(ours.shape)
    if case.kept is None or losses.size != int(case.kept.sum()):
        return None
    whole = np.zeros(case.units)
    whole[case.kept] = losses
    return whole.reshape(ours.shape)


def explains(other: Array, refuted: Comparison) -> bool:
    """Whether numbers are the claimed ones, and not ours: what lies within the window of both is rounding."""
    widths = refuted.window.widths
    return alike(refuted.claim.values, other, widths) and not alike(refuted.ours, other, widths)


def alike(theirs: Array, other: Array, widths: Array) -> bool:
    """Whether every element is as near as its tolerance asks, or as rounding lets it be."""
    with np.errstate(invalid="ignore"):
        slack = np.maximum(widths, SHARE * np.abs(other))
        return bool(
            ((np.abs(theirs - other) <= slack) | (theirs == other) | (np.isnan(theirs) & np.isnan(other))).all()
        )


def _farthest(theirs: Array, other: Array) -> float:
    with np.errstate(invalid="ignore"):
        distance = np.abs(theirs - other)
    return float(np.nanmax(distance)) if distance.size else 0.0


def _assignment(refuted: Comparison, case: Case) -> Iterator[Part]:
    """An order of any number of classes that explains the loss of every sample: each class had one other column."""
    labels, table, claim = case.labels, case.table, refuted.claim
    if labels is None or table is None or claim.values.size != len(labels):
        return
    theirs = claim.values.reshape(-1, 1)
    with np.errstate(invalid="ignore"):
        widths = np.broadcast_to(refuted.window.widths, claim.values.shape).reshape(-1, 1)
        slack = np.maximum(widths, SHARE * np.abs(table))
        fitting = np.abs(theirs - table) <= slack
    order = np.full(case.classes, -1)
    for label in np.unique(labels):
        columns = np.flatnonzero(fitting[labels == label].all(axis=0))
        if not len(columns):
            return
        order[label] = label if label in columns else columns[0]
    used = order[order >= 0]
    if len(np.unique(used)) == len(used) and (order[np.unique(labels)] != np.unique(labels)).any():
        order[order < 0] = np.setdiff1d(np.arange(case.classes), used)
        yield in_order(tuple(order.tolist()))


Factors = Iterator[tuple[Part, float]]


def patterns(refuted: Comparison, factors: Factors, what: str) -> Iterator[ArrayFinding]:
    """What the differences look like, whatever caused them."""
    theirs, ours, widths = refuted.claim.values, refuted.ours, refuted.window.widths
    if not (theirs.size and np.isfinite(theirs).all() and np.isfinite(ours).all()):
        return
    for mistake, factor in factors:
        if explains(factor * ours, refuted):
            yield ArrayFinding((mistake,), _farthest(theirs, factor * ours))
            return
    if found := _affine(refuted, what) or _of_rows(theirs, ours, widths):
        yield found


def _affine(refuted: Comparison, what: str) -> ArrayFinding | None:
    """One factor, or one offset, for all elements."""
    theirs, ours, widths = refuted.claim.values, refuted.ours, refuted.window.widths
    used = np.abs(ours) > 4.0 * widths
    if used.sum() < 2:
        return None
    ratio = float(np.median(theirs[used] / ours[used]))
    if ratio and explains(ratio * ours, refuted):
        mistake = part(
            "constant_ratio",
            "B",
            f"every {what} is the same multiple of what it should be",
            "look for a factor that is too much, or missing",
            numbers=f"{ratio:.6g} times",
        )
        return ArrayFinding((mistake,), _farthest(theirs, ratio * ours))
    offset = float(np.median(theirs - ours))
    if offset and explains(ours + offset, refuted):
        mistake = part(
            "constant_offset",
            "B",
            f"every {what} is off by the same amount: a constant was added, or left out",
            "look for a constant term",
            numbers=f"{offset:+.6g}",
        )
        return ArrayFinding((mistake,), _farthest(theirs, ours + offset))
    return None


def _of_rows(theirs: Array, ours: Array, widths: Array) -> ArrayFinding | None:
    """The right numbers in another order; or all right but for a few rows."""
    if not theirs.ndim or theirs.shape != ours.shape:
        return None
    widest = np.asarray(widths.max(initial=0.0))
    if alike(np.sort(theirs, axis=0), np.sort(ours, axis=0), widest) and not alike(theirs, ours, widest):
        return ArrayFinding((_order_of_rows(theirs, ours, widths),), 0.0)
    near = np.abs(theirs - ours) <= widths
    wrong = np.flatnonzero(~near.reshape(len(theirs), -1).all(axis=1))
    if not 0 < len(wrong) <= min(_FEW, len(theirs) // 2):
        return None
    named = ", ".join(map(str, wrong.tolist()))
    mistake = part(
        "single_rows",
        "B",
        f"all rows agree but {'row' if len(wrong) == 1 else 'rows'} {named}, counted from 0",
        "look at that row: its label, its weight, a typing error",
    )
    return ArrayFinding((mistake,), _farthest(theirs, ours))


def _order_of_rows(theirs: Array, ours: Array, widths: Array) -> Part:
    for step in range(1, min(len(ours), _SHIFTS)):
        for way, shift in (("down", step), ("up", -step)):
            if alike(theirs, np.roll(ours, shift, axis=0), widths):
                rows = "one row" if step == 1 else f"{step} rows"
                return part("rows_shifted", "S", f"the same numbers, moved {way} by {rows}", "pair rows by their key")
    return part(
        "rows_reordered", "S", "the same numbers in another order of the rows", "pair rows by their key (--key)"
    )


def common_factors() -> Factors:
    """Factors that losses and gradients alike may have too much."""
    yield part("sign", "A", "the sign is turned round", "negate it"), -1.0
    yield part("double", "S", "there is a factor 2 too much, or a 1/2 is missing", "check the factor in front"), 2.0
    yield part("half", "S", "there is a factor 1/2 too much", "leave the 1/2 out"), 0.5
    yield part("log_base_2", "S", "the logarithm has base 2", "take the natural logarithm"), 1.0 / log(2.0)
    yield part("log_base_10", "S", "the logarithm has base 10", "take the natural logarithm"), 1.0 / log(10.0)


def _factors_of_losses(case: Case) -> Factors:
    for n in dict.fromkeys((len(case.losses), case.samples, case.units)):
        if n > 1:
            divided = part(
                "losses_divided_by_count",
                "S",
                "the loss of each sample was divided by the number of samples already",
                "leave the losses of samples undivided",
            )
            yield divided, 1.0 / n
    yield from common_factors()
    if case.classes > 1:
        averaged = part("averaged_over_classes", "A", "each was divided by the number of classes", "do not divide")
        yield averaged, 1.0 / case.classes
        added = part("summed_over_classes", "A", "each was multiplied by the number of classes", "do not multiply")
        yield added, float(case.classes)
