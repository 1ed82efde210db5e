"""Slips in the chain rule: the slope of an activation too much or missing, entries that were left out or not zeroed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.engine.arrays import Field
from losscli.engine.chunks import MisfitError, load
from losscli.numerics.sigmoid import sigmoid
from losscli.schema.domains import CHANCE, LOG, SCORE
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.inputs.activations import softmax, usual_views
from losscli.verify.diagnosis.mistakes import Mistake, area

Slip = tuple[Mistake, Array]  # and the slopes of the units that count, as a kernel gives them

declare = area("gradient")
_OF_SCORE = declare(
    "gradient_of_score",
    "S",
    "this is the gradient with respect to the score, from which {activation} makes {role}, not with respect to {role}",
    "leave out the slope of {activation}: the loss takes {what}",
)
_OF_PROBABILITY = declare(
    "gradient_of_probability",
    "S",
    "this is the gradient with respect to the probability, not with respect to {role}, which is {what}",
    "multiply by the slope of {activation}",
)
_OF_LOGARITHM = declare(
    "gradient_of_log_{role}",
    "A",
    "this is the gradient with respect to the logarithm of {role}, not to {role}",
    "divide by {role}",
)
_ACTIVATION_AGAIN = declare(
    "slope_of_activation_twice",
    "S",
    "the gradient was multiplied by the slope of {activation} once more: {formula}",
    "leave that factor out: the gradient with respect to the scores has it already",
    later=1,
)
_DIAGONAL = declare(
    "softmax_diagonal_only",
    "S",
    "only the diagonal p (1 - p) of softmax' derivative was taken: what a score does to the other classes is missing",
    "add -pᵢ pⱼ for every other class",
)
_OTHERS_LEFT_OUT = declare(
    "other_classes_left_out",
    "S",
    "only the true class has a slope; those of the other classes were left out",
    "each score has a slope, not that of the true class alone",
    later=1,
)
_TRUE_CLASS_LEFT_OUT = declare(
    "true_class_slope_left_out",
    "S",
    "the slope of the true class was left out, those of the other classes are right",
    "add the slope of the true class",
    later=1,
)
_SUBTRACTED_ONCE = declare(
    "true_class_subtracted_once",
    "A",
    "the slope of the true class was counted once{where}, not once for each class that lacks its margin",
    "multiply it by the number of classes that lack their margin",
)
_PRODUCT = declare(
    "product_for_difference",
    "A",
    "p·t - t was taken for p - t: where the target is 0, no slope is left",
    "take the target from p itself",
    later=1,
)
_SIGN_LEFT_OUT = declare(
    "sign_left_out",
    "A",
    "every slope is positive: the sign was left out",
    "give each slope the sign that it has",
    later=1,
)
_NOT_ZEROED = declare(
    "rows_not_zeroed",
    "S",
    "the rows that are ignored ({rows} of {all}) have a slope{as_if}: the mask was forgotten in the backward pass",
    "set the gradient of ignored rows to 0",
)


@record
class _Slopes:
    """One input's slopes as the kernel has them, and the data that they belong to."""

    dataset: Dataset
    field: Field
    up: Array
    right: Array

    @property
    def entries(self) -> Array:
        return self.dataset.argument(self.field.name)

    @property
    def by_class(self) -> bool:
        """Whether there is a row a unit of which softmax makes probabilities."""
        return self.field.role.axes == "u c" and self.entries.ndim == 2 and self.dataset.loss.kind == "classification"

    @property
    def hot(self) -> Array | None:
        labels = self.dataset.labels
        if labels is None or self.right.ndim != 2 or self.right.shape[1] < 2:
            return None
        return np.eye(self.right.shape[1])[labels]

    @property
    def over(self) -> Array:
        """The derivative of the value by each loss, beside the entries."""
        return self.up.reshape(-1, *([1] * (self.right.ndim - 1)))


