"""Probabilities kept off 0 and 1, which shows only where one is extreme; the constant then names the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log

import numpy as np

from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array
from losscli.verify.diagnosis.attempts import Attempt, instead, scalar, viewed
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, part

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
)
_TORCH_FLOOR = 100.0
_TF_KERAS = 1e-7


def clips(case: Case) -> Iterator[Attempt]:
    """What bounds make of extreme probabilities: stated ones, or those that scores stand for."""
    field = case.bound.inputs[0]
    if field.role.domain is PROBABILITY and case.in_nats:
        yield from _of_probabilities(case, field.name)
        if case.loss.kind == "binary":
            yield from _thresholded(case, field.name)
    elif case.table is not None and case.losses.size:
        yield from _of_labels(case)


def _clipped(bound: float, maker: str, cost: float, count: int, units: int, later: int) -> Part:
    whose = f", as in {maker}" if maker else ""
    return part(
        f"clipped_at_{bound:.3g}",
        "S" if maker else "A",
        f"probabilities were cut off at {bound:.3g} and 1 - {bound:.3g}{whose}: a sure and wrong answer then costs"
        f" {cost:.6g}",
        "do not clip, or compare under the convention that does",
        later=later,
        numbers=f"{count} of {units} reach it" if count else "",
    )


def _added(bound: float, later: int) -> Part:
    return part(
        f"added_{bound:.3g}",
        "A",
        f"{bound:.3g} was added to the probabilities before the logarithm was taken",
        "take the logarithm of the probability itself",
        later=later,
    )


def _of_probabilities(case: Case, role: str) -> Iterator[Attempt]:
    p = case.argument(role)
    if not p.size:
        return
    least = float(min(p.min(), (1.0 - p).min()))
    for at, (bound, maker) in enumerate(_BOUNDS):
        if least < bound:
            count = int(np.count_nonzero((p < bound) | (1.0 - p < bound)))
            mistake = _clipped(bound, maker, -log(bound), count, p.size, 1 if at < 2 else 2)
            yield viewed(case, mistake, role, _clip_at(bound), passes=False)
        if least < 1e3 * bound:
            yield viewed(case, _added(bound, 1 + (at > 2)), role, _add(bound), passes=False)
    if least < _TF_KERAS:
        mistake = part(
            "clipped_and_added_1e-07",
            "A",
            "probabilities were cut off at 1e-7, and 1e-7 was added to them, as in tf.keras 2: a sure and wrong answer"
            " then costs 15.4249",
            "do not clip, or compare under the convention keras",
            later=1,
        )
        yield viewed(case, mistake, role, lambda p: np.minimum(np.clip(p, 1e-7, 1.0 - 1e-7) + 1e-7, 1.0), passes=False)


def _of_labels(case: Case) -> Iterator[Attempt]:
    """Bounds on the softmax that the loss is the logarithm of: its own losses, cut off."""
    labels = case.labels
    if labels is None or case.table is None:
        return
    plain = case.table[np.arange(len(labels)), labels]
    if not np.isfinite(plain).all():
        return
    for at, (bound, maker) in enumerate(_BOUNDS):
        low, high = -np.log1p(-bound), -log(bound)
        if plain.max(initial=0.0) > high or plain.min(initial=1.0) < low:
            count = int(np.count_nonzero(plain > high))
            mistake = _clipped(bound, maker, high, count, plain.size, 1 if at < 2 else 2)
            yield instead(case, mistake, _weighed(case, np.clip(plain, low, high)))
        if plain.max(initial=0.0) > -log(1e3 * bound):
            surprise = -np.log(np.exp(-plain) + bound)
            yield instead(case, _added(bound, 1 + (at > 2)), _weighed(case, surprise))


def _weighed(case: Case, plain: Array) -> Callable[[], Array]:
    return lambda: plain if case.shares is None else plain * case.shares


def _clip_at(bound: float) -> Callable[[Array], Array]:
    return lambda p: np.clip(p, bound, 1.0 - bound)


def _add(bound: float) -> Callable[[Array], Array]:
    return lambda p: np.minimum(p + bound, 1.0)


def _thresholded(case: Case, role: str) -> Iterator[Attempt]:
    """Predictions rounded to 0 and 1: each error then costs all that the library's bound allows."""
    p, target = case.argument(role), case.argument("target")
    if not p.size or not np.isin(target, (0.0, 1.0)).all() or np.isin(p, (0.0, 1.0)).all():
        return
    wrong = int(np.count_nonzero((p >= 0.5) != (target == 1.0)))
    ceilings = (("PyTorch", _TORCH_FLOOR), *((maker.split(" in ")[0], -log(bound)) for bound, maker in _BOUNDS[:4]))
    for maker, cost in ceilings:
        mistake = part(
            "thresholded",
            "B",
            f"predictions were rounded to 0 and 1 first, so that each wrong one costs {cost:.6g}, as in {maker}",
            "pass the probabilities, not the predicted classes",
            numbers=f"{wrong} of {p.size} are wrong",
        )
        value = wrong * cost if case.bound.reduction == "sum" else wrong * cost / p.size
        yield scalar(case, mistake, _constantly(value))


def _constantly(value: float) -> Callable[[], float]:
    return lambda: value
