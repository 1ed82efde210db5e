"""What infinities, NaN and the largest numbers make of any loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from losscli.engine.unchunked import Whole
from losscli.schema.loss import Role
from tests.laws.drawing import Array, Question, of, questions
from tests.laws.running import bound
from tests.nasty import domains

ALL = [*questions(71), *questions(71, whole=True)]
# Whose scores, and not the loss alone, lie beyond float64: those of a linear layer
SCORES_OVERFLOW = ("linear_cross_entropy", "adaptive_log_softmax")
NUMBERS = (np.nan, np.inf, -np.inf)


def spoilt(question: Question) -> Iterator[tuple[str, Array, Array]]:
    """Each input with one element after the other that its domain does not have, and the units it belongs to."""
    request = bound(question)
    random = np.random.default_rng(5)
    for field in request.inputs:
        array = np.asarray(question.inputs[field.name], dtype=np.float64)
        if field.role.domain.whole or not array.size:  # a label or a length is a number in any case
            continue
        units = units_of(question, field.role, array.shape)
        counted = counting(question).get(field.name, np.ones(array.shape, bool))
        for number in NUMBERS:
            if not field.role.domain.holds(np.array(number)):
                at = random.choice(np.flatnonzero(counted))
                wrong = array.copy()
                wrong.flat[at] = number
                yield field.name, wrong, units.reshape(-1, array.size)[:, at]


def counting(question: Question) -> Any:
    return (
        {}
        if question.loss.counted is None
        else question.loss.counted(**{name: np.asarray(array) for name, array in question.inputs.items()})
    )


def units_of(question: Question, role: Role, shape: tuple[int, ...]) -> Array:
    """Which unit has which element."""
    layout = bound(question).layout
    units, size = layout.units, int(np.prod(shape))
    if role.axes == "*":
        return np.ones((units, size), bool)
    if isinstance(layout, Whole):
        own = np.zeros((units, size), bool)
        for at in range(size):
            marked = np.zeros(size)
            marked[at] = 1.0
            rows = layout.by_unit(marked.reshape(layout.kernel_shape(role.axes, shape)), role.axes)
            own[:, at] = True if rows is None else rows.any(axis=1)
        return own
    index = np.arange(size).reshape(shape)
    if role.axes != "u":
        assert layout.axis is not None
        index = np.moveaxis(index, layout.axis, -1)
    own = np.zeros((units, size), bool)
    for unit, elements in enumerate(index.reshape(units, -1)):
        own[unit, elements] = True
    return own


@of(ALL)
def test_what_is_no_number_never_becomes_a_finite_loss(question: Question) -> None:
    settings: dict[str, Any] = {"reduction": "none"} if "none" in question.loss.reductions else {}
    clean = np.ravel(question.answer(**settings).value)
    for role, wrong, units in spoilt(question):
        found = np.ravel(question.answer({**question.inputs, role: wrong}, nonfinite="propagate", **settings).value)
        assert not np.isfinite(found[units]).any(), (role, wrong, found)
        if question.loss.separable and settings:
            np.testing.assert_array_equal(found[~units], clean[~units])


def extreme(question: Question, seed: int) -> dict[str, Array]:
    """Finite inputs that their domains have, many of them near the largest numbers."""
    random = np.random.default_rng([seed, 7])
    return {
        field.name: domains.extreme(np.asarray(question.inputs[field.name]), field.role.domain, random)
        for field in bound(question).inputs
    }


@of(question for question in ALL if question.loss.name not in SCORES_OVERFLOW)
def test_finite_inputs_have_a_loss_and_gradients(question: Question) -> None:
    """Never NaN, but for rows of zeros that are to be divided by their sum, and the slopes of an infinite loss."""
    settings: dict[str, Any] = {"reduction": "none"} if "none" in question.loss.reductions else {}
    for seed in range(6):
        inputs = extreme(question, seed)
        ours = question.answer(inputs, gradients=True, **settings)
        value = np.ravel(ours.value)
        zeros = no_row(question, inputs)
        assert not (np.isnan(value) & ~zeros).any(), (inputs, value)
        for role, gradient in (ours.gradients or {}).items():
            if np.isfinite(value).all():
                assert not np.isnan(gradient).any(), (role, inputs, gradient)


def no_row(question: Question, inputs: dict[str, Array]) -> Array:
    """Which rows have no sum to be divided by."""
    rows = inputs[question.loss.inputs[0].name]
    if not question.loss.conventions[question.convention].values.get("normalizes"):
        return np.zeros(1, bool)
    return np.asarray(rows.sum(axis=1) == 0.0)
