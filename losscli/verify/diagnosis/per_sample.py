"""Mistakes in how each unit's loss is computed: other options, other losses, inputs viewed in another way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from itertools import combinations
from math import isclose
from typing import Any

import numpy as np

from losscli.losses.catalogue import losses
from losscli.schema.data import Data
from losscli.schema.domains import TRUTH
from losscli.schema.loss import Equals, Loss, LossMistake
from losscli.schema.settings import spelled
from losscli.verify.diagnosis.activations import usual_views
from losscli.verify.diagnosis.clipping import clipped_in_other_order, clips
from losscli.verify.diagnosis.columns import columns
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, View, with_inputs, with_request
from losscli.verify.diagnosis.ignoring import scored
from losscli.verify.diagnosis.inputs import input_views
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area
from losscli.verify.diagnosis.pairing import out_of_step
from losscli.verify.diagnosis.places import out_of_place
from losscli.verify.diagnosis.rescaled import logarithms, rescaled
from losscli.verify.diagnosis.smoothing import smoothed
from losscli.verify.diagnosis.targets import off_by_one, target_views
from losscli.verify.diagnosis.truths import other_truths
from losscli.verify.diagnosis.weights import of_classes

LARGE = 200_000  # elements from which on passes over the data are counted
MOST_PASSES = 8

declare = area("loss")
OPTION_FORGOTTEN = declare("{option}_forgotten", "S", "{option} was not given{default}", "pass {option}")
_ANOTHER_CHOICE = declare("{option}_{value}", "A", "{option} was {value}", "set {option} to {right}", later=1)
ANOTHER_CONVENTION = declare(
    "convention_{convention}",
    "S",
    "this is what the convention {convention} gives{source}",
    "compare with {setting}",
)
_SWAPPED = declare(
    "{first}_and_{second}_swapped",
    "S",
    "{first} and {second} stand in each other's place",
    "check the order: PyTorch has (input, target), Keras and scikit-learn (y_true, y_pred)",
)
_ANOTHER_LOSS = declare("{other}_computed", "S", "this is {other}, not {loss}{why}", "use {function}")


def per_sample_hypotheses(dataset: Dataset, *, pairs: bool) -> tuple[list[PerSample], list[Mistake]]:
    """The losses under every mistake of this kind, and the mistakes that data of this size left untried."""
    hypotheses = sorted(_hypotheses(dataset, pairs=pairs), key=lambda hypothesis: hypothesis.rank)
    large = sum(field.data.size for field in dataset.bound.inputs) > LARGE
    tried: list[PerSample] = []
    left: list[Mistake] = []
    passes = 0
    for hypothesis in hypotheses:
        if hypothesis.passes and large:
            if passes >= MOST_PASSES:
                left += hypothesis.mistakes[-1:]
                continue
            passes += 1
        per_sample = hypothesis.compute()
        if per_sample is not None and not _the_same(per_sample, dataset):
            tried.append(per_sample)
    return tried, left


def _the_same(per_sample: PerSample, dataset: Dataset) -> bool:
    """Whether a mistake leaves no trace in these data."""
    if (
        per_sample.scalar is not None
        or per_sample.losses.shape != dataset.losses.shape
        or (per_sample.denominators is None) != (dataset.denominators is None)
    ):
        return False
    if (
        per_sample.denominators is not None
        and dataset.denominators is not None
        and not np.array_equal(per_sample.denominators, dataset.denominators)
    ):
        return False
    return bool(np.allclose(per_sample.losses, dataset.losses, rtol=1e-13, atol=0.0, equal_nan=True))


def _hypotheses(dataset: Dataset, *, pairs: bool) -> Iterator[LazyHypothesis]:
    yield from _options(dataset, pairs=pairs)
    yield from _conventions(dataset)
    for mistake in dataset.own:
        yield _declared(dataset, mistake)
    yield from input_views(dataset)
    yield from clips(dataset)
    yield from target_views(dataset)
    yield from other_truths(dataset)
    yield from smoothed(dataset)
    yield from scored(dataset)
    yield from rescaled(dataset)
    yield from logarithms(dataset)
    yield from of_classes(dataset)
    yield from out_of_step(dataset)
    yield from out_of_place(dataset)
    yield from columns(dataset)
    yield from _swapped(dataset)
    yield from filter(None, (_other_side(dataset, relation) for relation in dataset.loss.relations))
    yield from _neighbours(dataset)
    if pairs:
        yield from _views_and_labels(dataset)
        yield from _views_and_options(dataset)
        yield from clipped_in_other_order(dataset)


def _options(dataset: Dataset, *, pairs: bool) -> Iterator[LazyHypothesis]:
    """Options that were forgotten, one or two at a time, and choices that were not made."""
    given = dict(_forgettable(dataset))
    for count in (1, 2) if pairs else (1,):
        for names in combinations(given, count):
            rest = {name: value for name, value in dataset.request.options.items() if name not in names}
            changed = dataset.bound_with(options=rest)
            if hypothesis := with_request(dataset, tuple(given[name] for name in names), changed):
                yield hypothesis
    for name, value in _choices(dataset):
        right = dataset.bound.options[name]
        right = str(right).lower() if isinstance(right, bool) else right  # a word stays: it may name a file
        mistake = _ANOTHER_CHOICE.of(option=name, value=str(value).lower(), right=right)
        if hypothesis := with_request(
            dataset, (mistake,), dataset.bound_with(options={**dataset.request.options, name: value})
        ):
            yield hypothesis


def _forgettable(dataset: Dataset) -> Iterator[tuple[str, Mistake]]:
    """The options that are not at their default, and the mistake of leaving them there."""
    for spec in dataset.loss.options:
        value = dataset.request.options.get(spec.name)
        default = dataset.bound.convention.values.get(spec.name, spec.default)
        if value is None or (not isinstance(value, Data) and dataset.bound.options[spec.name] == default):
            continue
        shown = "" if isinstance(value, Data) else f" and stayed at {default}"
        yield spec.name, OPTION_FORGOTTEN.of(option=spec.name, default=shown)


def _choices(dataset: Dataset) -> Iterator[tuple[str, Any]]:
    """Yes-or-no options turned round, and words of a list that were not chosen."""
    for spec in dataset.loss.options:
        now = dataset.bound.options[spec.name]
        if spec.option.domain is TRUTH and now == spec.default:
            yield spec.name, not now
        for word in spec.option.domain.choices:
            if word != now:
                yield spec.name, word


def _conventions(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Other frameworks' constants and defaults."""
    ours = dataset.bound.convention
    for name, convention in dataset.loss.conventions.items():
        if name == ours.name or not (convention.values or ours.values):
            continue
        source = f" ({convention.source})" if convention.source else ""
        later = 1 + (TIERS["A"] if name == "exact" else 0)
        mistake = ANOTHER_CONVENTION.of(
            later=later, convention=name, source=source, setting=spelled("convention", name)
        )
        if hypothesis := with_request(dataset, (mistake,), dataset.bound_with(convention=name)):
            yield hypothesis


