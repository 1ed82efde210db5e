"""Scores made probabilities in another way than the loss does, once more, or not at all; predictions made classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from losscli.numerics.sigmoid import sigmoid
from losscli.schema.domains import PROBABILITY, REAL, SCORE, SIGN
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Labels, LazyHypothesis, PerSample, View, with_view
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area

_TEMPERATURES = (2.0, 0.5, 10.0, 0.1, 4.0, 5.0, 3.0, 20.0)
_SAME = 1e-9

declare = area("activation")
_SOFTMAX_BEFORE = declare(
    "softmax_before",
    "S",
    "softmax was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without softmax",
)
_SIGMOID_BEFORE = declare(
    "sigmoid_before",
    "S",
    "sigmoid was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without sigmoid",
)
_SOFTMAX_TWICE = declare(
    "softmax_twice",
    "A",
    "softmax was applied to what already are probabilities{as_keras}",
    "pass the probabilities as they are",
)
_SIGMOID_TWICE = declare(
    "sigmoid_twice",
    "A",
    "sigmoid was applied to what already are probabilities{as_keras}",
    "pass the probabilities as they are",
)
_COMPLEMENT = declare(
    "complement",
    "A",
    "one minus the probability was passed: that of a no, where that of a yes is meant",
    "pass the probability of a yes",
    later=1,
)
_OTHER_AXIS = declare(
    "softmax_over_{what}",
    "A",
    "softmax went over {words}, not over the classes",
    "take softmax along the class axis (dim=1)",
)
_SIGMOID_FOR_SOFTMAX = declare(
    "sigmoid_for_softmax",
    "B",
    "a sigmoid was applied to the true class's score alone, where a softmax over the classes is meant",
    "use softmax: the classes exclude each other",
)
_SOFTMAX_FOR_SIGMOID = declare(
    "softmax_for_sigmoid",
    "A",
    "a softmax over {words} was taken in place of the sigmoid of each score",
    "use a sigmoid: each score is a yes or no of its own",
)
_TEMPERATURE = declare(
    "temperature_{temperature}",
    "B",
    "the scores were divided by a temperature of {temperature} before the loss",
    "leave the scores as they are, or give both sides the same temperature",
)
_SIGN_OF_SCORES = declare(
    "sign_of_scores",
    "A",
    "the sign of the scores is turned round",
    "pass the scores, not minus the scores",
    later=2,
)
_HARDENED = declare(
    "predictions_hardened",
    "A",
    "the predicted classes, {values}, were passed in place of the {scores}",
    "pass the {scores} themselves",
)


def activations(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What becomes of the losses if the first input passed through another function on its way."""
    field = dataset.bound.inputs[0]
    known = {mistake.name for mistake in dataset.own}
    for mistake, view in (*usual_views(dataset), *_views(dataset)):
        if mistake.name not in known:
            yield with_view(dataset, mistake, field.name, view)
    if dataset.labels is not None and field.role.axes == "u c" and field.role.domain.meaning == SCORE:
        for mistake, chances in _of_the_true_class(dataset, dataset.labels):
            if mistake.name not in known:
                yield _with_chances(dataset, mistake, chances)


def usual_views(dataset: Dataset) -> Iterator[tuple[Mistake, View]]:
    """An activation too much, as the domain of the first input suggests."""
    field, binary = dataset.bound.inputs[0], dataset.loss.kind == "binary"
    rows, domain = field.role.axes in ("u c", "u d"), field.role.domain
    scored = domain.meaning == SCORE or domain is REAL
    if dataset.loss.kind == "classification" and rows and scored:
        yield _SOFTMAX_BEFORE, softmax
    if (binary or field.role.axes == "u d") and domain.meaning == SCORE:
        yield _SIGMOID_BEFORE, lambda logits: np.asarray(sigmoid(logits))
    if domain is PROBABILITY and rows:
        yield _SOFTMAX_TWICE.of(as_keras=_as_keras(dataset)), softmax
    elif domain is PROBABILITY and (binary or dataset.loss.kind == "segmentation"):
        yield _SIGMOID_TWICE.of(as_keras=_as_keras(dataset)), lambda p: np.asarray(sigmoid(p))
        yield _COMPLEMENT, lambda p: 1.0 - p


def _views(dataset: Dataset) -> Iterator[tuple[Mistake, View]]:
    """Rarer functions of the first input, by what its numbers mean."""
    field, kind = dataset.bound.inputs[0], dataset.loss.kind
    if field.role.domain.meaning == SCORE and kind in ("binary", "classification"):
        yield from _of_scores(dataset, field.role.axes)
    elif field.role.domain is PROBABILITY and field.role.axes in ("u c", "u d"):
        yield _COMPLEMENT.of(later=2), lambda p: 1.0 - p
        if not dataset.in_nats:
            yield _HARDENED.of(values="1 for the most likely and 0 for the others", scores="probabilities"), _largest
    elif field.role.domain is PROBABILITY and not dataset.in_nats and kind in ("binary", "segmentation"):
        yield _HARDENED.of(values="0 and 1", scores="probabilities"), lambda p: np.where(p < 0.5, 0.0, 1.0)


