"""Predictions seen as something else than they are: probabilities for scores, rows cut in another way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.layout import Layout
from losscli.numerics.sigmoid import sigmoid
from losscli.schema.domains import PROBABILITY, REAL, SCORE
from losscli.schema.loss import Array
from losscli.verify.diagnosis.attempts import Attempt, View, scalar, viewed
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, part

_PAIRS = 2000  # units up to which all pairs are formed

_SOFTMAX_BEFORE = part(
    "softmax_before",
    "S",
    "softmax was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without softmax",
)
_SIGMOID_BEFORE = part(
    "sigmoid_before",
    "S",
    "sigmoid was applied to the scores before the loss, which wants them raw",
    "pass the raw scores (logits), without sigmoid",
)
_SOFTMAX_TWICE = part(
    "softmax_twice",
    "A",
    "softmax was applied to what already are probabilities (from_logits=True in Keras does that)",
    "pass the probabilities as they are",
)
_SIGMOID_TWICE = part(
    "sigmoid_twice",
    "A",
    "sigmoid was applied to what already are probabilities (from_logits=True in Keras does that)",
    "pass the probabilities as they are",
)
_COMPLEMENT = part(
    "complement",
    "A",
    "the probability of a no was passed, one minus that of a yes",
    "pass the probability of a yes",
    later=1,
)
_RECUT = part(
    "reshaped_not_permuted",
    "A",
    "the class axis was moved to the end with reshape (or view), which cuts the numbers into other rows",
    "use permute or moveaxis before reshape",
)
_BROADCAST = part(
    "broadcast",
    "S",
    "predictions (N, 1) met targets (N,): every prediction was compared with every target",
    "give both the same shape, with squeeze or reshape",
)
_ERRORS = part("error_rate", "C", "this is the share of wrong predictions, not a loss", "report the loss")
_ACCURACY = part("accuracy", "C", "this is the share of right predictions, not a loss", "report the loss")


def input_views(case: Case) -> Iterator[Attempt]:
    """What the prediction may have been taken for."""
    role = case.loss.roles[0]
    known = {mistake.name for mistake in case.own}
    for mistake, view in views_of(case):
        if mistake.name not in known:
            yield viewed(case, mistake, role, view)
    yield from _recut(case)
    if "broadcast" not in known:
        yield from _all_pairs(case)
    yield from _accuracy(case)


def views_of(case: Case) -> Iterator[tuple[Part, View]]:
    """Views of the first input that its domain suggests."""
    field = case.bound.inputs[0]
    rows, domain = field.role.axes in ("u c", "u d"), field.role.domain
    scored = domain.meaning == SCORE or domain is REAL
    if case.loss.kind == "classification" and field.role.axes == "u c" and scored:
        yield _SOFTMAX_BEFORE, softmax
    if (case.loss.kind == "binary" or field.role.axes == "u d") and domain.meaning == SCORE:
        yield _SIGMOID_BEFORE, lambda logits: np.asarray(sigmoid(logits))
    if domain is PROBABILITY and rows:
        yield _SOFTMAX_TWICE, softmax
    elif domain is PROBABILITY and case.loss.kind == "binary":
        yield _SIGMOID_TWICE, lambda p: np.asarray(sigmoid(p))
        yield _COMPLEMENT, lambda p: 1.0 - p


def softmax(scores: Array) -> Array:
    """Rows of scores as probabilities, the usual way."""
    powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _recut(case: Case) -> Iterator[Attempt]:
    """view(-1, C) where a permute was needed: rows cut from memory as it lies."""
    layout = case.bound.layout
    if not isinstance(layout, Layout) or layout.axis is None or layout.inner == 1:
        return
    field = case.bound.inputs[0]

    def view(_: Array) -> Array:
        rows: Array = field.data.store.flat(0, field.data.size).astype(np.float64).reshape(-1, layout.length)
        return rows if case.kept is None else rows[case.kept]

    yield viewed(case, _RECUT, field.name, view)


def _all_pairs(case: Case) -> Iterator[Attempt]:
    """(N, 1) against (N,): every prediction compared with every target."""
    inputs = case.bound.inputs
    if len(inputs) != 2 or any(field.role.axes != "u" for field in inputs) or case.bound.unit_options:
        return
    if not 1 < case.units <= _PAIRS or len(case.shape) > 2 or case.kept is not None:
        return
    if len(case.shape) == 2 and case.shape[1] != 1:
        return

    def value() -> float:
        one, other = (case.argument(field.name) for field in inputs)
        pairs = {inputs[0].name: np.repeat(one, len(one)), inputs[1].name: np.tile(other, len(one))}
        losses = case.kernel_of({**case.arguments, **pairs})
        return float(losses.sum() if case.bound.reduction == "sum" else losses.mean())

    yield scalar(case, _BROADCAST, value)


def _accuracy(case: Case) -> Iterator[Attempt]:
    """A share of right or wrong predictions, reported as a loss."""
    target, scores = case.arguments.get("target"), case.argument(case.loss.roles[0])
    if not isinstance(target, np.ndarray) or target.ndim != 1 or not target.size:
        return
    if scores.ndim == 2 and case.labels is not None:
        right = scores.argmax(axis=1) == target
    elif scores.ndim == 1 and case.loss.kind == "binary" and np.isin(target, (-1.0, 0.0, 1.0)).all():
        middle = 0.5 if case.bound.inputs[0].role.domain is PROBABILITY else 0.0
        right = (scores >= middle) == (target > 0.0)
    else:
        return
    share = float(right.mean())
    yield scalar(case, _ERRORS, lambda: 1.0 - share)
    yield scalar(case, _ACCURACY, lambda: share)
