"""Losses of a formula with a mistake in it: each line changed in each way that a person may have, and worked out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from losscli.schema import formulas
from losscli.schema.formulas import Line, names, shown
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.formulas.mutations import (
    ABS_OF_CONDITION,
    AFTER_MEAN,
    BRANCHES_EXCHANGED,
    ON_ONE_SIDE,
    ONE_BRANCH,
    SWAPPED,
    Change,
    changes,
    function_of,
    without_abs,
    word,
)
from losscli.verify.diagnosis.formulas.traced import ALL_UNITS, Traced, slopes, worked_out
from losscli.verify.diagnosis.formulas.trees import everywhere, exchanged, parts
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample
from losscli.verify.diagnosis.mistakes import Mistake

_RIGHT = 1e-6  # of a loss: how far lines may be from the kernel and still be its formula
_AXES = ("u", "u c", "u d")


@record
class Formula:
    """The lines of a loss that are in force here, and what they name: inputs as leaves, options as they are."""

    lines: tuple[Line, ...]
    named: Mapping[str, Any]
    leaves: Mapping[str, Traced]
    weight: Array | None  # of each unit, that no line names
    before: tuple[Mapping[str, Any], ...]  # what is known before each line

    def losses(self, at: int, lines: Sequence[Line]) -> Traced | None:
        """The losses with other lines from that one on; None where they give no number a unit."""
        with np.errstate(all="ignore"):
            try:
                loss = worked_out(lines, self.before[at]).get("loss")
            except (KeyError, TypeError, ValueError, IndexError):
                return None
        units = len(next(iter(self.leaves.values())).value)
        return loss if isinstance(loss, Traced) and loss.value.shape == (units,) else None


def formula_mistakes(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """The losses under every change of every line, and under some of all lines together."""
    seen: set[str] = set()
    for lines in (dataset.loss.textbook, dataset.loss.lines):
        formula = _formula(dataset, tuple(map(formulas.line, lines)))
        if formula is None:
            continue
        for mistake, at, changed in _changed(formula, dataset):
            key = f"{mistake.name} {at} {[(ast.dump(line.formula), line.condition) for line in changed]}"
            if key not in seen:
                seen.add(key)
                yield _hypothesis(dataset, formula, mistake, at, changed)
        if dataset.loss.separable:
            yield from _after_the_mean(dataset, formula)


def _formula(dataset: Dataset, lines: Sequence[Line]) -> Formula | None:
    """The formula with the data of a request, if its lines give the kernel's losses."""
    leaves = leaves_of(dataset, whole=not dataset.loss.separable)
    if not lines or not leaves:
        return None
    weight = dataset.arguments.get("weight")
    used = set().union(*(names(line.formula) for line in lines))
    own = weight if isinstance(weight, np.ndarray) and "weight" not in used else None
    return _in_force(dataset, Formula((), {**named_of(dataset), **leaves}, leaves, own, ()), lines)


def leaves_of(dataset: Dataset, *, whole: bool) -> dict[str, Traced]:
    """The inputs that have slopes, entries of all units; or each as one row, where data are `whole`."""
    fields = {field.name: field.role.axes for field in dataset.bound.inputs}
    if dataset.loss.of_many or dataset.bound.row > 1 or not (whole or set(fields.values()) <= set(_AXES)):
        return {}
    inputs = {name: dataset.argument(name) for name in fields}
    if whole and len({entries.shape for entries in inputs.values()}) > 1:
        return {}
    return {
        name: Traced(entries.reshape(1, -1) if whole else entries)
        for name, entries in inputs.items()
        if entries.dtype.kind == "f"
    }


def named_of(dataset: Dataset) -> dict[str, Any]:
    """The options, and the inputs that have no slopes, as lines name them."""
    named: dict[str, Any] = {**dataset.bound.options, **dataset.arguments}
    for spec in dataset.loss.options:
        if isinstance(named.get(spec.name), np.ndarray) and spec.option.axes == "c":
            named[spec.name] = named[spec.name].reshape(1, -1)
    return named


def _in_force(dataset: Dataset, formula: Formula, lines: Sequence[Line]) -> Formula | None:
    """The formula with those of the lines that apply to these data."""
    known = dict(formula.named)
    before = []
    applying = []
    with np.errstate(all="ignore"):
        try:
            for line in lines:
                after = worked_out([line], known)
                if line.condition is None or after.get(line.name) is not known.get(line.name):
                    applying.append(line)
                    before.append(known)
                    known = after
        except (KeyError, TypeError, ValueError, IndexError):
            return None
    loss = known.get("loss")
    if not isinstance(loss, Traced):
        return None
    ours = loss.value if formula.weight is None else loss.value * formula.weight
    if ours.shape != dataset.losses.shape or not np.allclose(ours, dataset.losses, rtol=_RIGHT, equal_nan=True):
        return None
    return replace(formula, lines=tuple(applying), before=tuple(before))


