"""Inputs seen as something else than they are: probabilities for scores, labels off by one, rows out of step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from losscli.engine.fields import Field
from losscli.engine.layout import Layout
from losscli.judging.mistakes.case import Case
from losscli.judging.mistakes.parts import Part, Vector, part
from losscli.numerics.scalar import sigmoid
from losscli.schema.domains import EXTENDED, LOG_PROBABILITY, PROBABILITY, REAL, SIGN
from losscli.schema.loss import Array

if TYPE_CHECKING:
    from losscli.judging.mistakes.vectors import Attempt

_FEW_CLASSES = 6  # of which every order is tried
_PAIRS = 2000  # units up to which all pairs are formed
_CLIPS = (1e-7, 2.220446049250313e-16, 1.1920928955078125e-07, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6, 1e-5, 1e-4)

MakeAttempt = Callable[..., "Attempt"]


def input_views(case: Case, attempt: MakeAttempt) -> Iterator[Attempt]:
    """What the prediction may have been taken for."""
    for field in case.bound.inputs:
        if field.name != case.loss.roles[0]:
            continue
        values = case.argument(field.name)
        for mistake, view in _views_of(field, case):
            yield attempt(mistake, _changed(case, mistake, field, view))
        if field.role.domain is PROBABILITY:
            yield from _clipped(case, field, values, attempt)
    yield from _recut(case, attempt)
    yield from _all_pairs(case, attempt)
    yield from _accuracy(case, attempt)


def target_views(case: Case, attempt: MakeAttempt) -> Iterator[Attempt]:
    """What the truth may have been taken for."""
    for field in case.bound.inputs:
        if field.name not in ("target", "targets"):
            continue
        target = case.argument(field.name)
        if field.role.domain.index and target.ndim == 1:
            yield from _labels(case, field, target, attempt)
        elif field.role.domain is PROBABILITY and field.role.axes == "u":
            mistake = part(
                "target_flipped", "A", "0 and 1 of the targets are swapped", "check which class is the positive one"
            )
            yield attempt(mistake, _changed(case, mistake, field, lambda t: 1.0 - t))
        elif field.role.domain is SIGN:
            yield from _signs(case, field, attempt)
        yield from _out_of_step(case, field, target, attempt)


def _changed(case: Case, mistake: Part, field: Field, view: Callable[[Array], Array]) -> Callable[[], Vector | None]:
    def reckon() -> Vector | None:
        with np.errstate(all="ignore"):
            seen = view(case.argument(field.name).copy())
        losses = case.with_changes({field.name: seen})
        return None if losses is None else Vector(mistake, losses, case.shares)

    return reckon


def _softmax(scores: Array) -> Array:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    softmax: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return softmax


def _views_of(field: Field, case: Case) -> Iterator[tuple[Part, Callable[[Array], Array]]]:
    """Views of the first input that its domain suggests."""
    rows, domain = field.role.axes == "u c", field.role.domain
    if rows and domain in (EXTENDED, REAL):
        yield (
            part(
                "softmax_before",
                "S",
                "softmax was applied before the loss, which applies it itself",
                "pass the raw scores",
            ),
            _softmax,
        )
        yield (
            part(
                "softmax_over_samples",
                "A",
                "softmax went over the samples, not over the classes",
                "softmax over the class axis (dim=1)",
                later=1,
            ),
            lambda scores: np.log(_softmax(np.ascontiguousarray(scores.T)).T),
        )
    if domain is LOG_PROBABILITY:
        yield (
            part(
                "probabilities_for_logs",
                "S",
                "probabilities were passed where log-probabilities are expected",
                "pass log-probabilities (log_softmax)",
            ),
            np.exp,
        )
    if not rows and domain in (REAL, EXTENDED) and case.loss.family == "binary":
        yield (
            part(
                "sigmoid_before",
                "S",
                "sigmoid was applied before the loss, which applies it itself",
                "pass the raw scores",
            ),
            lambda logits: np.asarray(sigmoid(logits)),
        )
    if domain is PROBABILITY:
        if rows:
            yield (
                part(
                    "softmax_twice",
                    "A",
                    "softmax was applied to what already are probabilities",
                    "pass the probabilities as they are",
                ),
                _softmax,
            )
        else:
            yield (
                part(
                    "sigmoid_twice",
                    "A",
                    "sigmoid was applied to what already are probabilities",
                    "pass the probabilities as they are",
                ),
                lambda p: np.asarray(sigmoid(p)),
            )
            yield (
                part(
                    "complement",
                    "A",
                    "the probability of the other class was passed",
                    "pass the probability of a yes",
                    later=1,
                ),
                lambda p: 1.0 - p,
            )
            yield (
                part(
                    "thresholded",
                    "B",
                    "predictions were rounded to 0 and 1 first",
                    "pass the probabilities, not the predicted classes",
                ),
                lambda p: np.asarray(p >= 0.5, dtype=np.float64),
            )


def _clipped(case: Case, field: Field, values: Array, attempt: MakeAttempt) -> Iterator[Attempt]:
    """Probabilities kept off 0 and 1 by some constant, which shows only where one is extreme."""
    least = float(min(values.min(), (1.0 - values).min())) if values.size else 1.0
    for at, bound in enumerate(_CLIPS):
        if least < bound:
            mistake = part(
                f"clipped_at_{bound:.3g}",
                "S",
                f"probabilities were clipped to [{bound:.3g}, 1 - {bound:.3g}]",
                "do not clip, or compare under the convention that does",
                later=1 + at,
            )
            yield attempt(mistake, _changed(case, mistake, field, _clip_at(bound)), passes=False)
        if least < 1e3 * bound:
            added = part(
                f"added_{bound:.3g}",
                "A",
                f"{bound:.3g} was added to the probabilities before the logarithm",
                "take the logarithm of the probability itself",
                later=2 + at,
            )
            yield attempt(added, _changed(case, added, field, _add(bound)), passes=False)


def _clip_at(bound: float) -> Callable[[Array], Array]:
    return lambda p: np.clip(p, bound, 1.0 - bound)


def _add(bound: float) -> Callable[[Array], Array]:
    return lambda p: np.minimum(p + bound, 1.0)


def _roll(step: int) -> Callable[[Array], Array]:
    return lambda target: np.roll(target, step, axis=0)


def _labels(case: Case, field: Field, label: Array, attempt: MakeAttempt) -> Iterator[Attempt]:
    """Class indices counted from 1, backwards, or in another order of the classes."""
    classes = case.classes
    for step, name, text in (
        (-1, "labels_from_one", "the labels were taken one too low (as if they counted from 1)"),
        (1, "labels_one_up", "the labels were taken one too high (counted from 1 where 0 is the first)"),
    ):
        moved = label + step
        usable = (moved >= 0) & (moved < classes)
        if usable.all():
            mistake = part(name, "S", text, "count classes from 0")
            yield _relabelled(case, field, mistake, moved, attempt)
        elif usable.any():
            wrapped = part(
                name, "S", f"{text}; those beyond the ends came round to the other", "count classes from 0", later=1
            )
            yield _relabelled(case, field, wrapped, moved % classes, attempt)
            zero = part(
                f"{name}_zero", "S", f"{text}; those beyond the ends counted 0", "count classes from 0", later=2
            )
            yield _zeroed(case, field, zero, moved, usable, attempt)
    if classes > 1:
        mistake = part(
            "classes_reversed", "A", "the classes stand in the reverse order", "check the order of the columns"
        )
        yield _relabelled(case, field, mistake, classes - 1 - label, attempt)
    sorted_as_text = np.array(sorted(range(classes), key=str))
    if classes > 10:
        mistake = part(
            "classes_sorted_as_text",
            "A",
            "the columns are sorted as text ('10' before '2'), the labels as numbers",
            "put the columns in the order of the labels",
        )
        yield _relabelled(case, field, mistake, np.argsort(sorted_as_text)[label], attempt)
    if classes <= _FEW_CLASSES:
        for order in permutations(range(classes)):
            if list(order) == sorted(order):
                continue
            mistake = part(
                f"classes_in_order_{''.join(map(str, order))}",
                "A",
                f"the classes stand in another order: {', '.join(map(str, order))}",
                "put the columns in the order of the labels",
                later=3,
            )
            yield _relabelled(case, field, mistake, np.array(order)[label], attempt)


def _relabelled(case: Case, field: Field, mistake: Part, labels: Array, attempt: MakeAttempt) -> Attempt:
    """The losses with other labels: looked up in the table of all labels' losses where the loss has one."""

    def reckon() -> Vector | None:
        if case.table is not None:
            losses = case.table[np.arange(len(labels)), labels]
            weight = case.arguments.get("weight")
            heavy = None if weight is None else np.asarray(weight)[labels]
            return Vector(mistake, losses if heavy is None else losses * heavy, heavy)
        found = case.with_changes({field.name: labels.copy()})
        return None if found is None else Vector(mistake, found, case.shares)

    return attempt(mistake, reckon, passes=case.table is None)


