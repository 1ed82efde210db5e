"""What an array looks like, whatever its name, and where that does not fit what a loss expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import prod

import numpy as np

from losscli.engine.arrays import Field
from losscli.engine.bind import Bound
from losscli.engine.chunks import block
from losscli.engine.layout import Layout
from losscli.engine.unchunked import Whole
from losscli.schema.data import Data
from losscli.schema.domains import CHANCE, LOG, REAL, SCORE
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.schema.synonyms import role_named

LOGITS, PROBABILITIES, LOG_PROBABILITIES = "logits", "probabilities", "log-probabilities"
LABELS, ONE_HOT, ROW_NUMBERS = "labels", "one-hot", "row numbers"
NUMBERS, WORDS, NOTHING = "numbers", "words", "nothing"
_FILLERS = frozenset((-100.0, -1.0))  # that stand for no label

_CHUNK = 1 << 18
_SUMS = 1e-3  # how far rows of probabilities may be from summing to 1: they are often printed with few digits
_MOST_LABELS = 10_000
_REPEATS = 2  # how often labels occur on average, at least, and how many of their range do
_VERY_FEW = 10  # elements that need not repeat
_SEEN = 1 << 14  # elements that warnings are judged by: they must cost next to nothing
_LABELS_A_CLASS = 5
_ENOUGH = 20  # units under which nothing is suspected of their order
_FEW = 5  # numbers or rows under which nothing is suspected of their range
_EXPONENTIALS = 0.03  # how far e to a row of printed log-probabilities may be from summing to 1
_FAR_LOWER = 0.1


@record
class Look:
    """What an array looks like, and by which evidence."""

    kind: str
    evidence: str
    low: float
    high: float
    non_finite: int
    by_row: bool = False  # whether its rows make it what it is


def look(data: Data) -> Look:
    """Goes through an array once, rows along its class axis, and says what it looks like."""
    if data.words:
        return Look(WORDS, f"{len(data.words)} different words", np.nan, np.nan, 0)
    if not data.size:
        return Look(NOTHING, "no elements", np.nan, np.nan, 0)
    axes = [
        axis for axis in dict.fromkeys((1, len(data.shape) - 1)) if 0 < axis < len(data.shape) and data.shape[axis] > 1
    ]
    looks = [_look_along(data, axis) for axis in axes] or [_look_along(data, None)]
    best = next((candidate for candidate in looks if candidate.by_row), looks[0])
    where = " (along the last axis)" if best is not looks[0] else ""
    return replace(best, evidence=best.evidence + where)


def _look_along(data: Data, axis: int | None) -> Look:
    facts = _Facts()
    for rows in _rows(data, axis):
        facts.add(rows)
    return facts.look(ranked=axis is not None)


def _rows(data: Data, axis: int | None) -> Iterator[Array]:
    """The array in runs of rows along an axis, axis 1 as in PyTorch or the last; single numbers are rows of one."""
    shape = data.shape
    if axis != 1:
        length = 1 if axis is None else shape[axis]
        step = max(1, _CHUNK // length) * length
        for start in range(0, data.size, step):
            yield data.store.flat(start, min(start + step, data.size)).astype(np.float64).reshape(-1, length)
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
        self.padded = False
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
            empty = ~rows.any(axis=1)  # rows of zeros fill up what is shorter
            self.normalised = self.normalised and bool(((np.abs(logs) <= _SUMS) | empty).all())
            self.padded = self.padded or bool(empty.any())

    def look(self, *, ranked: bool) -> Look:
        kind, evidence = self._kind(ranked)
        by_row = kind in (LOG_PROBABILITIES, ONE_HOT) or (kind == PROBABILITIES and self.summing)
        return Look(kind, evidence, self.low, self.high, self.non_finite, ranked and by_row)

    def _kind(self, ranked: bool) -> tuple[str, str]:
        if self.high < self.low:
            return NUMBERS, "none of them finite"
        if ranked and self.one_hot:
            return ONE_HOT, "every row has a single 1"
        if self.whole and self.distinct <= {-1.0, 0.0, 1.0} and (self.low == 0.0 or 0.0 not in self.distinct):
            return LABELS, f"only {' and '.join(f'{value:.0f}' for value in sorted(self.distinct))}"
        inside = self.low >= 0.0 and self.high <= 1.0
        if ranked and inside and self.summing:
            return PROBABILITIES, "from 0 to 1, and every row sums to 1"
        if ranked and self.normalised and self.low < self.high <= 0.0:
            besides = ", except rows of zeros" if self.padded else ""
            return LOG_PROBABILITIES, f"never above 0, and e to each row sums to 1{besides}"
        if self.whole and (labels := self._as_labels()):
            return labels
        if inside:
            wrong = f"; a row sums to {self.worst_sum:.6g}" if ranked else ""
            return PROBABILITIES, f"each number is from 0 to 1{wrong}"
        if ranked:
            return LOGITS, "raw scores or vectors: rows are neither probabilities nor their logarithms"
        return NUMBERS, "integers" if self.whole else "real numbers: values or binary logits"

    def _as_labels(self) -> tuple[str, str] | None:
        """Whole numbers that count something from the bottom up."""
        used = sorted(self.distinct - _FILLERS)
        besides = "".join(f", and {value:.0f}" for value in sorted(self.distinct & _FILLERS))
        if not used or used[0] < 0.0 or len(used) > _MOST_LABELS:
            return None
        count, low, high = len(used), used[0], used[-1]
        if self.elements == count and count > 2 and high - low == count - 1:
            return ROW_NUMBERS, f"every number from {low:.0f} to {high:.0f} once"
        repeated = self.elements >= _REPEATS * count or self.elements <= _VERY_FEW
        if low > 1.0 or high - low + 1 > _REPEATS * count or not repeated:
            return None  # counts or amounts
        start = "probably counted from 1" if low == 1.0 else "counted from 0"
        gaps = ", with gaps" if count < high - low + 1 else ""
        return LABELS, f"{count} different integers, {start}{gaps}{besides}"


def suspicions(bound: Bound) -> list[str]:
    """Where the first units of a request do not look like what the loss expects, in sentences for its user."""
    if not bound.layout.units:
        return []
    sentences = [sentence for field in bound.inputs for sentence in _of_input(bound, field)]
    return [*_of_names(bound), *sentences, *_of_weights(bound), *_of_order(bound)]


def _of_names(bound: Bound) -> Iterator[str]:
    """Inputs whose columns, or arrays of a file, are named like each other's role."""
    for first, second in combinations(bound.inputs, 2):
        named = [role_named(field.data.source.rpartition("::")[2], bound.loss.roles) for field in (first, second)]
        if named == [second.name, first.name]:
            places = f"{first.name} is {first.data.source}, and {second.name} {second.data.source}"
            yield f"{places}: are the two swapped?"


