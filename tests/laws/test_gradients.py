"""The gradient of every loss is the derivative of its value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from losscli.losses.catalogue import loss_names, losses
from losscli.schema.domains import PROBABILITY, REAL
from losscli.schema.loss import Loss
from tests.laws.drawing import Array, Question, draw
from tests.laws.dual import Dual
from tests.laws.running import arguments, bound, kinks

CLOSE = 1e-9  # of the unit's largest slope: what cancels in a dual number's derivative has lost some digits
CASES = [(loss, convention) for loss in losses() for convention in loss.conventions]


def inside(question: Question) -> Question:
    """Numbers at which a dual number's derivative keeps its digits.

    Off 1e12, beside which others vanish. Off the probabilities 0 and 1, where kernels write `0 · inf = 0` as a case of
    its own, and targets not so near to them as inputs, for a slope is 0 where they agree. This stays clear of PyTorch's
    bounds on bce and focal too (logarithms over -100, p(1-p) over 1e-12), under which its gradient is by contract not
    the derivative of its value. tests/losses/ has both, by their recorded numbers.
    """
    inputs = {}
    for field, edge in zip(bound(question).inputs, (1e-9, 1e-7, 1e-7), strict=False):
        bounds = {REAL: (-9.0, 9.0), PROBABILITY: (edge, 1.0 - edge)}.get(field.role.domain, (None, None))
        array = question.inputs[field.name]
        inputs[field.name] = array if bounds[0] is None else np.clip(array, *bounds)
    return replace(question, inputs=inputs)


def derivatives(question: Question, role: str) -> Array:
    """The derivatives of all units with respect to one input, in forward mode: a run of the kernel a column."""
    shape = arguments(question)[role].shape
    columns = []
    for column in range(shape[1] if len(shape) > 1 else 1):
        named = arguments(question)
        direction = np.zeros(shape)
        direction[(slice(None), column) if len(shape) > 1 else slice(None)] = 1.0
        named[role] = Dual(named[role], direction)
        value = question.loss.kernel(**named).value
        columns.append(value.slope if isinstance(value, Dual) else np.zeros(shape[0]))
    return np.stack(columns, axis=1)


@pytest.mark.parametrize(("loss", "convention"), CASES, ids=lambda x: x.name if isinstance(x, Loss) else x)
@pytest.mark.parametrize(("seed", "units"), [(0, (9,)), (1, (3, 2))])
def test_gradient_is_the_derivative(loss: Loss, convention: str, seed: int, units: tuple[int, ...]) -> None:
    for question in map(inside, draw(loss, seed, units, convention)):
        named = arguments(question)
        up = np.random.default_rng(seed).normal(size=len(named[loss.inputs[0].name]))
        smooth = ~kinks(question)
        with np.errstate(all="ignore"):
            gradients = loss.kernel(**named).pullback(up)
            for field in bound(question).differentiable:
                found = gradients[field.name].reshape(len(up), -1)
                expected = derivatives(question, field.name) * up[:, None]
                largest = np.abs(expected).max(axis=1, keepdims=True)
                away = np.abs(found - expected) > CLOSE * largest
                assert not (away.any(axis=1) & smooth).any(), (field.name, question.options, found, expected)


def at_kinks(question: Question) -> Question:
    """Every other unit gets the first input as its second: an error, or a distance, of 0."""
    first, second = question.loss.roles[:2]
    if question.inputs[first].shape != question.inputs[second].shape:
        return question
    inputs = {role: np.array(array) for role, array in question.inputs.items()}
    inputs[second][::2] = inputs[first][::2]
    return replace(question, inputs=inputs)


def one_sided(question: Question, role: str, column: int, step: float) -> Array:
    named = arguments(question)
    before = np.array(question.loss.kernel(**arguments(question)).value)
    entries = named[role] if named[role].ndim == 1 else named[role][:, column]
    entries += step
    return np.asarray((question.loss.kernel(**named).value - before) / step)


@pytest.mark.parametrize("name", ["l1", "smooth_l1", "triplet_margin"])
def test_gradient_at_a_kink_is_a_subgradient(name: str) -> None:
    """It lies between the two one-sided derivatives. Differences of 1e-4, since this is about the choice of a side."""
    loss = next(loss for loss in losses() if loss.name == name)
    seen = 0
    for question in map(at_kinks, draw(loss, 4, (8,), "exact")):
        if question.options.get("eps", 0.0) > 9.0:
            continue  # it hides the vectors
        if name == "smooth_l1":
            question = replace(question, options={"beta": 0.0})
        inputs = {role: np.clip(array, -9.0, 9.0) for role, array in question.inputs.items()}
        question = replace(question, inputs=inputs)
        bent = kinks(question)
        seen += int(bent.sum())
        gradients = loss.kernel(**arguments(question)).pullback(np.ones(len(bent)))
        for role, gradient in gradients.items():
            for column in range(gradient.reshape(len(bent), -1).shape[1]):
                found = gradient.reshape(len(bent), -1)[:, column]
                sides = [one_sided(question, role, column, step) for step in (1e-4, -1e-4)]
                low, high = np.minimum(*sides) - 1e-2, np.maximum(*sides) + 1e-2
                assert ((low <= found) & (found <= high))[bent].all(), (question.options, role)
    assert seen


def test_a_wrong_gradient_is_seen() -> None:
    """The law can fail: the derivative of the square is not that of the absolute value."""
    square, absolute = (draw(next(loss for loss in losses() if loss.name == name), 0)[0] for name in ("mse", "l1"))
    wrong = replace(square, loss=absolute.loss)
    assert not np.allclose(derivatives(square, "input"), derivatives(wrong, "input"))


def test_every_loss_is_asked() -> None:
    assert {loss.name for loss, _ in CASES} == set(loss_names())