def slips(dataset: Dataset, role: str, up: Array, right: Array) -> Iterator[Slip]:
    """The right slopes with one link of the chain rule too much, or missing."""
    field = next(field for field in dataset.bound.inputs if field.name == role)
    if field.member_of:
        return
    slopes = _Slopes(dataset, field, up, right)
    if field.member_of or slopes.entries.shape != right.shape:
        return
    match field.role.domain.meaning:
        case meaning if meaning == SCORE:
            yield from _of_scores(slopes)
        case meaning if meaning == CHANCE:
            yield from _of_probabilities(slopes)
        case meaning if meaning == LOG:
            yield from _of_logarithms(slopes)
    if field.role.domain.low == 0.0 and not field.role.domain.meaning:
        yield _OF_LOGARITHM.of(role=role), right * slopes.entries
    yield from _views(slopes)
    yield from _of_classes(slopes)
    if (right < 0.0).any():
        yield _SIGN_LEFT_OUT, np.abs(right)
    yield from _not_zeroed(slopes)


def through_softmax(p: Array, slopes: Array) -> Array:
    """Slopes with respect to the scores of which softmax made p."""
    return np.asarray(p * (slopes - (p * slopes).sum(axis=1, keepdims=True)))


def _of_scores(slopes: _Slopes) -> Iterator[Slip]:
    x, right = slopes.entries, slopes.right
    said: dict[str, Any] = {"role": slopes.field.name, "what": "a score"}
    if not slopes.by_class:
        p = np.asarray(sigmoid(x))
        slope = p * np.asarray(sigmoid(-x))
        yield _ACTIVATION_AGAIN.of(activation="the sigmoid", formula="p (1 - p)"), right * slope
        yield _OF_PROBABILITY.of(activation="the sigmoid, p (1 - p)", **said), right / slope
    else:
        p = softmax(x)
        again = _ACTIVATION_AGAIN
        yield again.of(activation="the activation", formula="p (1 - p), element by element"), right * p * (1.0 - p)
        yield again.of(activation="softmax", formula="its whole matrix"), through_softmax(p, right)
        if (of_p := _before_softmax(slopes, p)) is not None:
            yield _OF_PROBABILITY.of(activation="softmax", **said), of_p
            yield _DIAGONAL, of_p * p * (1.0 - p)
    truth = slopes.hot if slopes.by_class and slopes.hot is not None else slopes.dataset.arguments.get("target")
    if isinstance(truth, np.ndarray) and truth.shape == p.shape and _alike(right, slopes.over * (p - truth)):
        yield _PRODUCT, slopes.over * (p * truth - truth)


def _before_softmax(slopes: _Slopes, p: Array) -> Array | None:
    """Slopes with respect to the probabilities, where they follow from those of the scores."""
    if slopes.hot is not None:  # the loss depends on the probability of the true class alone
        hot = slopes.hot
        others = np.where(hot == 1.0, 0.0, slopes.right / p)
        if _alike(others, np.where(hot == 1.0, 0.0, others.sum(axis=1, keepdims=True) / (hot.shape[1] - 1))):
            return hot * slopes.right / (p * (1.0 - p))
        return None
    truth = slopes.dataset.arguments.get("target")
    if isinstance(truth, np.ndarray) and truth.shape == p.shape and _alike(slopes.right, slopes.over * (p - truth)):
        return -slopes.over * truth / p
    return None


def _of_probabilities(slopes: _Slopes) -> Iterator[Slip]:
    p, right = slopes.entries, slopes.right
    said: dict[str, Any] = {"role": slopes.field.name, "what": "probabilities"}
    if slopes.by_class:
        yield _OF_SCORE.of(activation="softmax", **said), through_softmax(p, right)
        yield _DIAGONAL, right * p * (1.0 - p)
    else:
        yield _OF_SCORE.of(activation="the sigmoid", **said), right * p * (1.0 - p)
    yield _OF_LOGARITHM.of(role=slopes.field.name), right * p


