"""Other losses in place of the one that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any

import numpy as np

from losscli.losses.catalogue import losses
from losscli.numerics.sigmoid import sigmoid
from losscli.schema import formulas
from losscli.schema.data import Data
from losscli.schema.domains import PROBABILITY
from losscli.schema.formulas import Line, names
from losscli.schema.loss import Array, Equals, Loss, Role
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.formulas.mutated import leaves_of, named_of
from losscli.verify.diagnosis.formulas.traced import Traced, slopes, worked_out
from losscli.verify.diagnosis.hypotheses import Changes, LazyHypothesis, PerSample, with_inputs
from losscli.verify.diagnosis.inputs.activations import softmax
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area

declare = area("another loss")
_ANOTHER_LOSS = declare("{other}_computed", "S", "this is {other}, not {loss}{why}", "use {function}")


def other_losses(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """The other sides of identities, and losses that take the same inputs."""
    yield from filter(None, (_other_side(dataset, relation) for relation in dataset.loss.relations))
    yield from _neighbours(dataset)
    yield from _by_formula(dataset)
    yield from _of_whole_data(dataset)


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
        if not all(form and _takes(form, dataset.argument(name)) for name, form in forms.items()):
            continue
        defaults = {spec.name: spec.default for spec in loss.options} | dict(loss.constants)
        shared = {
            name: value
            for name, value in dataset.arguments.items()
            if name in defaults and _alike(loss, dataset.loss, name)
        }
        later = TIERS["A"] + 1 if loss.kind == dataset.loss.kind else TIERS["B"] + 2
        mistake = _another_loss(dataset, loss.name, later=later)
        viewed = _viewed(dataset, forms, {**defaults, **shared})
        yield _unless_equal(dataset, with_inputs(dataset, (mistake,), viewed, loss))


def _takes(form: Role, entries: Array) -> bool:
    """Whether another loss takes an input: as it is, or scores as the probabilities that they stand for."""
    return form.domain.fits(entries) or (form.domain is PROBABILITY and entries.dtype.kind == "f")


def _viewed(dataset: Dataset, forms: Mapping[str, Role | None], named: Mapping[str, Any]) -> Changes:
    """Inputs as another loss takes them, and its options."""

    def changes() -> Mapping[str, Any]:
        changed = dict(named)
        for name, form in forms.items():
            entries = dataset.argument(name)
            if form is not None and not form.domain.fits(entries):
                changed[name] = np.asarray(sigmoid(entries)) if form.axes == "u" else softmax(entries)
        return changed

    return changes


# Losses that are no part of the catalogue: the kind of the loss in whose place they are computed
_RELATIVES = (
    ("pseudo_huber", "regression", "loss = delta ** 2 * (sqrt(1 + ((input - target) / delta) ** 2) - 1)"),
    ("jeffreys", "divergence", "loss = sum((input - target) * (log(input) - log(target)))"),
    ("jeffreys", "divergence", "loss = (target - exp(input)) * (log(target) - input), if not log_target"),
    ("exponential", "binary", "loss = exp(-target * input)"),
    ("deviance", "regression", "loss = 2 * (xlogy(target, target / exp(input)) - target + exp(input)), if log_input"),
    ("deviance", "regression", "loss = 2 * (xlogy(target, target / input) - target + input), if not log_input"),
)
_JACCARD = (
    "common = sum(input * target)",
    "loss = 1 - (common + smooth) / (sum(input) + sum(target) - common + smooth)",
)


def _by_formula(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Losses that the catalogue lacks, of the same inputs and options."""
    leaves = leaves_of(dataset, whole=False)
    for name, kind, text in _RELATIVES:
        line = formulas.line(text)
        trees = [line.formula, *([] if line.condition is None else [line.condition])]
        if kind == dataset.loss.kind and leaves and set().union(*map(names, trees)) <= {*named_of(dataset), *leaves}:
            yield _of_lines(dataset, _another_loss(dataset, name, later=1 + TIERS["A"]), [line], leaves)


def _of_whole_data(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Losses that are one number for all data, of the same inputs."""
    others = {loss.name: loss.textbook or loss.lines for loss in losses() if not loss.separable} | {"jaccard": _JACCARD}
    leaves = leaves_of(dataset, whole=True)
    for name, texts in others.items():
        lines = [formulas.line(text) for text in texts]
        if name == dataset.loss.name or set(leaves) != {"input", "target"} or not lines:
            continue
        if name == "rmse" and dataset.loss.name == "mse":
            continue  # the root of the number
        like = dataset.loss.kind in ("segmentation", "binary") if name != "rmse" else dataset.loss.kind == "regression"
        if like:
            yield _of_lines(dataset, _another_loss(dataset, name, later=2 + TIERS["A"]), lines, leaves)


def _of_lines(
    dataset: Dataset, mistake: Mistake, lines: Sequence[Line], leaves: Mapping[str, Traced]
) -> LazyHypothesis:
    """What lines make of the inputs: a loss of each unit, or one number."""

    def compute() -> PerSample | None:
        named = {"smooth": 0.0, "eps": 0.0, "alpha": 0.5, "beta": 0.5, **named_of(dataset), **leaves}
        try:
            with np.errstate(all="ignore"):
                loss = worked_out(lines, named).get("loss")
        except (KeyError, TypeError, ValueError, IndexError):
            return None
        if not isinstance(loss, Traced) or not np.isfinite(loss.value).all():
            return None
        if loss.value.size != len(dataset.losses):
            return PerSample((mistake,), dataset.losses, dataset.denominators, scalar=float(loss.value[0]))
        return PerSample((mistake,), loss.value, dataset.denominators, pullback=lambda up: slopes(loss, up, leaves))

    return LazyHypothesis((mistake,), compute)


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
