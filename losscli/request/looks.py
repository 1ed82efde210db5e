"""What an array looks like, whatever it is said to be, and where that does not fit what a loss expects."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from losscli.engine.bind import Bound
from losscli.engine.chunks import block
from losscli.engine.fields import Field
from losscli.engine.layout import Layout
from losscli.engine.whole import Whole
from losscli.schema.data import Data
from losscli.schema.domains import EXTENDED, LOG_PROBABILITY, PROBABILITY, REAL
from losscli.schema.loss import Array
from losscli.schema.records import record

LOGITS, PROBABILITIES, LOG_PROBABILITIES = "logits", "probabilities", "log-probabilities"
LABELS, ONE_HOT, ROW_NUMBERS = "labels", "one-hot", "row numbers"
NUMBERS, WORDS, NOTHING = "numbers", "words", "nothing"

_CHUNK = 1 << 18
_SUMS = 1e-3  # how far rows of probabilities may be from summing to 1: they are often printed with few digits
_MOST_LABELS = 10_000
_SEEN = 1 << 16  # elements that warnings are judged by: they must cost next to nothing
_LABELS_A_CLASS = 5
_ENOUGH = 20  # units under which nothing is suspected of their order
_FAR_LOWER = 0.1


@record
class Look:
    """What an array looks like, and by which evidence."""

    kind: str
    evidence: str
    low: float
    high: float
    non_finite: int
    summing: bool = False  # whether its rows sum to 1


def look(data: Data) -> Look:
    """Goes through an array once, rows along its class axis, and says what it looks like."""
    if data.words:
        return Look(WORDS, f"{len(data.words)} different words", np.nan, np.nan, 0)
    if not data.size:
        return Look(NOTHING, "no elements", np.nan, np.nan, 0)
    facts = _Facts()
    for rows in _rows(data):
        facts.add(rows)
    return facts.look(ranked=len(data.shape) > 1 and data.shape[1 if len(data.shape) > 1 else 0] > 1)


def _rows(data: Data) -> Iterator[Array]:
    """The array in runs of rows, classes along axis 1 as in PyTorch; single numbers are rows of one."""
    shape = data.shape
    if len(shape) < 2:
        for start in range(0, data.size, _CHUNK):
            yield data.store.flat(start, min(start + _CHUNK, data.size)).astype(np.float64).reshape(-1, 1)
        return
    inner = prod(shape[2:])
    step = shape[1] * inner
    samples = max(1, _CHUNK // max(1, step))
    for start in range(0, shape[0], samples):
        stop = min(start + samples, shape[0])
        values = data.store.flat(start * step, stop * step).astype(np.float64)
        yield np.moveaxis(values.reshape(stop - start, shape[1], inner), 1, -1).reshape(-1, shape[1])


class _Facts:
    """What the rows seen so far have in common."""

    def __init__(self) -> None:
        self.low, self.high, self.non_finite = np.inf, -np.inf, 0
        self.whole = self.summing = self.one_hot = self.normalised = True
        self.worst_sum = 1.0
        self.distinct: set[float] = set()
        self.elements = 0

    def add(self, rows: Array) -> None:
        finite = np.isfinite(rows)
        used = rows[finite]
        self.non_finite += rows.size - used.size
        self.elements += rows.size
        if used.size:
            self.low, self.high = min(self.low, float(used.min())), max(self.high, float(used.max()))
        self.whole = self.whole and bool((np.rint(used) == used).all())
        if len(self.distinct) <= _MOST_LABELS and self.whole:
            self.distinct.update(np.unique(used).tolist())
        with np.errstate(all="ignore"):
            sums = rows.sum(axis=1)
            off = np.abs(sums - 1.0)
            if off.size and not (off.max() <= abs(self.worst_sum - 1.0)):
                self.worst_sum = float(sums[int(np.nanargmax(off))]) if not np.isnan(off).all() else np.nan
            self.summing = self.summing and bool((off <= _SUMS).all())
            self.one_hot = self.one_hot and bool(((rows == 0.0) | (rows == 1.0)).all() and (off == 0.0).all())
            highest = rows.max(axis=1, keepdims=True)
            logs = highest[:, 0] + np.log(np.exp(rows - highest).sum(axis=1))
            self.normalised = self.normalised and bool((np.abs(logs) <= _SUMS).all())

    def look(self, *, ranked: bool) -> Look:
        kind, evidence = self._kind(ranked)
        return Look(kind, evidence, self.low, self.high, self.non_finite, ranked and self.summing)

    def _kind(self, ranked: bool) -> tuple[str, str]:
        if ranked and self.one_hot:
            return ONE_HOT, "every row has a single 1"
        if self.whole and self.distinct <= {-1.0, 0.0, 1.0} and (self.low == 0.0 or 0.0 not in self.distinct):
            return LABELS, f"only {' and '.join(f'{value:.0f}' for value in sorted(self.distinct))}"
        inside = self.low >= 0.0 and self.high <= 1.0
        if ranked and inside and self.summing:
            return PROBABILITIES, "from 0 to 1, and every row sums to 1"
        if ranked and self.normalised and self.high <= 0.0:
            return LOG_PROBABILITIES, "never above 0, and e to each row sums to 1"
        if self.whole and (labels := self._as_labels()):
            return labels
        if inside:
            wrong = f"; a row sums to {self.worst_sum:.6g}" if ranked else ""
            return PROBABILITIES, f"from 0 to 1, each for itself{wrong}"
        if ranked:
            return LOGITS, "rows are neither probabilities nor their logarithms"
        return NUMBERS, "whole numbers" if self.whole else "logits of a yes, or values of a regression"

    def _as_labels(self) -> tuple[str, str] | None:
        """Whole numbers that count something from the bottom up."""
        ignored = -100.0 in self.distinct
        used = sorted(self.distinct - {-100.0})
        if not used or used[0] < 0.0 or len(used) > _MOST_LABELS:
            return None
        count, low, high = len(used), used[0], used[-1]
        if self.elements == count and count > 1 and high - low == count - 1:
            return ROW_NUMBERS, f"every number from {low:.0f} to {high:.0f} once"
        start = "counted from 1, it seems" if low == 1.0 else f"from {low:.0f} on"
        gaps = ", with gaps" if count < high - low + 1 else ""
        return LABELS, f"{count} different whole numbers, {start}{gaps}{', -100 besides' if ignored else ''}"


def suspicions(bound: Bound) -> list[str]:
    """Where the first units of a request do not look like what the loss expects, in sentences for its user."""
    layout = bound.layout
    if isinstance(layout, Whole) or not layout.units:
        return []
    found = [sentence for field in bound.inputs for sentence in _of_input(bound, layout, field)]
    return [*found, *_of_order(bound, layout)]


def _first_units(bound: Bound, layout: Layout, field: Field) -> Array:
    stop = min(max(1, _SEEN // layout.length), layout.units)
    if layout.inner > 1 and stop >= layout.inner:
        stop -= stop % layout.inner
    return block(bound, field, 0, stop).astype(np.float64)


def _of_input(bound: Bound, layout: Layout, field: Field) -> Iterator[str]:
    if layout.length < 2:
        return
    if field.role.axes == "u c":
        facts = _Facts()
        facts.add(_first_units(bound, layout, field))
        yield from _of_rows(field, facts.look(ranked=True))
    elif field.role.domain.index and field.role.axes == "u":
        labels = _first_units(bound, layout, field)
        used = labels[labels >= 0.0]
        if used.size >= _LABELS_A_CLASS * layout.length and used.min() >= 1.0 and used.max() == layout.length - 1:
            yield f"{field.name} never is class 0 of {layout.length}: were the classes counted from 1?"


def _of_rows(field: Field, found: Look) -> Iterator[str]:
    """What rows of classes look like, if it is not what the loss expects."""
    name, expected = field.name, field.role.domain
    if expected is EXTENDED and found.kind == PROBABILITIES and found.summing:
        yield f"{name} looks like probabilities ({found.evidence}), not like raw scores: was softmax applied?"
    elif expected is PROBABILITY and found.kind == PROBABILITIES and not found.summing:
        yield f"{name} should hold probabilities, but a row does not sum to 1 ({found.evidence})"
    elif expected is LOG_PROBABILITY and found.kind == PROBABILITIES and found.summing:
        yield f"{name} looks like probabilities ({found.evidence}), not like their logarithms"
    elif expected is LOG_PROBABILITY and found.kind == LOGITS:
        yield f"{name} should hold log-probabilities, but {found.evidence}"


def _of_order(bound: Bound, layout: Layout) -> Iterator[str]:
    """Whether truth and prediction agree far better when their rows are paired otherwise."""
    roles = {field.name: field for field in bound.inputs}
    if set(roles) != {"input", "target"} or bound.ignored is not None or layout.units < _ENOUGH:
        return
    if any(field.role.axes != "u" or field.role.domain is not REAL for field in bound.inputs):
        return
    guesses, truth = (_first_units(bound, layout, roles[name]) for name in ("input", "target"))
    now = float(np.abs(guesses - truth).mean())
    if not now > float(np.abs(truth - truth.mean()).mean()):
        return  # better than no prediction at all
    for step, what in ((1, "after"), (-1, "before")):
        if np.abs(guesses - np.roll(truth, -step))[1:-1].mean() < _FAR_LOWER * now:
            yield f"input agrees far better with the target of the row {what} it: are the rows out of step?"
            return
    if np.unique(truth).size > 2 and np.abs(np.sort(guesses) - np.sort(truth)).mean() < _FAR_LOWER * now:
        yield "input and target agree far better when both are sorted: are their rows in different order?"
