"""Probabilities kept off 0 and 1, which shows only where one is extreme; the constant then names the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log

import numpy as np
from numpy.typing import NDArray

from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, with_losses, with_rows, with_view
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area
from losscli.verify.diagnosis.orders import usual_orders

_FLOAT32 = float(np.finfo(np.float32).eps)
_FLOAT64 = float(np.finfo(np.float64).eps)
# The bound, and who has it
_BOUNDS: tuple[tuple[float, str], ...] = (
    (1e-7, "Keras"),
    (_FLOAT64, "scikit-learn from 1.2 on, in float64"),
    (1e-15, "scikit-learn up to 1.1"),
    (_FLOAT32, "scikit-learn in float32, and Theano"),
    (1e-8, ""),
    (1e-12, ""),
    (1e-10, ""),
    (1e-9, ""),
    (1e-6, ""),
    (1e-5, ""),
    (1e-4, ""),
    (1e-3, ""),
    (0.01, ""),
    (0.02, ""),
    (0.025, ""),
    (0.05, ""),
)
_SMALL = 1e-4  # the largest that people add under a logarithm, or cut distributions off at
_TORCH_FLOOR = 100.0
_TF_KERAS = 1e-7

declare = area("clipping")
_CLIPPED = declare(
    "clipped_at_{bound}",
    "S",
    "probabilities were cut off at {bound} and 1 - {bound}{whose}: a sure and wrong answer then costs {cost}",
    "do not clip, or compare under the convention that does",
)
_ADDED = declare(
    "added_{bound}",
    "A",
    "{bound} was added to the probabilities before the logarithm was taken",
    "take the logarithm of the probability itself",
)
_CLIPPED_AND_ADDED = declare(
    "clipped_and_added_1e-07",
    "A",
    "probabilities were cut off at 1e-7, and 1e-7 was added to them, as in tf.keras 2: a sure and wrong answer then"
    " costs 15.4249",
    "do not clip, or compare under the convention keras",
    later=1,
)
_THRESHOLDED = declare(
    "thresholded",
    "B",
    "predictions were rounded to 0 and 1 first, so that each wrong one costs {cost}, as in {maker}",
    "pass the probabilities, not the predicted classes",
)


def clips(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """What bounds make of extreme probabilities: stated ones, or those that scores stand for."""
    field = dataset.bound.inputs[0]
    if field.role.domain is PROBABILITY and dataset.in_nats:
        yield from _of_probabilities(dataset, field.name)
        if dataset.loss.kind == "binary":
            yield from _thresholded(dataset, field.name)
    elif dataset.table is not None and dataset.losses.size:
        yield from _of_labels(dataset)


def _clipped(bound: float, maker: str, cost: float, count: int, units: int, later: int) -> Mistake:
    whose = f", as in {maker}" if maker else ""
    reached = f"{count} of {units} reach it" if count else ""
    later += 0 if maker else TIERS["A"]
    return _CLIPPED.of(later=later, numbers=reached, bound=f"{bound:.3g}", whose=whose, cost=f"{cost:.6g}")


def _added(bound: float, later: int) -> Mistake:
    return _ADDED.of(later=later, bound=f"{bound:.3g}")


def _of_probabilities(dataset: Dataset, role: str) -> Iterator[LazyHypothesis]:
    p = dataset.argument(role)
    if not p.size:
        return
    truth = dataset.argument("target") if dataset.loss.kind == "binary" else None
    least = float(min(p.min(), (1.0 - p).min()))
    for at, (bound, maker) in enumerate(_BOUNDS):
        if bound > _SMALL and dataset.loss.kind == "divergence":
            return
        if least < bound:
            extreme = (p < bound) | (1.0 - p < bound)
            mistake = _clipped(bound, maker, -log(bound), int(extreme.sum()), p.size, 1 if at < 2 else 2)
            yield with_rows(dataset, mistake, role, _clip_at(bound), np.any(extreme.reshape(len(p), -1), axis=1))
        if least < 1e3 * bound <= 1e3 * _SMALL:
            yield with_view(dataset, _added(bound, 1 + (at > 2)), role, _add(bound, truth))
    if least < _TF_KERAS:
        clip, add = _clip_at(_TF_KERAS), _add(_TF_KERAS, truth)
        yield with_view(dataset, _CLIPPED_AND_ADDED, role, lambda p: add(clip(p)))


def _of_labels(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Bounds on the softmax that the loss is the logarithm of: its own losses, cut off."""
    labels = dataset.labels
    if labels is None or dataset.table is None:
        return
    plain = dataset.table[np.arange(len(labels)), labels]
    if not np.isfinite(plain).all():
        return
    for at, (bound, maker) in enumerate(_BOUNDS):
        low, high = -np.log1p(-bound), -log(bound)
        if plain.max(initial=0.0) > high or plain.min(initial=1.0) < low:
            count = int(np.count_nonzero(plain > high))
            mistake = _clipped(bound, maker, high, count, plain.size, 1 if at < 2 else 2)
            yield with_losses(dataset, mistake, np.clip(plain, low, high))
        if bound <= _SMALL and plain.max(initial=0.0) > -log(1e3 * bound):
            yield with_losses(dataset, _added(bound, 1 + (at > 2)), -np.log(np.exp(-plain) + bound))