def _hypothesis(dataset: Dataset, formula: Formula, mistake: Mistake, at: int, lines: Sequence[Line]) -> LazyHypothesis:
    def compute() -> PerSample | None:
        loss = formula.losses(at, lines)
        if loss is None or not _says_something(loss.value):
            return None
        weight = 1.0 if formula.weight is None else formula.weight

        def pullback(up: Array) -> Mapping[str, Array]:
            with np.errstate(all="ignore"):
                return slopes(loss, up * weight, formula.leaves)

        return PerSample((mistake,), np.asarray(loss.value * weight), dataset.denominators, pullback=pullback)

    return LazyHypothesis((mistake,), compute)


def _says_something(losses: Array) -> bool:
    """Whether losses depend on the data: 0 or infinity for all is what many changes make of a formula."""
    return bool(np.isfinite(losses).all() and (losses != losses[:1]).any()) if len(losses) > 1 else bool(losses.any())


Changed = tuple[Mistake, int, tuple[Line, ...]]  # the first line that differs, and all from there on


def _changed(formula: Formula, dataset: Dataset) -> Iterator[Changed]:
    options = frozenset(
        spec.name
        for spec in dataset.loss.options
        if isinstance(formula.named.get(spec.name), float) and formula.named[spec.name] not in (0.0, 1.0)
    )
    whole: dict[str, list[tuple[int, Change]]] = {}
    for at, line in enumerate(formula.lines):
        for part, rebuild in parts(line.formula):
            for change in changes(part, options):
                new = rebuild(change.part)
                yield _one_line(formula, at, change, new)
                whole.setdefault(change.name, []).append((at, change))
    yield from _all_together(formula, options, whole)
    yield from _on_one_side(formula)
    yield from _branches(formula)
    yield from _conditions(formula)
    numbers = [spec for spec in dataset.loss.options if isinstance(formula.named.get(spec.name), float)]
    for one, other in combinations(numbers, 2):
        if formula.named[one.name] and formula.named[other.name]:  # 0 is an option that nobody gave
            lines = [replace(line, formula=exchanged(line.formula, one.name, other.name)) for line in formula.lines]
            yield SWAPPED.of(option=one.name, other=other.name), 0, tuple(lines)


def _filled(change: Change, line: Line, new: ast.expr) -> Mistake:
    """The mistake with the line as it was written and as it should be."""
    condition = "" if line.condition is None else f" if {shown(line.condition)}"
    wrong, right = (f"{line.name} = {shown(tree)}{condition}" for tree in (new, line.formula))
    return change.mistake.of(**{**change.said, "wrong": wrong, "right": right})


def _one_line(formula: Formula, at: int, change: Change, new: ast.expr) -> Changed:
    line = formula.lines[at]
    lines = (replace(line, formula=new), *formula.lines[at + 1 :])
    return _filled(change, line, new), at, lines


def _all_together(
    formula: Formula, options: frozenset[str], whole: Mapping[str, Sequence[tuple[int, Change]]]
) -> Iterator[Changed]:
    """The same change in all places that allow it, where they are several: of a line, all, or the last."""
    for name, places in whole.items():

        def change_of(part: ast.expr, name: str = name) -> ast.expr | None:
            return next((change.part for change in changes(part, options) if change.name == name), None)

        lines = [at for at, _ in places]
        several = [[at] for at in dict.fromkeys(lines) if lines.count(at) > 1]
        if len(set(lines)) > 1:
            several.append(lines)
        last = [at for at in lines if formula.lines[at].name == formula.lines[-1].name]
        if len(set(last)) > 1 and last != lines:
            several.append(last)
        for chosen in several:
            first = chosen[0]
            changed = tuple(
                replace(line, formula=everywhere(line.formula, change_of)) if at in chosen else line
                for at, line in enumerate(formula.lines)
            )[first:]
            change = next(change for at, change in places if at == first)
            yield _filled(change, formula.lines[first], changed[0].formula), first, changed


