"""What usually mends data that do not fit their loss: shapes, labels and scales that were meant otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.engine.layout import shape_text
from losscli.losses.catalogue import losses
from losscli.numerics.sigmoid import sigmoid
from losscli.request.request import Request
from losscli.schema.data import Data, Held, held
from losscli.schema.domains import PROBABILITY, SIGN, Domain
from losscli.schema.loss import Array, InputSpec, Loss
from losscli.schema.records import record
from losscli.schema.settings import spelled
from losscli.verify.diagnosis.activations import softmax
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.targets import MINUS_ONE_FOR_ZERO, NOT_DIVIDED_BY_255, ZERO_FOR_MINUS_ONE

_BYTE = 255.0
_SMALL = 5_000  # elements up to which losses are tried that compare all samples with each other

declare = area("data")
_AXIS_TOO_MANY = declare(
    "axis_of_length_one",
    "S",
    "{role} has shape {shape}, an axis of length 1 too many",
    "squeeze {role} to shape {wanted}",
)
_TRANSPOSED = declare(
    "transposed", "A", "{role} has shape {shape}, and shape {wanted} is meant", "transpose {role}: {role}.T"
)
_CLASSES_LAST = declare(
    "classes_last", "A", "the last axis of {role} holds the classes, where axis 1 is taken for them", "{cure}"
)
_FLAT = declare(
    "flat_scores",
    "A",
    "{role} is flat, and {size} numbers are {samples} samples × {classes} classes",
    "reshape {role} to ({samples}, {classes})",
)
_FLAT_BY_CLASS = declare(
    "flat_scores_by_class",
    "A",
    "{role} is flat, class by class as LightGBM gives it: {size} numbers are {classes} classes × {samples} samples",
    "reshape {role} to ({classes}, {samples}), and transpose it",
    later=1,
)
_SWAPPED = declare(
    "inputs_swapped",
    "A",
    "{first} and {second} stand in each other's place",
    "give {first} first, then {second}",
)
_ONE_HOT_FOR_LABELS = declare(
    "one_hot_for_labels",
    "A",
    "{role} is one-hot, a 1 and zeros in each row, where {loss} wants class indices",
    "take the index of the 1: {role}.argmax(axis=1)",
)
_LABELS_FOR_ONE_HOT = declare(
    "labels_for_one_hot",
    "A",
    "{role} holds class indices, where {loss} wants a row of 0 and 1 for each sample",
    "encode {role} one-hot",
)
_COUNTED_FROM_ONE = declare(
    "labels_counted_from_one",
    "S",
    "the labels count the classes from 1, where 0 is the first class",
    "subtract 1 from each label",
)
_SCORES = declare(
    "scores_for_probabilities",
    "A",
    "{role} holds raw scores (logits), where {loss} wants probabilities",
    "apply {function} to {role} first",
)
_OF_ANOTHER_LOSS = declare(
    "data_of_{other}",
    "B",
    "these are data for {other}, and that is the loss that was computed, not {loss}",
    "name {other}, or give {loss} the data that it wants",
)
SAID = {  # words of a cure that says the same
    _SWAPPED.name: "swapped?",
    _COUNTED_FROM_ONE.name: "counted from 1",
    ZERO_FOR_MINUS_ONE.name: "labels of 0 and 1",
}


@record
class Repair:
    """A mistake in the data, and the request without it."""

    mistake: Mistake
    request: Request


def repairs(request: Request) -> Iterator[Repair]:
    """The data mended in each usual way that may apply, the most usual first. Some will not fit either."""
    for way in (_squeezed, _pictures, _signs, _counted_from_one, _one_hot, _flat, _transposed, _swapped, _scores):
        yield from way(request)


def other_losses(request: Request) -> Iterator[Repair]:
    """Other losses of the same kind, which may take these inputs."""
    loss, arrays = request.loss, list(request.inputs.values())
    if list(request.inputs) != list(loss.roles):
        return
    single = len(arrays[0].shape) < 2  # numbers, which are no row of classes
    small = arrays[0].size <= _SMALL
    for other in losses():
        if other.name == loss.name or len(other.inputs) != len(arrays) or other.of_many:
            continue
        if other.kind != loss.kind and {other.kind, loss.kind} != {"binary", "classification"}:
            continue
        if (single and other.inputs[0].forms[0].axes != "u") or not (other.separable or small):
            continue
        options = {name: value for name, value in request.options.items() if other.option(name) is not None}
        inputs = dict(zip(other.roles, arrays, strict=True))
        mistake = _OF_ANOTHER_LOSS.of(other=other.name, loss=loss.name)
        yield Repair(mistake, replace(request, loss=other, inputs=inputs, options=options))


def without_domains(request: Request) -> Request:
    """The request for a loss whose inputs may be any numbers: what the formula makes of data that do not fit."""

    def widened(spec: InputSpec) -> InputSpec:
        forms = [replace(form, domain=_widened(form.domain)) for form in spec.forms]
        return replace(spec, forms=tuple(forms))

    loss = request.loss
    conventions = {name: replace(convention, domains={}) for name, convention in loss.conventions.items()}
    wide: Loss = replace(loss, inputs=tuple(map(widened, loss.inputs)), conventions=conventions, check=None)
    return replace(request, loss=wide)


def _widened(domain: Domain) -> Domain:
    """Any finite number; class indices stay what they are, since a kernel looks up with them."""
    return domain if domain.index else Domain("a finite number", meaning=domain.meaning)


def _changed(request: Request, changes: Mapping[str, Data]) -> Request:
    return replace(request, inputs={**request.inputs, **changes})


def _numbers(data: Data, change: Callable[[Array], Any]) -> Data:
    """The array with other numbers, in the same places."""
    values = np.asarray(change(np.asarray(data.array(), dtype=np.float64)), dtype=np.float64)
    if values.shape != data.shape:
        return held(values, data.source)
    return replace(data, dtype="float64", store=Held(values), text=None, decimal=False)


def _specs(request: Request) -> Iterator[tuple[InputSpec, Data]]:
    """The inputs that hold numbers."""
    for spec in request.loss.inputs:
        data = request.inputs.get(spec.name)
        if data is not None and not data.words and spec.members is None and data.size:
            yield spec, data


def _squeezed(request: Request) -> Iterator[Repair]:
    shapes = {data.shape for data in request.inputs.values()}
    for spec, data in _specs(request):
        wanted = tuple(length for length in data.shape if length != 1) or (1,)
        if wanted != data.shape and any(len(shape) < len(data.shape) for shape in shapes):
            mistake = _AXIS_TOO_MANY.of(role=spec.name, shape=shape_text(data.shape), wanted=shape_text(wanted))
            store = Held(np.asarray(data.array()).reshape(wanted))
            yield Repair(mistake, _changed(request, {spec.name: replace(data, store=store)}))


def _pictures(request: Request) -> Iterator[Repair]:
    for spec, data in _specs(request):
        domain, values = spec.forms[0].domain, np.asarray(data.array())
        if domain.index or (domain.low, domain.high) != (0.0, 1.0):
            continue
        if 1.0 < values.max() <= _BYTE and values.min() >= 0.0 and np.array_equal(values, np.trunc(values)):
            shown = "0 and 255" if _holds_only(data, 0.0, _BYTE) else "0 to 255"
            mistake = NOT_DIVIDED_BY_255.of(role=spec.name, values=shown)
            yield Repair(mistake, _changed(request, {spec.name: _numbers(data, lambda array: array / _BYTE)}))


def _signs(request: Request) -> Iterator[Repair]:
    for spec, data in _specs(request):
        domain = spec.forms[0].domain
        if domain is SIGN and _holds_only(data, 0.0, 1.0):
            wanted = _numbers(data, lambda array: 2.0 * array - 1.0)
            yield Repair(ZERO_FOR_MINUS_ONE, _changed(request, {spec.name: wanted}))
        elif not domain.index and domain.low == 0.0 and data.array().min() == -1.0 and _holds_only(data, -1.0, 1.0):
            wanted = _numbers(data, lambda array: (array + 1.0) / 2.0)
            yield Repair(MINUS_ONE_FOR_ZERO, _changed(request, {spec.name: wanted}))


def _holds_only(data: Data, low: float, high: float) -> bool:
    values = data.array()
    return bool(((values == low) | (values == high)).all())


def _counted_from_one(request: Request) -> Iterator[Repair]:
    for spec, data in _specs(request):
        if spec.forms[0].domain.index and data.array().min() >= 1:
            yield Repair(_COUNTED_FROM_ONE, _changed(request, {spec.name: _numbers(data, lambda array: array - 1.0)}))


def _one_hot(request: Request) -> Iterator[Repair]:
    """Labels for one-hot rows, and the reverse."""
    first, name = request.inputs[request.loss.roles[0]], request.loss.name
    if len(first.shape) != 2:
        return
    samples, classes = first.shape
    for spec, data in _specs(request):
        values = np.asarray(data.array(), dtype=np.float64)
        if data is first:
            continue
        if values.shape == (samples, classes) and _is_one_hot(values):
            mistake = _ONE_HOT_FOR_LABELS.of(role=spec.name, loss=name)
            yield Repair(mistake, _changed(request, {spec.name: held(values.argmax(axis=1), data.source)}))
        elif values.shape == (samples,) and np.isin(values, np.arange(classes)).all():
            mistake = _LABELS_FOR_ONE_HOT.of(role=spec.name, loss=name)
            rows = held(np.eye(classes)[values.astype(np.intp)], data.source)
            yield Repair(mistake, _changed(request, {spec.name: rows}))


def _is_one_hot(values: Array) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all() and (values.sum(axis=1) == 1.0).all())


def _flat(request: Request) -> Iterator[Repair]:
    """Scores of all classes in one row, beside a label a sample."""
    if len(request.inputs) != 2 or request.loss.inputs[0].forms[0].axes != "u c":
        return
    (name, scores), (_, labels) = request.inputs.items()
    samples = labels.size
    if len(scores.shape) != 1 or labels.shape != (samples,) or not 1 < samples < scores.size or scores.size % samples:
        return
    classes = scores.size // samples
    sizes: dict[str, Any] = {"role": name, "size": scores.size, "samples": samples, "classes": classes}
    array = np.asarray(scores.array())
    for mistake, rows in (
        (_FLAT, array.reshape(samples, classes)),
        (_FLAT_BY_CLASS, array.reshape(classes, samples).T),
    ):
        yield Repair(mistake.of(**sizes), _changed(request, {name: held(rows, scores.source)}))


def _transposed(request: Request) -> Iterator[Repair]:
    for spec, data in _specs(request):
        if len(data.shape) == 2 and data.shape[0] != data.shape[1]:
            wanted = shape_text(data.shape[::-1])
            mistake = _TRANSPOSED.of(role=spec.name, shape=shape_text(data.shape), wanted=wanted)
            turned = replace(held(np.asarray(data.array()).T, data.source), names=())
            yield Repair(mistake, _changed(request, {spec.name: turned}))
    first = request.loss.inputs[0]
    if (
        first.forms[0].axes == "u c"
        and len(request.inputs[first.name].shape) > 2
        and request.settings.class_axis is None
    ):
        mistake = _CLASSES_LAST.of(role=first.name, cure=f"say so: {spelled('class_axis', -1)}")
        yield Repair(mistake, replace(request, settings=replace(request.settings, class_axis=-1)))


def _swapped(request: Request) -> Iterator[Repair]:
    if len(request.loss.roles) == 2 and list(request.inputs) == list(request.loss.roles):
        first, second = request.loss.roles
        given = request.inputs
        mistake = _SWAPPED.of(first=first, second=second)
        yield Repair(mistake, replace(request, inputs={first: given[second], second: given[first]}))


def _scores(request: Request) -> Iterator[Repair]:
    spec = request.loss.inputs[0]
    data, axes = request.inputs[spec.name], spec.forms[0].axes
    if spec.forms[0].domain is not PROBABILITY or data.words:
        return
    rows = axes == "u c" and len(data.shape) == 2
    mistake = _SCORES.of(role=spec.name, loss=request.loss.name, function="softmax" if rows else "sigmoid")
    yield Repair(mistake, _changed(request, {spec.name: _numbers(data, softmax if rows else sigmoid)}))