def _zeroed(
    case: Case, field: Field, mistake: Part, moved: Array, usable: NDArray[np.bool_], attempt: MakeAttempt
) -> Attempt:
    inner = _relabelled(case, field, mistake, np.where(usable, moved, 0), attempt)

    def reckon() -> Vector | None:
        found = inner.reckon()
        return None if found is None else Vector(mistake, np.where(usable, found.losses, 0.0), found.shares)

    return attempt(mistake, reckon, passes=inner.passes)


def _signs(case: Case, field: Field, attempt: MakeAttempt) -> Iterator[Attempt]:
    flipped = part(
        "target_flipped", "A", "the signs of the targets are swapped", "check which class is the positive one"
    )
    yield attempt(flipped, _changed(case, flipped, field, lambda t: -t))
    zeros = part(
        "zero_for_minus_one",
        "A",
        "the targets were 0 and 1 where -1 and 1 are expected",
        "turn 0 into -1: 2·target - 1",
    )
    yield attempt(zeros, _changed(case, zeros, field, lambda t: np.maximum(t, 0.0)))


def _out_of_step(case: Case, field: Field, target: Array, attempt: MakeAttempt) -> Iterator[Attempt]:
    """Predictions paired with a neighbour's truth."""
    if len(target) < 3 or not isinstance(case.bound.layout, Layout):
        return
    for step, name, text in (
        (1, "shifted_by_one", "each prediction was compared with the truth of the row before it"),
        (-1, "shifted_back_by_one", "each prediction was compared with the truth of the row after it"),
    ):
        mistake = part(name, "A", f"{text} (the ends dropped)", "pair rows by their key", later=1)
        yield attempt(mistake, _dropped(case, mistake, field, target, step))
        wrapped = part(f"{name}_around", "A", f"{text} (the last with the first)", "pair rows by their key", later=2)
        yield attempt(wrapped, _changed(case, wrapped, field, _roll(step)))