def _of_logarithms(slopes: _Slopes) -> Iterator[Slip]:
    p, right, name = np.exp(slopes.entries), slopes.right, slopes.field.name
    yield _OF_PROBABILITY.of(role=name, what="its logarithm", activation="the exponential, p"), right / p
    rows = slopes.dataset.shape[-1] if right.ndim == 1 and len(slopes.dataset.shape) > 1 else right.shape[-1]
    if (right.ndim == 2 or rows != right.size) and not right.size % rows:
        by_row = right.reshape(-1, rows)
        of_score = by_row - p.reshape(-1, rows) * by_row.sum(axis=1, keepdims=True)
        yield _OF_SCORE.of(role=name, what="log-probabilities", activation="log softmax"), of_score.reshape(right.shape)


def _views(slopes: _Slopes) -> Iterator[Slip]:
    """The slopes of a first input that went through an activation: with its slope, and without."""
    dataset, role = slopes.dataset, slopes.field.name
    if role != dataset.loss.roles[0]:
        return
    for mistake, view in usual_views(dataset):
        seen = view(slopes.entries.copy())
        try:
            slope = dataset.slopes_with({role: seen.copy()}, slopes.up)[role]
        except (ValueError, IndexError, TypeError):
            continue
        activation = mistake.name.partition("_")[0]
        if activation == "complement":
            yield mistake, -slope
            continue
        through = through_softmax(seen, slope) if activation == "softmax" else slope * seen * (1.0 - seen)
        yield mistake, through
        yield replace(mistake, text=f"{mistake.text}; and the slope of that {activation} was left out"), slope


def _of_classes(slopes: _Slopes) -> Iterator[Slip]:
    """The slopes of the true class alone, or without it, or counted once."""
    hot, right = slopes.hot, slopes.right
    if hot is None:
        return
    yield _OTHERS_LEFT_OUT, right * hot
    others = right * (1.0 - hot)
    yield _TRUE_CLASS_LEFT_OUT, others
    each = others / np.where(slopes.over == 0.0, 1.0, slopes.over)
    largest = float(np.abs(each).max(initial=0.0))
    if largest and _alike(np.abs(each), np.where(each == 0.0, 0.0, largest)):
        once = -largest * slopes.over * hot
        yield _SUBTRACTED_ONCE.of(where=", in rows that cost nothing too"), others + once
        yield _SUBTRACTED_ONCE.of(where=""), others + np.where(right == 0.0, 0.0, once)


def _not_zeroed(slopes: _Slopes) -> Iterator[Slip]:
    """Slopes of ignored rows: with the labels that they have, or as if they had none."""
    dataset, role = slopes.dataset, slopes.field.name
    kept = dataset.kept
    if kept is None or dataset.bound.ignored is None:
        return
    said: dict[str, Any] = {"rows": int((~kept).sum()), "all": len(kept)}
    whole = np.zeros((dataset.units, *slopes.right.shape[1:]))
    whole[kept] = slopes.right
    option = "ignore_index"
    rest = {name: value for name, value in dataset.request.options.items() if name != option}
    bound = dataset.bound_with(options=rest) if option in dataset.request.options else None
    if bound is not None:
        try:
            chunk = load(bound, 0, dataset.units)
            up = dataset.over * (np.ones(dataset.units) if chunk.weight is None else chunk.weight)
            every = dataset.slopes_of(bound, up)[role] if chunk.kept is None else None
        except (LossError, MisfitError, ValueError, IndexError):
            every = None
        if every is not None and every.shape == whole.shape:
            whole[~kept] = every[~kept]
            yield _NOT_ZEROED.of(as_if="", **said), whole
    if slopes.by_class and role == dataset.loss.roles[0] and slopes.hot is not None:
        p = softmax(slopes.entries)
        if slopes.field.role.domain.meaning == SCORE and _alike(slopes.right, slopes.over * (p - slopes.hot)):
            alone = whole.copy()
            alone[~kept] = softmax(dataset.whole)[~kept] * dataset.over
            yield _NOT_ZEROED.of(as_if=", softmax itself, since no class is theirs", **said), alone


def _alike(left: Array, right: Array) -> bool:
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-9, atol=1e-12 * np.abs(right).max()))