def clipped_in_other_order(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Columns in another order, which makes sure and wrong answers of sure and right ones, and a library's bound."""
    labels, table = dataset.labels, dataset.table
    if labels is None or table is None or dataset.denominators is not None or not dataset.in_nats:
        return
    for order, moved in usual_orders(dataset.classes):
        losses = table[np.arange(len(labels)), np.array(moved, np.intp)[labels]]
        for bound, maker in _BOUNDS[:4]:
            low, high = -np.log1p(-bound), -log(bound)
            reached = int(np.count_nonzero(losses > high))
            if reached:
                clip = _clipped(bound, maker, high, reached, losses.size, 1)
                yield _two(order, clip, np.clip(losses, low, high))


def _two(order: Mistake, clip: Mistake, losses: Array) -> LazyHypothesis:
    return LazyHypothesis((order, clip), lambda: PerSample((order, clip), losses), passes=False)


def _clip_at(bound: float) -> Callable[[Array], Array]:
    return lambda p: np.clip(p, bound, 1.0 - bound)


def _add(bound: float, truth: Array | None) -> Callable[[Array], Array]:
    """Raises the probability of what is true; with two answers that of a no is 1 - p."""
    if truth is None:
        return lambda p: np.minimum(p + bound, 1.0)
    return lambda p: np.clip(p + np.where(truth < 0.5, -bound, bound), 0.0, 1.0)


def _thresholded(dataset: Dataset, role: str) -> Iterator[LazyHypothesis]:
    """Predictions rounded to 0 and 1: each error then costs all that the library's bound allows."""
    p, target = dataset.argument(role), dataset.argument("target")
    if not p.size or not np.isin(target, (0.0, 1.0)).all() or np.isin(p, (0.0, 1.0)).all():
        return
    yes = target == 1.0
    wrong = int(np.count_nonzero((p >= 0.5) != yes))
    libraries = ((maker.split(" in ")[0], bound) for bound, maker in _BOUNDS[:4])
    for maker, bound in (("PyTorch", 0.0), *libraries):
        cost = -log(bound) if bound else _TORCH_FLOOR
        mistake = _THRESHOLDED.of(numbers=f"{wrong} of {p.size} are wrong", cost=f"{cost:.6g}", maker=maker)
        yield _with_lazy_losses(dataset, mistake, p, yes, bound)


def _with_lazy_losses(
    dataset: Dataset, mistake: Mistake, p: Array, yes: NDArray[np.bool_], bound: float
) -> LazyHypothesis:
    def compute() -> PerSample | None:
        return with_losses(dataset, mistake, _of_hard(p >= 0.5, yes, bound)).compute()

    return LazyHypothesis((mistake,), compute)


def _of_hard(predicted: NDArray[np.bool_], yes: NDArray[np.bool_], bound: float) -> Array:
    """What predictions of 0 and 1 cost, cut off at a bound of float64: 1 - (1 - bound) is not quite the bound."""
    if not bound:
        return np.where(predicted == yes, 0.0, _TORCH_FLOOR)
    p = np.clip(predicted.astype(np.float64), bound, 1.0 - bound)
    return -np.log(np.where(yes, p, 1.0 - p))