def _on_one_side(formula: Formula) -> Iterator[Changed]:
    """A name of a difference or a quotient read as what it was made of, in one place out of several."""
    sources = {
        line.name: (line.formula.left, line.formula.right)
        for line in formula.lines
        if isinstance(line.formula, ast.BinOp) and isinstance(line.formula.left, ast.Name)
    }
    for at, line in enumerate(formula.lines):
        for part, rebuild in parts(line.formula):
            if isinstance(part, ast.Name) and part.id in sources:
                source, rest = sources[part.id]
                change = Change(ON_ONE_SIDE, source, {"what": word(rest, "term"), "piece": shown(rest)})
                yield _one_line(formula, at, change, rebuild(source))


def _after_the_mean(dataset: Dataset, formula: Formula) -> Iterator[LazyHypothesis]:
    """The mean over the units taken too early: of what a function is applied to, then the function of that mean."""
    for at, line in enumerate(formula.lines):
        for part, rebuild in parts(line.formula):
            outer = function_of(part)
            if outer is None:
                continue
            inner, put, what = outer
            mistake = AFTER_MEAN.of(what=what, function=shown(put(ast.Name("mean"))), inner=shown(inner))
            new = replace(line, formula=rebuild(put(ast.Name("mean_of_inner"))))
            yield _of_mean(dataset, formula, mistake, at, inner, (new, *formula.lines[at + 1 :]))


def _of_mean(
    dataset: Dataset, formula: Formula, mistake: Mistake, at: int, inner: ast.expr, lines: Sequence[Line]
) -> LazyHypothesis:
    """What lines make of the mean of a part, where they depend on nothing else of single units."""

    def compute() -> PerSample | None:
        with np.errstate(all="ignore"):
            try:
                part = formulas.value(inner, formula.before[at], ALL_UNITS)
                if not isinstance(part, Traced) or part.value.ndim != 1 or len(part.value) < 2:
                    return None
                mean = Traced(np.full(part.value.shape, part.value.mean()))
                loss = worked_out(lines, {**formula.before[at], "mean_of_inner": mean}).get("loss")
            except (KeyError, TypeError, ValueError, IndexError):
                return None
        if not isinstance(loss, Traced) or not np.isfinite(loss.value).all() or (loss.value != loss.value[:1]).any():
            return None
        return PerSample((mistake,), dataset.losses, dataset.denominators, scalar=float(loss.value[0]))

    return LazyHypothesis((mistake,), compute, passes=False)


def _branches(formula: Formula) -> Iterator[Changed]:
    """Lines of one name whose conditions depend on the unit: one of them everywhere, or all exchanged."""
    for name in dict.fromkeys(line.name for line in formula.lines):
        places = [at for at, line in enumerate(formula.lines) if line.name == name and line.condition is not None]
        if len(places) < 2:
            continue
        for kept in places:
            everywhere_line = replace(formula.lines[kept], condition=None)
            lines = [line for at, line in enumerate(formula.lines) if at not in places or at == kept]
            lines[lines.index(formula.lines[kept])] = everywhere_line
            yield ONE_BRANCH.of(wrong=f"{name} = {shown(everywhere_line.formula)}"), 0, tuple(lines)
        if len(places) == 2:
            lines = list(formula.lines)
            one, other = places
            lines[one] = replace(formula.lines[one], formula=formula.lines[other].formula)
            lines[other] = replace(formula.lines[other], formula=formula.lines[one].formula)
            condition = formula.lines[one].condition
            said = f"{name} = {shown(lines[one].formula)}" + (f" if {shown(condition)}" if condition else "")
            yield BRANCHES_EXCHANGED.of(wrong=said), 0, tuple(lines)


def _conditions(formula: Formula) -> Iterator[Changed]:
    """Conditions that compare a number itself, and not its absolute value: in all lines, or in one of them."""
    plain = {
        line.name: line.formula.args[0]
        for line in formula.lines
        if isinstance(line.formula, ast.Call)
        and isinstance(line.formula.func, ast.Name)
        and line.formula.func.id == "abs"
    }
    signed = [None if line.condition is None else without_abs(line.condition, plain) for line in formula.lines]
    places = [at for at, condition in enumerate(signed) if condition is not None]
    for chosen in [[at] for at in places] + ([places] if len(places) > 1 else []):
        lines = [replace(line, condition=signed[at]) if at in chosen else line for at, line in enumerate(formula.lines)]
        condition = signed[chosen[0]]
        if condition is not None:
            yield ABS_OF_CONDITION.of(wrong=shown(condition)), 0, tuple(lines)