def _declared(dataset: Dataset, mistake: LossMistake) -> LazyHypothesis:
    """What the loss's own definition lists."""
    known = Mistake(mistake.name, mistake.text, mistake.cure, TIERS[mistake.tier], dataset.loss.name)

    def compute() -> PerSample | None:
        given = dataset.asked(mistake.losses)
        given, denominators = given if isinstance(given, tuple) else (given, dataset.denominators)
        losses = np.asarray(given, dtype=np.float64)
        if losses.ndim == 0:
            return PerSample((known,), dataset.losses, dataset.denominators, scalar=float(losses))
        return PerSample((known,), losses.reshape(-1), denominators)

    rows = dataset.classes > 1 and "table" not in signature(mistake.losses).parameters
    return LazyHypothesis((known,), compute, passes=rows)


def _swapped(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Two inputs of one shape in each other's place."""
    inputs = [field for field in dataset.bound.inputs if field.role.differentiable and not field.member_of]
    for left, right in combinations(inputs, 2):
        first, second = dataset.argument(left.name), dataset.argument(right.name)
        if first.shape != second.shape or not (left.domain.fits(second) and right.domain.fits(first)):
            continue
        mistake = _SWAPPED.of(first=left.name, second=right.name)
        yield with_inputs(dataset, (mistake,), {left.name: second, right.name: first})


def _other_side(dataset: Dataset, relation: Equals) -> LazyHypothesis | None:
    """The other side of an identity without its factor: what smooth L1 gives where Huber's loss is meant."""
    if relation.reduced is not None:
        return None
    named = {name: value for name, value in dataset.arguments.items() if name not in dataset.loss.constants}
    for name, value in dataset.bound.options.items():
        if name not in dataset.arguments and not isinstance(value, Data):  # the engine obeys it, not the kernel
            named[name] = value
    try:
        if not relation.given(**named):
            return None
        times, plus = float(relation.times(**named)), np.asarray(relation.plus(**named), dtype=np.float64)
    except (ValueError, IndexError, TypeError, KeyError, FloatingPointError):
        return None  # an identity of whole arrays that does not take them unit by unit
    if not np.isfinite(times) or times == 0.0 or plus.shape not in ((), dataset.losses.shape):
        return None
    mistake = _another_loss(dataset, relation.loss, f": {relation.text}", later=1)
    return LazyHypothesis(
        (mistake,), lambda: PerSample((mistake,), (dataset.losses - plus) / times, dataset.denominators), passes=False
    )


def _another_loss(dataset: Dataset, name: str, why: str = "", *, later: int) -> Mistake:
    ours = dataset.loss
    return _ANOTHER_LOSS.of(later=later, other=name, loss=ours.name, why=why, function=ours.class_name or ours.name)


def _neighbours(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Other losses that take the same inputs, with their defaults."""
    ours = {field.name: "u" if dataset.bound.row > 1 else field.role.axes for field in dataset.bound.inputs}
    for loss in losses():
        if (
            loss.name == dataset.loss.name
            or set(loss.roles) != set(ours)
            or not (loss.separable and dataset.loss.separable)
        ):
            continue
        forms = {
            spec.name: next((form for form in spec.forms if form.axes == ours[spec.name]), None) for spec in loss.inputs
        }
        if any(form is None or not form.domain.fits(dataset.argument(name)) for name, form in forms.items()):
            continue
        defaults = {spec.name: spec.default for spec in loss.options} | dict(loss.constants)
        shared = {
            name: value
            for name, value in dataset.arguments.items()
            if name in defaults and _alike(loss, dataset.loss, name)
        }
        mistake = _another_loss(dataset, loss.name, later=2 + TIERS["A" if loss.kind == dataset.loss.kind else "B"])
        yield _unless_equal(dataset, with_inputs(dataset, (mistake,), {**defaults, **shared}, loss))


def _alike(first: Loss, second: Loss, name: str) -> bool:
    """Whether an option means the same to two losses: it has the same name, type and axes."""
    left, right = first.option(name), second.option(name)
    return bool(left and right and left.type is right.type and left.option.axes == right.option.axes)


def _unless_equal(dataset: Dataset, hypothesis: LazyHypothesis) -> LazyHypothesis:
    """A neighbour, unless its sum is ours: then it needs no other loss to explain anything."""

    def compute() -> PerSample | None:
        per_sample = hypothesis.compute()
        if per_sample is None or isclose(per_sample.losses.sum(), dataset.losses.sum(), rel_tol=1e-13):
            return None
        return per_sample

    return LazyHypothesis(hypothesis.mistakes, compute, hypothesis.passes)


def _views_and_labels(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """The most common mistakes of both inputs at once."""
    if dataset.labels is None:
        return
    role = dataset.loss.roles[0]
    for mistake, view in usual_views(dataset):
        for off, labels in off_by_one(dataset, dataset.labels):
            if mistake.rank < TIERS["A"]:
                yield with_inputs(dataset, (mistake, off), _both(dataset, role, view, labels))


def _views_and_options(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """An activation too much, and an option that was forgotten besides."""
    role, usual = dataset.loss.roles[0], [pair for pair in usual_views(dataset) if pair[0].rank < TIERS["A"]]
    for name, forgotten in _forgettable(dataset) if usual else ():
        rest = {option: value for option, value in dataset.request.options.items() if option != name}
        bound = dataset.bound_with(options=rest)
        if bound is None:
            continue
        without = Dataset(replace(dataset.request, options=rest), bound)
        for mistake, view in usual:
            yield _viewed_in(without, (mistake, forgotten), role, view)


def _viewed_in(dataset: Dataset, mistakes: tuple[Mistake, ...], role: str, view: View) -> LazyHypothesis:
    def compute() -> PerSample | None:
        losses = dataset.with_changes({role: view(dataset.argument(role).copy())})
        return None if losses is None else PerSample(mistakes, losses, dataset.denominators)

    return LazyHypothesis(mistakes, compute)


def _both(dataset: Dataset, role: str, view: Any, labels: Any) -> Any:
    return lambda: {role: view(dataset.argument(role).copy()), "target": labels.copy()}
