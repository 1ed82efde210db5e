"""Class labels by name: which column of the scores each label means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from losscli.schema.data import Data, Elements, Held, class_names, without_flags
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Role
from losscli.schema.records import record
from losscli.schema.settings import spelled

_SHOWN = 12


@record
class Classes:
    """What names the classes: the setting of that name, or the scores' columns.

    `certain` names are no mere numbering of columns.
    """

    names: tuple[str, ...]
    source: str
    certain: bool


def named_labels(
    data: Data, form: Role, scores: Data, length: int, classes: tuple[str, ...], ignored: float | None
) -> Data:
    """Labels as the indices of the scores' columns, by name where names are known; a fault where they do not fit."""
    if data.words:
        return named_words(data, form, scores, length, classes)
    columns = _classes(scores, length, classes) if form.domain.index else None
    if columns is None:
        return data
    numbers = [_whole(name) for name in columns.names]
    if any(number is None for number in numbers):
        if classes:
            fact = f"{spelled('classes')} names the classes in words, and the labels of {data.source} are numbers"
            raise UsageFault(fact, f"leave {spelled('classes')} out")
        return data
    names = [number for number in numbers if number is not None]
    if names == list(range(len(names))):
        return data
    return _of_numbers(data, names, columns, _Passing(ignored, form.domain.low))


@record
class _Passing:
    """The labels that name no class: the ignored one, and those below 0 that end a list."""

    ignored: float | None
    low: float

    def among(self, values: Elements) -> NDArray[np.bool_]:
        below: NDArray[np.bool_] = (values < 0) & (values >= self.low)
        return below if self.ignored is None else below | (values == self.ignored)


def _of_numbers(data: Data, names: Sequence[int], classes: Classes, passing: _Passing) -> Data:
    values = data.store.flat(0, data.size)
    passes = passing.among(values)
    named = passes | np.isin(values, names)
    placed = passes | ((values >= 0) & (values < len(names)) & (np.trunc(values) == values))
    numbering = sorted(names) == list(range(len(names)))
    shown = _listed([str(name) for name in names])
    by_name, by_place = (spelled("classes", [*map(str, places)]) for places in (names, range(len(names))))
    if not named.all() and placed.all():
        if not classes.certain:
            return data
        at = int(np.flatnonzero(~named)[0])
        fact = f"{data.place(at)}: no column of {classes.source} is named {values[at]:.0f}; they are {shown}"
        raise DataFault(
            f"{fact}; by its place it is column {names[int(values[at])]}", f"if places are meant: {by_place}"
        )
    if not named.all():
        at = int(np.flatnonzero(~named)[0])
        raise DataFault(f"{data.place(at)}: there is no class {values[at]:g}", f"the classes are {shown}")
    if placed.all() and not (classes.certain or numbering) and not passes.all():
        at = int(np.flatnonzero(~passes)[0])
        label = int(values[at])
        fact = f"{data.place(at)}: the label {label} may be column {label} by its name, or {names[label]} by its place"
        raise DataFault(fact, f"{by_name} if labels are names, {by_place} if they count the columns from 0")
    if passing.ignored in names:
        fact = f"the ignored label {passing.ignored:g} may be the class of that name, or the column at that place"
        raise UsageFault(fact, f"bring the columns of {classes.source} into the order of the labels")
    column = {name: place for place, name in enumerate(names)}
    distinct, codes = np.unique(values, return_inverse=True)
    index = np.array([column.get(int(value), int(value)) for value in distinct.tolist()], np.int64)
    return _indexed(data, index[codes])


def named_words(data: Data, form: Role, scores: Data, length: int | None, classes: tuple[str, ...]) -> Data:
    """Labels that are words as indices of the scores' columns; yes and no, or two classes, as 1 and 0."""
    number = without_flags(data)
    if not form.domain.index:
        return number if number is not data and not classes else _of_two(data, form, classes)
    spellings = [classes] if classes else [scores.names, class_names(scores.names)]
    fitting = next((names for names in spellings if set(data.words) <= set(names)), spellings[0])
    if number is not data and not set(data.words) <= set(fitting):
        return number
    word = data.words[0]
    if not fitting:
        fact = f"{data.place(0)}: the label {word!r} is a word, and nothing names the classes"
        raise DataFault(fact, f"name them in the order of the scores: {spelled('classes', ('a', 'b', 'c'))}")
    if len(fitting) != length:
        raise DataFault(f"{len(fitting)} classes are named, but {scores.source} has {length}")
    codes = data.array().astype(np.intp)
    unknown = [word for word in data.words if word not in fitting]
    if unknown:
        at = int(np.flatnonzero(codes == data.words.index(unknown[0]))[0])
        raise DataFault(f"{data.place(at)}: there is no class {unknown[0]!r}", f"the classes are {_listed(fitting)}")
    index = np.array([fitting.index(word) for word in data.words], np.int64)
    return _indexed(data, index[codes])


def _of_two(data: Data, form: Role, classes: tuple[str, ...]) -> Data:
    """Words of yes and no as 0 and 1, in the order of the setting `classes`."""
    unknown = [word for word in data.words if word not in classes]
    if len(classes) != 2 or unknown:
        codes = data.store.flat(0, data.size)
        at = int(np.flatnonzero(codes == data.words.index((unknown or data.words)[0]))[0])
        fact = f"{data.place(at)}: {(unknown or data.words)[0]!r} is not a number"
        if form.domain.holds(np.array([0.0, 1.0, 2.0])).tolist() == [True, True, False]:
            example = spelled("classes", ("NO", "YES"))
            raise DataFault(fact, f"if they are classes, name them, the class of label 0 first: {example}")
        raise DataFault(fact, f"it must be {form.domain.words}: correct it, or leave its row out")
    index = np.array([classes.index(word) for word in data.words], np.int64)
    return _indexed(data, index[data.array().astype(np.intp)])


def _indexed(data: Data, labels: Elements) -> Data:
    """Labels that were words, or numbers of other classes, as indices; their text stays what was written."""

    def written(flat: int) -> str:
        value = data.store.flat(flat, flat + 1)[0]
        return data.words[int(value)] if data.words else f"{value:g}"

    return replace(
        data, dtype="int64", store=Held(labels.reshape(data.shape)), words=(), text=data.text or written, decimal=False
    )


def _classes(scores: Data, length: int, classes: tuple[str, ...]) -> Classes | None:
    if classes:
        if len(classes) != length or len(set(classes)) < len(classes):
            what = "named" if len(set(classes)) == len(classes) else "named, some of them twice"
            raise DataFault(f"{len(classes)} classes are {what}, but {scores.source} has {length}")
        return Classes(classes, spelled("classes"), certain=True)
    names = class_names(scores.names)
    if not names or len(names) != length or len(set(names)) < len(names):
        return None
    return Classes(names, scores.source, certain=names == scores.names)


def check_columns(data: Data, scores: Data) -> None:
    """Refuses arrays of two files with a column for each class whose columns have different names."""
    ours, theirs = class_names(scores.names), class_names(data.names)
    counted = [str(place) for place in range(len(ours))]
    one_file = data.source.split("::")[0] == scores.source.split("::")[0]
    if len(ours) < 2 or not theirs or one_file or set(ours) == set(theirs) or counted in (list(ours), list(theirs)):
        return
    fact = f"{scores.source} has the classes {_listed(scores.names)}, {data.source} has {_listed(data.names)}"
    raise DataFault(fact, "give each class the same name in both headers")


def _whole(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