def _of_scores(dataset: Dataset, axes: str) -> Iterator[tuple[Mistake, View]]:
    if axes == "u c":
        yield _SIGMOID_BEFORE.of(later=TIERS["A"]), lambda x: np.asarray(sigmoid(x))
        yield (
            _HARDENED.of(later=3, values="1 for the largest score and 0 for the others", scores="scores"),
            _largest,
        )
    elif axes == "u d":
        yield _SOFTMAX_FOR_SIGMOID.of(words="the classes"), lambda x: _logit(softmax(x))
    else:
        for axis, words in _axes(dataset):
            yield _SOFTMAX_FOR_SIGMOID.of(words=words), _along(dataset, axis, _logit)
            yield _SOFTMAX_BEFORE.of(later=TIERS["A"]), _along(dataset, axis)
        if any(field.role.domain is SIGN for field in dataset.bound.inputs):
            yield _HARDENED.of(values="-1 and 1", scores="scores"), lambda x: np.where(x < 0.0, -1.0, 1.0)
        else:
            yield _HARDENED.of(later=3, values="0 and 1", scores="scores"), lambda x: np.where(x < 0.0, 0.0, 1.0)
    yield _SIGN_OF_SCORES, lambda x: -x
    for at, temperature in enumerate(_TEMPERATURES):
        yield _TEMPERATURE.of(later=min(at, 2), temperature=f"{temperature:g}"), _divided(temperature)


def _as_keras(dataset: Dataset) -> str:
    """What does that in Keras, for who uses it."""
    return ", as from_logits=True does" if dataset.bound.convention.name == "keras" else ""


def softmax(scores: Array, axis: int | None = 1) -> Array:
    """Exponentials as shares of their sum along an axis, or of all."""
    powers: Array = np.exp(scores - scores.max(axis=axis, keepdims=True))
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers


def _logit(p: Array) -> Array:
    return np.asarray(np.log(p) - np.log1p(-p))


def _largest(rows: Array) -> Array:
    """1 where a row is largest."""
    hard = np.zeros(rows.shape)
    hard[np.arange(len(rows)), rows.argmax(axis=1)] = 1.0
    return hard


def _divided(temperature: float) -> View:
    return lambda x: x / temperature


def _axes(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """The axes of single scores that somebody may take for the classes."""
    if dataset.kept is not None:
        return
    if len(dataset.shape) > 1 and dataset.shape[-1] > 1:
        yield len(dataset.shape) - 1, "the last axis"
    if dataset.shape and dataset.shape[0] > 1:
        yield 0, "the samples"


def _along(dataset: Dataset, axis: int, then: View = lambda p: p) -> View:
    """Softmax along an axis of the units, and what is made of that."""
    return lambda values: then(softmax(values.reshape(dataset.shape), axis).reshape(-1))


def _of_the_true_class(dataset: Dataset, labels: Labels) -> Iterator[tuple[Mistake, Callable[[], Array]]]:
    """Other probabilities of the true class."""
    rows, role = np.arange(len(labels)), dataset.bound.inputs[0].name
    units = rows if dataset.kept is None else np.flatnonzero(dataset.kept)

    def over(axis: int | None) -> Callable[[], Array]:
        def chances() -> Array:
            scores = dataset.whole.reshape(*dataset.shape, -1)
            return softmax(scores, axis).reshape(dataset.units, -1)[units, labels]

        return chances

    for axis, what, words in _other_axes(dataset):
        yield _OTHER_AXIS.of(what=what, words=words, later=int(axis is None)), over(axis)
    yield _SIGMOID_FOR_SOFTMAX, lambda: np.asarray(sigmoid(dataset.argument(role)[rows, labels]))
    yield _COMPLEMENT.of(later=2), lambda: 1.0 - softmax(dataset.argument(role))[rows, labels]


def _with_chances(dataset: Dataset, mistake: Mistake, chances: Callable[[], Array]) -> LazyHypothesis:
    def compute() -> PerSample | None:
        losses = _losses_of(dataset, chances())
        return None if losses is None else PerSample((mistake,), losses, dataset.denominators)

    return LazyHypothesis((mistake,), compute)


def _other_axes(dataset: Dataset) -> Iterator[tuple[int | None, str, str]]:
    """The axes that are no classes, with a name and in words; None for all numbers."""
    last = len(dataset.shape) - 1
    for axis in range(last + 1):
        if axis == 0:
            yield axis, "samples", "the samples (axis 0)"
        elif axis == last:
            yield axis, "last_axis", "the last axis"
        else:
            yield axis, f"axis_{axis + 1}", f"axis {axis + 1}"
    if dataset.shape:
        yield None, "everything", "all numbers of the array at once"


def _losses_of(dataset: Dataset, chances: Array) -> Array | None:
    """The losses with other probabilities of the true class; None where they are no function of that alone."""
    labels = dataset.labels
    if labels is None:
        return None
    own = softmax(dataset.argument(dataset.loss.roles[0]), 1)[np.arange(len(labels)), labels]
    plain, other = _of_two(dataset, own), _of_two(dataset, chances)
    if plain is None or other is None or not (plain > 0.0).all():
        return None
    times = dataset.losses / plain
    of_class = np.full(dataset.classes, np.nan)
    of_class[labels] = times
    return other * times if np.allclose(of_class[labels], times, rtol=_SAME, atol=0.0) else None


def _of_two(dataset: Dataset, chances: Array) -> Array | None:
    """The unweighted losses of two classes, the first of which is true and has these probabilities."""
    no_weights = {spec.name: None for spec in dataset.loss.options if spec.option.axes == "c"}
    scores = np.log(np.stack([chances, 1.0 - chances], axis=1))
    return dataset.with_changes(
        {dataset.loss.roles[0]: scores, "target": np.zeros(len(chances), np.intp), **no_weights}
    )