def _dropped(case: Case, mistake: Part, field: Field, target: Array, step: int) -> Callable[[], Vector | None]:
    def reckon() -> Vector | None:
        losses = case.with_changes({field.name: np.roll(target, step, axis=0)})
        if losses is None or len(losses) != len(target):
            return None
        inside = slice(1, None) if step > 0 else slice(None, -1)
        return Vector(mistake, losses[inside])

    return reckon


def _recut(case: Case, attempt: MakeAttempt) -> Iterator[Attempt]:
    """view(-1, C) where a permute was needed: rows cut from memory as it lies."""
    layout = case.bound.layout
    if not isinstance(layout, Layout) or layout.axis is None or layout.inner == 1 or case.kept is not None:
        return
    field = case.bound.inputs[0]
    mistake = part(
        "reshaped_not_permuted",
        "A",
        "the class axis was moved with reshape (view), which cuts the numbers into other rows",
        "use permute or moveaxis before reshape",
    )

    def view(_: Array) -> Array:
        return field.data.store.flat(0, field.data.size).astype(np.float64).reshape(-1, layout.length)

    yield attempt(mistake, _changed(case, mistake, field, view))


def _all_pairs(case: Case, attempt: MakeAttempt) -> Iterator[Attempt]:
    """(N, 1) against (N,): every prediction compared with every target."""
    inputs = case.bound.inputs
    if len(inputs) != 2 or any(field.role.axes != "u" for field in inputs) or case.bound.unit_options:
        return
    if not 1 < case.units <= _PAIRS or case.kept is not None:
        return
    mistake = part(
        "broadcast",
        "S",
        "(N, 1) met (N,): every prediction was compared with every target",
        "give both the same shape, with squeeze or reshape",
    )

    def reckon() -> Vector | None:
        one, other = (case.argument(field.name) for field in inputs)
        count = len(one)
        pairs = {inputs[0].name: np.repeat(one, count), inputs[1].name: np.tile(other, count)}
        losses = case.kernel_of({**case.arguments, **pairs})
        if losses is None:
            return None
        scalar = losses.sum() if case.bound.reduction == "sum" else losses.mean()
        return Vector(mistake, case.losses, case.shares, scalar=float(scalar))

    yield attempt(mistake, reckon, passes=False)


def _accuracy(case: Case, attempt: MakeAttempt) -> Iterator[Attempt]:
    """A share of right or wrong predictions, reported as a loss."""
    target = case.arguments.get("target")
    scores = case.argument(case.loss.roles[0])
    if not isinstance(target, np.ndarray) or target.ndim != 1:
        return
    if scores.ndim == 2 and target.dtype.kind == "i":
        right = scores.argmax(axis=1) == target
    elif scores.ndim == 1 and case.loss.family == "binary" and np.isin(target, (-1.0, 0.0, 1.0)).all():
        middle = 0.5 if case.bound.inputs[0].role.domain is PROBABILITY else 0.0
        right = (scores >= middle) == (target > 0.0)
    else:
        return
    for name, text, value in (
        ("error_rate", "this is the share of wrong predictions, not a loss", 1.0 - right.mean()),
        ("accuracy", "this is the accuracy, not a loss", right.mean()),
    ):
        mistake = part(name, "C", text, "report the loss")
        yield attempt(mistake, _scalar(case, mistake, float(value)), passes=False)


def _scalar(case: Case, mistake: Part, value: float) -> Callable[[], Vector | None]:
    return lambda: Vector(mistake, case.losses, case.shares, scalar=value)
