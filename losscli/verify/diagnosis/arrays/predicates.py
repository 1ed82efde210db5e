"""Where an array is wrong, in words: rows and entries that a condition picks, each a line or two to evaluate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.schema import formulas
from losscli.schema.domains import PROBABILITY
from losscli.schema.formulas import Line, names, shown, value
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.formulas.mutated import leaves_of, named_of
from losscli.verify.diagnosis.formulas.traced import ALL_UNITS, Traced, worked_out

Truths = NDArray[np.bool_]
_MOST_VALUES = 64  # different targets, or columns, that are each a condition

_SIGNS = (("≤", "at most"), ("≥", "at least"), ("<", "below"), (">", "above"), ("=", "is"), ("·", "times"))


@record
class Place:
    """Which units, or which entries of their rows, how a sentence says it, and how an identifier does."""

    words: str
    holds: Truths
    called: str = ""

    @property
    def name(self) -> str:
        text = self.words.partition(",")[0].lower().replace("-", "minus ")
        for sign, word in _SIGNS:
            text = text.replace(sign, f" {word} ")
        return self.called or re.sub(r"[^a-z0-9]+", "_", text.removeprefix("the ")).strip("_")


def places(dataset: Dataset, ours: Array, role: str) -> Iterator[Place]:
    """Conditions of the data, those of the loss first; `ours` has a number or a row for every unit."""
    for words, holds in _conditions(dataset, ours, role):
        whole = _of_all_units(dataset, np.asarray(holds))
        if whole.shape in (ours.shape, ours.shape[:1]):
            yield Place(words, np.broadcast_to(whole.reshape(len(ours), -1), ours.reshape(len(ours), -1).shape))
    yield from _of_ours(dataset, ours.reshape(len(ours), -1))


def tails(wrong: Truths, dataset: Dataset) -> Iterator[Place]:
    """The rows from the first wrong one on, and those up to the last: what a last batch, or a first one, is."""
    rows = np.flatnonzero(wrong.any(axis=1))
    samples = dataset.samples
    if not len(rows) or samples < 2 or len(wrong) % samples:
        return
    each = len(wrong) // samples
    first, last = int(rows[0]) // each, int(rows[-1]) // each
    row = np.arange(len(wrong))[:, None] // each
    if first:
        late = np.broadcast_to(row >= first, wrong.shape)
        yield Place(f"the row is {first} or later, counted from 0,", late, "last_rows")
    if last + 1 < samples:
        early = np.broadcast_to(row <= last, wrong.shape)
        yield Place(f"the row is {last} or earlier, counted from 0,", early, "first_rows")


def _of_all_units(dataset: Dataset, holds: Truths) -> Truths:
    """A condition of the units that count; ignored ones do not fulfil it."""
    if dataset.kept is None or len(holds) != dataset.kept.sum():
        return holds
    whole = np.zeros((dataset.units, *holds.shape[1:]), dtype=bool)
    whole[dataset.kept] = holds
    return whole


def _conditions(dataset: Dataset, ours: Array, role: str) -> Iterator[tuple[str, Truths]]:
    yield from _branches(dataset)
    yield from _of_target(dataset)
    if ours.ndim == 2:
        yield from _of_columns(dataset, ours.shape[1])
    yield from _of_predictions(dataset)
    for name in (role, *(name for name in dataset.loss.roles if name != role)):
        entries = dataset.arguments.get(name)
        if isinstance(entries, np.ndarray) and entries.dtype.kind == "f" and (entries < 0.0).any():
            yield f"{name} < 0", entries < 0.0
            yield f"{name} > 0", entries > 0.0
    first, target = dataset.argument(dataset.loss.roles[0]), dataset.arguments.get("target")
    if isinstance(target, np.ndarray) and target.shape == first.shape and dataset.labels is None:
        word = dataset.loss.roles[0]
        yield f"{word} > target", first > target
        yield f"{word} < target", first < target


def _branches(dataset: Dataset) -> Iterator[tuple[str, Truths]]:
    """The conditions of the lines of the loss."""
    leaves = leaves_of(dataset, whole=False)
    found: list[tuple[str, Truths]] = []
    for texts in (dataset.loss.lines, dataset.loss.textbook):
        known = {**named_of(dataset), **leaves}
        made: dict[str, Line] = {}
        try:
            for line in map(formulas.line, texts) if leaves else ():
                if line.condition is not None:
                    holds = value(line.condition, known, ALL_UNITS)
                    holds = np.asarray(holds.value if isinstance(holds, Traced) else holds, dtype=bool)
                    if holds.ndim:
                        found.append((_condition(line.condition, made), holds))
                known = worked_out([line], known)
                made[line.name] = line
        except (KeyError, TypeError, ValueError, IndexError):
            continue
    yield from found
    yield from ((f"not {words}", ~holds) for words, holds in found)


def _condition(condition: ast.expr, made: dict[str, Line]) -> str:
    """A condition with what its names stand for."""
    used = [made[name] for name in sorted(names(condition)) if name in made]
    meant = "".join(f", with {line.name} = {shown(line.formula)}" for line in used if line.condition is None)
    return f"{shown(condition)}{meant}"


def _of_target(dataset: Dataset) -> Iterator[tuple[str, Truths]]:
    target = dataset.arguments.get("target")
    if not isinstance(target, np.ndarray):
        return
    word = "the label" if dataset.labels is not None else "target"
    values = np.unique(target)
    if len(values) <= _MOST_VALUES:
        for each in values.tolist():
            yield f"{word} = {each:g}", target == each
    elif (target == 0.0).any():
        yield f"{word} = 0", target == 0.0
        yield f"{word} is not 0", target != 0.0


def _of_columns(dataset: Dataset, count: int) -> Iterator[tuple[str, Truths]]:
    if dataset.labels is not None:
        hot = np.arange(count) == dataset.labels[:, None]
        yield "the column is that of the label", hot
        yield "the column is not that of the label", ~hot
    units = len(dataset.losses)
    for column in range(count if 1 < count <= _MOST_VALUES else 0):
        yield f"the column = {column}", np.broadcast_to(np.arange(count) == column, (units, count))


def _of_predictions(dataset: Dataset) -> Iterator[tuple[str, Truths]]:
    scores, target = dataset.argument(dataset.loss.roles[0]), dataset.arguments.get("target")
    if dataset.labels is not None and scores.ndim == 2 and len(scores) == len(dataset.labels):
        right = scores.argmax(axis=1) == dataset.labels
    elif isinstance(target, np.ndarray) and target.shape == scores.shape and dataset.loss.kind == "binary":
        middle = 0.5 if dataset.bound.inputs[0].role.domain is PROBABILITY else 0.0
        right = (scores > middle) == (target > 0.0)
    else:
        return
    yield "the prediction is right", right
    yield "the prediction is wrong", ~right


def _of_ours(dataset: Dataset, ours: Array) -> Iterator[Place]:
    if dataset.kept is not None and len(dataset.kept) == len(ours):
        yield Place("the row is ignored", np.broadcast_to(~dataset.kept[:, None], ours.shape))
        yield Place("the row is not ignored", np.broadcast_to(dataset.kept[:, None], ours.shape))
    for words, holds in (("is 0", ours == 0.0), ("is below 0", ours < 0.0), ("is above 0", ours > 0.0)):
        if holds.any() and not holds.all():
            yield Place(f"the right number {words}", holds)
