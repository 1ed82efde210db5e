"""Mistakes in how each unit's loss is reckoned: other options, other losses, inputs viewed in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isclose

import numpy as np

from losscli.engine.bind import Bound
from losscli.judging.mistakes.case import Case
from losscli.judging.mistakes.parts import TIERS, Part, Vector, part
from losscli.judging.mistakes.views import input_views, target_views
from losscli.losses.catalogue import losses
from losscli.schema.data import Data
from losscli.schema.loss import Loss, Mistake
from losscli.schema.records import record

LARGE = 200_000  # elements from which on passes over the data are counted
MOST_PASSES = 12


@record
class Attempt:
    """A mistake, and how to reckon with it; `passes` says whether that goes through all data once more."""

    part: Part
    reckon: Callable[[], Vector | None]
    passes: bool = True


def vectors(case: Case) -> tuple[list[Vector], list[Part]]:
    """The losses under every mistake of this kind, and the mistakes that data of this size left untried."""
    attempts = sorted(_attempts(case), key=lambda attempt: attempt.part.rank)
    large = sum(field.data.size for field in case.bound.inputs) > LARGE
    tried: list[Vector] = []
    left: list[Part] = []
    passes = 0
    for attempt in attempts:
        if attempt.passes and large:
            if passes >= MOST_PASSES:
                left.append(attempt.part)
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


def _attempts(case: Case) -> Iterator[Attempt]:
    yield from _options(case)
    yield from _conventions(case)
    yield from _own(case)
    yield from input_views(case, Attempt)
    yield from target_views(case, Attempt)
    yield from _swapped(case)
    yield from _neighbours(case)


def _rebound(part: Part, case: Case, bound: Bound | None) -> Attempt | None:
    """The same request with other options or settings."""
    if bound is None:
        return None

    def reckon() -> Vector | None:
        found = case.losses_of(bound)
        return None if found is None else Vector(part, *found)

    return Attempt(part, reckon)


def _options(case: Case) -> Iterator[Attempt]:
    """Options that were forgotten, one at a time."""
    request, settings = case.request, case.request.settings
    for spec in case.loss.options:
        if spec.name not in request.options or request.options[spec.name] is None:
            continue
        default = case.bound.convention.values.get(spec.name, spec.default)
        value = request.options[spec.name]
        if not isinstance(value, Data) and case.bound.options[spec.name] == default:
            continue
        rest = {name: given for name, given in request.options.items() if name != spec.name}
        shown = "" if isinstance(value, Data) else f" and stayed at {default}"
        mistake = part(f"{spec.name}_forgotten", "S", f"{spec.name} was not given{shown}", f"pass {spec.name}", later=1)
        if attempt := _rebound(mistake, case, case.bound_with(options=rest)):
            yield attempt
    if settings.sample_weight is not None:
        mistake = part("sample_weight_forgotten", "S", "the sample weights were not applied", "pass the sample weights")
        if attempt := _rebound(mistake, case, case.bound_with(sample_weight=None)):
            yield attempt


def _conventions(case: Case) -> Iterator[Attempt]:
    """Other frameworks' constants and defaults."""
    ours = case.bound.convention
    for name, convention in case.loss.conventions.items():
        if name == ours.name or not (convention.values or ours.values):
            continue
        text = f"this is what the convention {name} gives{f' ({convention.source})' if convention.source else ''}"
        mistake = part(
            f"convention_{name}", "S" if name != "exact" else "A", text, f"compare with --convention {name}", later=2
        )
        if attempt := _rebound(mistake, case, case.bound_with(convention=name)):
            yield attempt


def _own(case: Case) -> Iterator[Attempt]:
    """What the loss's own definition lists."""
    for mistake in case.loss.mistakes:
        if case.asked(mistake.given):
            yield _declared(case, mistake)


def _declared(case: Case, mistake: Mistake) -> Attempt:
    found = Part(mistake.name, mistake.text, mistake.cure, TIERS[mistake.tier])

    def reckon() -> Vector | None:
        losses = np.asarray(case.asked(mistake.losses), dtype=np.float64)
        if losses.ndim == 0:
            return Vector(found, case.losses, case.shares, scalar=float(losses))
        return Vector(found, losses.reshape(-1), case.shares)

    return Attempt(found, reckon)


def _swapped(case: Case) -> Iterator[Attempt]:
    """Two inputs of one shape in each other's place."""
    inputs = [field for field in case.bound.inputs if field.role.differentiable and not field.member_of]
    for at, one in enumerate(inputs):
        for other in inputs[at + 1 :]:
            first, second = case.argument(one.name), case.argument(other.name)
            if first.shape != second.shape or not (one.domain.fits(second) and other.domain.fits(first)):
                continue
            mistake = part(
                f"{one.name}_and_{other.name}_swapped",
                "S",
                f"{one.name} and {other.name} stand in each other's place",
                "check the order: PyTorch has (input, target), Keras and scikit-learn (y_true, y_pred)",
                later=1,
            )
            yield Attempt(mistake, _with(case, mistake, {one.name: second, other.name: first}))


def _with(
    case: Case, mistake: Part, changes: dict[str, np.ndarray], loss: Loss | None = None
) -> Callable[[], Vector | None]:
    def reckon() -> Vector | None:
        found = case.with_changes({name: value.copy() for name, value in changes.items()}, loss)
        return None if found is None else Vector(mistake, found, case.shares if loss is None else None)

    return reckon


def _neighbours(case: Case) -> Iterator[Attempt]:
    """Other losses that take the same inputs, with their defaults."""
    ours = {field.name: field for field in case.bound.inputs}
    for loss in losses():
        if loss.name == case.loss.name or set(loss.roles) != set(ours) or not (loss.separable and case.loss.separable):
            continue
        forms = {
            spec.name: next((form for form in spec.forms if form.axes == ours[spec.name].role.axes), None)
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
            "A" if loss.family == case.loss.family else "B",
            f"this is {loss.name}, not {case.loss.name}",
            f"use {case.loss.class_name or case.loss.name}",
            later=2,
        )
        yield Attempt(mistake, _with_loss(case, mistake, loss, {**defaults, **shared}))


def _alike(one: Loss, other: Loss, name: str) -> bool:
    """Whether an option means the same to two losses: it has the same name, type and axes."""
    left, right = one.option(name), other.option(name)
    return bool(left and right and left.type is right.type and left.option.axes == right.option.axes)


def _with_loss(case: Case, mistake: Part, loss: Loss, keywords: dict[str, object]) -> Callable[[], Vector | None]:
    def reckon() -> Vector | None:
        found = case.with_changes(keywords, loss)
        return None if found is None or _scaled(found, case) else Vector(mistake, found)

    return reckon


def _scaled(losses: np.ndarray, case: Case) -> bool:
    """Whether a neighbour's losses are ours but for a factor 1, which then needs no other loss to explain it."""
    return bool(losses.size and isclose(float(losses.sum()), float(case.losses.sum()), rel_tol=1e-13))
