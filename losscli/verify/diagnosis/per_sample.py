"""Mistakes in how each unit's loss is reckoned: other options, other losses, inputs viewed in another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import signature
from itertools import combinations
from math import isclose
from typing import Any

import numpy as np

from losscli.engine.arrays import Field
from losscli.losses.catalogue import losses
from losscli.schema.data import Data
from losscli.schema.domains import TRUTH
from losscli.schema.loss import Array, Equals, Loss, Mistake
from losscli.verify.diagnosis.attempts import Attempt, rebound, replaced
from losscli.verify.diagnosis.clipping import clips
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import TIERS, WEIGHT_FORGOTTEN, Part, Vector, part
from losscli.verify.diagnosis.inputs import input_views, views_of
from losscli.verify.diagnosis.pairing import out_of_step
from losscli.verify.diagnosis.targets import off_by_one, target_views

LARGE = 200_000  # elements from which on passes over the data are counted
MOST_PASSES = 8


def vectors(case: Case, *, pairs: bool) -> tuple[list[Vector], list[Part]]:
    """The losses under every mistake of this kind, and the mistakes that data of this size left untried."""
    attempts = sorted(_attempts(case, pairs=pairs), key=lambda attempt: attempt.rank)
    large = sum(field.data.size for field in case.bound.inputs) > LARGE
    tried: list[Vector] = []
    left: list[Part] = []
    passes = 0
    for attempt in attempts:
        if attempt.passes and large:
            if passes >= MOST_PASSES:
                left += attempt.parts[-1:]
                continue
            passes += 1
        found = attempt.reckon()
        if found is not None and not _the_same(found, case):
            tried.append(found)
    return tried, left


def _the_same(vector: Vector, case: Case) -> bool:
    """Whether a mistake leaves no trace in these data."""
    if (
        vector.scalar is not None
        or vector.losses.shape != case.losses.shape
        or (vector.shares is None) != (case.shares is None)
    ):
        return False
    if vector.shares is not None and case.shares is not None and not np.array_equal(vector.shares, case.shares):
        return False
    return bool(np.allclose(vector.losses, case.losses, rtol=1e-13, atol=0.0, equal_nan=True))


def _attempts(case: Case, *, pairs: bool) -> Iterator[Attempt]:
    yield from _options(case, pairs=pairs)
    yield from _conventions(case)
    yield from _own(case)
    yield from input_views(case)
    yield from clips(case)
    yield from target_views(case)
    yield from out_of_step(case)
    yield from _swapped(case)
    yield from _related(case)
    yield from _neighbours(case)
    if pairs:
        yield from _views_and_labels(case)


def _options(case: Case, *, pairs: bool) -> Iterator[Attempt]:
    """Options that were forgotten, one or two at a time, and choices that were not made."""
    given = dict(_forgettable(case))
    for count in (1, 2) if pairs else (1,):
        for names in combinations(given, count):
            rest = {name: value for name, value in case.request.options.items() if name not in names}
            changed = case.bound_with(options=rest)
            if attempt := rebound(case, tuple(given[name] for name in names), changed):
                yield attempt
    weighted = case.request.settings.sample_weight is not None
    if weighted and (attempt := rebound(case, (WEIGHT_FORGOTTEN,), case.bound_with(sample_weight=None))):
        yield attempt
    for name, value in _choices(case):
        mistake = part(
            f"{name}_{str(value).lower()}",
            "A",
            f"{name} was {str(value).lower()}",
            f"set {name} to {_written(case.bound.options[name])}",
            later=1,
        )
        if attempt := rebound(case, (mistake,), case.bound_with(options={**case.request.options, name: value})):
            yield attempt


def _written(value: Any) -> str:
    """A truth as it is written on the command line, and a word as it stands: it may name a file."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _forgettable(case: Case) -> Iterator[tuple[str, Part]]:
    """The options that are not at their default, and the mistake of leaving them there."""
    for spec in case.loss.options:
        value = case.request.options.get(spec.name)
        default = case.bound.convention.values.get(spec.name, spec.default)
        if value is None or (not isinstance(value, Data) and case.bound.options[spec.name] == default):
            continue
        shown = "" if isinstance(value, Data) else f" and stayed at {default}"
        yield (
            spec.name,
            part(f"{spec.name}_forgotten", "S", f"{spec.name} was not given{shown}", f"pass {spec.name}"),
        )


def _choices(case: Case) -> Iterator[tuple[str, Any]]:
    """Yes-or-no options turned round, and words of a list that were not chosen."""
    for spec in case.loss.options:
        now = case.bound.options[spec.name]
        if spec.option.domain is TRUTH and now == spec.default:
            yield spec.name, not now
        for word in spec.option.domain.choices:
            if word != now:
                yield spec.name, word


def _conventions(case: Case) -> Iterator[Attempt]:
    """Other frameworks' constants and defaults."""
    ours = case.bound.convention
    for name, convention in case.loss.conventions.items():
        if name == ours.name or not (convention.values or ours.values):
            continue
        text = f"this is what the convention {name} gives{f' ({convention.source})' if convention.source else ''}"
        mistake = part(
            f"convention_{name}", "S" if name != "exact" else "A", text, f"compare with --convention {name}", later=1
        )
        if attempt := rebound(case, (mistake,), case.bound_with(convention=name)):
            yield attempt


def _own(case: Case) -> Iterator[Attempt]:
    """What the loss's own definition lists."""
    for mistake in case.own:
        yield _declared(case, mistake)