def _of_input(bound: Bound, field: Field) -> Iterator[str]:
    if field.role.domain.index:
        yield from _of_labels(bound, field)
    elif (rows := _rows_of_classes(bound, field)) is not None:
        yield from _of_rows(field, rows)
    elif field.name == bound.loss.roles[0] and field.role.axes in ("u", "u d"):
        yield from _of_elements(bound, field)


def _rows_of_classes(bound: Bound, field: Field) -> Array | None:
    """The first rows over classes that an input consists of; None if it does not, or if rows may be anything."""
    layout, meaning = bound.layout, field.role.domain.meaning
    if not meaning or bound.fixed.get("normalizes"):
        return None
    if isinstance(layout, Whole):
        width = layout.length if field.role.axes.endswith(" c") else None
    elif field.role.axes == "u c":
        return _first_units(bound, field) if layout.length > 1 else None
    else:
        width = layout.shape[1] if meaning == LOG and len(layout.shape) == 2 else None
    if width is None or width < 2:
        return None
    first = field.data.store.flat(0, max(1, _SEEN // width) * width)
    return first.astype(np.float64).reshape(-1, width)


def _first_units(bound: Bound, field: Field) -> Array:
    layout = bound.layout
    assert isinstance(layout, Layout)
    stop = min(max(1, _SEEN // layout.length), layout.units)
    if layout.inner > 1 and stop >= layout.inner:
        stop -= stop % layout.inner
    return block(bound, field, 0, stop).astype(np.float64)


def _of_labels(bound: Bound, field: Field) -> Iterator[str]:
    layout = bound.layout
    if isinstance(layout, Whole) or field.role.axes != "u" or layout.length < 2:
        return
    labels = _first_units(bound, field)
    used = labels[labels >= 0.0]
    if used.size >= _LABELS_A_CLASS * layout.length and used.min() >= 1.0 and used.max() == layout.length - 1:
        yield f"{field.name} never is class 0 of {layout.length}: were the classes counted from 1?"


def _of_rows(field: Field, rows: Array) -> Iterator[str]:
    """What rows of classes look like, if it is not what the loss expects; most are cleared by their extremes."""
    name, expected = field.name, field.role.domain.meaning
    low, high = (float(rows.min()), float(rows.max())) if rows.size else (0.0, 0.0)
    inside = low >= 0.0 and high <= 1.0
    off = _sums_off(rows) if inside else None
    if expected == SCORE and inside and off is None:
        yield f"{name} looks like probabilities (its rows sum to 1), not like raw scores: was softmax applied?"
    elif expected == CHANCE and inside and off is not None:
        yield f"{name} should hold probabilities, but row {off} sums to {rows[off].sum():.6g}, not to 1"
    elif expected == LOG and inside and high > 0.0 and off is None:
        yield f"{name} looks like probabilities (its rows sum to 1), not like their logarithms"
    elif expected == LOG and high > _SUMS:
        yield f"{name} should hold log-probabilities, but one is {high:.6g}, more than 0: was log_softmax applied?"
    elif expected == LOG and len(rows) >= _FEW and (not_normal := _not_normalised(rows)) is not None:
        at, total = not_normal
        yield f"{name} should hold log-probabilities, but e to row {at} sums to {total:.6g}: was log_softmax applied?"


def _sums_off(rows: Array) -> int | None:
    """The first row that does not sum to 1, None if all do."""
    off = np.flatnonzero(~(np.abs(rows.sum(axis=1) - 1.0) <= _SUMS))
    return int(off[0]) if len(off) else None


def _not_normalised(rows: Array) -> tuple[int, float] | None:
    """The first row whose exponentials do not sum to 1, if most do not; rows of zeros fill up what is shorter."""
    with np.errstate(all="ignore"):
        sums = np.exp(rows).sum(axis=1)
    off = np.flatnonzero(~(np.abs(sums - 1.0) <= _EXPONENTIALS) & rows.any(axis=1))
    return (int(off[0]), float(sums[off[0]])) if 2 * len(off) > len(rows) else None


def _of_elements(bound: Bound, field: Field) -> Iterator[str]:
    """What single scores or probabilities of a yes look like."""
    expected = field.role.domain.meaning
    if expected not in (SCORE, CHANCE):
        return
    values = _first_units(bound, field)
    if values.size < _FEW or not (values.min() >= 0.0 and values.max() <= 1.0):
        return
    decided = bool(((values == 0.0) | (values == 1.0)).all())
    if decided and values.min() == values.max():
        return
    truth = next((f for f in bound.inputs if f.role.domain.meaning == CHANCE and f is not field), None)
    if decided and truth is not None and _between(_first_units(bound, truth)):
        yield f"{field.name} is 0 or 1 throughout, and {truth.name} lies between them: are the two swapped?"
    elif decided:
        wanted = "raw scores" if expected == SCORE else "probabilities"
        yield f"{field.name} is 0 or 1 throughout: are these decisions or labels, where {wanted} are wanted?"
    elif expected == SCORE:
        low, high = float(values.min()), float(values.max())
        evidence = f"all from {low:.3g} to {high:.3g}"
        yield f"{field.name} looks like probabilities ({evidence}), not like raw scores: was sigmoid applied?"


def _between(values: Array) -> bool:
    """Whether all lie from 0 to 1, and most are neither."""
    within = bool(values.min() >= 0.0 and values.max() <= 1.0)
    return within and 2 * int(((values > 0.0) & (values < 1.0)).sum()) > values.size


def _of_weights(bound: Bound) -> Iterator[str]:
    """Weights below what is usual, wherever in the array."""
    arrays = [(spec.name, bound.options[spec.name], spec.option.domain.suspect_below) for spec in bound.loss.options]
    if bound.sample_weight is not None:
        arrays.append((spelled("sample_weight"), bound.sample_weight.data, bound.sample_weight.domain.suspect_below))
    for name, data, least in arrays:
        if not isinstance(data, Data) or least == -np.inf:
            continue
        count = 0
        for start in range(0, data.size, _CHUNK):
            low = np.flatnonzero(data.store.flat(start, min(start + _CHUNK, data.size)) < least)
            if len(low) and not count:
                value = float(data.store.flat(start + int(low[0]), start + int(low[0]) + 1)[0])
                first = f"{data.place(start + int(low[0]))}: {name} is {value:g}"
            count += len(low)
        if count:
            more = f" (and {count - 1} more)" if count > 1 else ""
            yield f"{first}{more}, and a weight below {least:g} turns a loss into a gain"


def _of_order(bound: Bound) -> Iterator[str]:
    """Whether truth and prediction agree far better when their rows are paired otherwise."""
    roles = {field.name: field for field in bound.inputs}
    if set(roles) != {"input", "target"} or bound.ignored is not None or bound.layout.units < _ENOUGH:
        return
    quantities = all(field.role.axes == "u" and field.role.domain is REAL for field in bound.inputs)
    if isinstance(bound.layout, Whole) or not quantities:
        return
    guesses, truth = (_first_units(bound, roles[name]) for name in ("input", "target"))
    now = float(np.abs(guesses - truth).mean())
    if not now > float(np.abs(truth - truth.mean()).mean()):
        return  # better than no prediction at all
    for step, what in ((1, "after"), (-1, "before")):
        if np.abs(guesses - np.roll(truth, -step))[1:-1].mean() < _FAR_LOWER * now:
            yield f"input agrees far better with the target of the row {what} it: are the rows out of step?"
            return
    files = {field.data.source.partition("::")[0] for field in bound.inputs}
    if len(files) < 2:
        return  # columns of one file have one order
    if np.unique(truth).size > 2 and np.abs(np.sort(guesses) - np.sort(truth)).mean() < _FAR_LOWER * now:
        yield (
            "input and target agree far better when both are sorted: are their rows in different order?"
            f" {spelled('key', 'id')} joins files on a column that both have"
        )