def _declared(case: Case, mistake: Mistake) -> Attempt:
    found = Part(mistake.name, mistake.text, mistake.cure, TIERS[mistake.tier])

    def reckon() -> Vector | None:
        given = case.asked(mistake.losses)
        given, shares = given if isinstance(given, tuple) else (given, case.shares)
        losses = np.asarray(given, dtype=np.float64)
        if losses.ndim == 0:
            return Vector((found,), case.losses, case.shares, scalar=float(losses))
        return Vector((found,), losses.reshape(-1), shares)

    rows = case.classes > 1 and "table" not in signature(mistake.losses).parameters
    return Attempt((found,), reckon, passes=rows)


def _swapped(case: Case) -> Iterator[Attempt]:
    """Two inputs of one shape in each other's place."""
    inputs = [field for field in case.bound.inputs if field.role.differentiable and not field.member_of]
    for one, other in combinations(inputs, 2):
        first, second = case.argument(one.name), case.argument(other.name)
        if first.shape != second.shape or not (one.domain.fits(second) and other.domain.fits(first)):
            continue
        mistake = part(
            f"{one.name}_and_{other.name}_swapped",
            "S",
            f"{one.name} and {other.name} stand in each other's place",
            "check the order: PyTorch has (input, target), Keras and scikit-learn (y_true, y_pred)",
        )
        yield replaced(case, (mistake,), _fixed({one.name: second, other.name: first}))


def _fixed(changes: Mapping[str, Any]) -> Any:
    return lambda: changes


def _related(case: Case) -> Iterator[Attempt]:
    """The other side of an identity without its factor: what smooth L1 gives where Huber's loss is meant."""
    for relation in case.loss.relations:
        if relation.reduced is None and (attempt := _other_side(case, relation)):
            yield attempt


def _other_side(case: Case, relation: Equals) -> Attempt | None:
    known = {name: value for name, value in case.arguments.items() if name not in case.loss.constants}
    known |= {name: case.bound.options[name] for name in _obeyed_elsewhere(case)}
    try:
        with np.errstate(all="ignore"):
            if not relation.given(**known):
                return None
            times, plus = float(relation.times(**known)), np.asarray(relation.plus(**known), dtype=np.float64)
    except (ValueError, IndexError, TypeError, KeyError, FloatingPointError):
        return None  # an identity of whole arrays that does not take them unit by unit
    if not np.isfinite(times) or times == 0.0 or plus.shape not in ((), case.losses.shape):
        return None
    mistake = part(
        f"{relation.loss}_computed",
        "S",
        f"this is {relation.loss}, not {case.loss.name}: {relation.text}",
        f"use {case.loss.class_name or case.loss.name}",
        later=1,
    )
    return Attempt((mistake,), lambda: Vector((mistake,), (case.losses - plus) / times, case.shares), passes=False)


def _obeyed_elsewhere(case: Case) -> list[str]:
    """Options that the engine obeys, so that the kernel does not get them."""
    return [
        spec.name
        for spec in case.loss.options
        if spec.name not in case.arguments and not isinstance(case.bound.options[spec.name], Data)
    ]


def _axes_of(case: Case, field: Field) -> str:
    """The axes that its loss declares for an input."""
    return "u" if case.bound.row > 1 else field.role.axes


def _neighbours(case: Case) -> Iterator[Attempt]:
    """Other losses that take the same inputs, with their defaults."""
    ours = {field.name: field for field in case.bound.inputs}
    for loss in losses():
        if loss.name == case.loss.name or set(loss.roles) != set(ours) or not (loss.separable and case.loss.separable):
            continue
        forms = {
            spec.name: next((form for form in spec.forms if form.axes == _axes_of(case, ours[spec.name])), None)
            for spec in loss.inputs
        }
        if any(form is None or not form.domain.fits(case.argument(name)) for name, form in forms.items()):
            continue
        defaults = {spec.name: spec.default for spec in loss.options} | dict(loss.constants)
        shared = {
            name: value for name, value in case.arguments.items() if name in defaults and _alike(loss, case.loss, name)
        }
        mistake = part(
            f"{loss.name}_computed",
            "A" if loss.kind == case.loss.kind else "B",
            f"this is {loss.name}, not {case.loss.name}",
            f"use {case.loss.class_name or case.loss.name}",
            later=2,
        )
        yield _unless_equal(case, replaced(case, (mistake,), _fixed({**defaults, **shared}), loss))


def _alike(one: Loss, other: Loss, name: str) -> bool:
    """Whether an option means the same to two losses: it has the same name, type and axes."""
    left, right = one.option(name), other.option(name)
    return bool(left and right and left.type is right.type and left.option.axes == right.option.axes)


def _unless_equal(case: Case, attempt: Attempt) -> Attempt:
    """A neighbour, unless its sum is ours: then it needs no other loss to explain anything."""

    def reckon() -> Vector | None:
        found = attempt.reckon()
        same = found is not None and isclose(_sum(found.losses), _sum(case.losses), rel_tol=1e-13)
        return None if same else found

    return Attempt(attempt.parts, reckon, attempt.passes)


def _sum(losses: Array) -> float:
    with np.errstate(invalid="ignore"):
        return float(losses.sum())


def _views_and_labels(case: Case) -> Iterator[Attempt]:
    """The most common mistakes of both inputs at once."""
    if case.labels is None:
        return
    role = case.loss.roles[0]
    for mistake, view in views_of(case):
        for other, labels in off_by_one(case, case.labels):
            if mistake.rank < TIERS["A"]:
                yield replaced(case, (mistake, other), _both(case, role, view, labels))


def _both(case: Case, role: str, view: Any, labels: Any) -> Any:
    return lambda: {role: view(case.argument(role).copy()), "target": labels.copy()}
