"""The gradient of every loss is the derivative of its value, by the judgement of `losscli gradcheck`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from losscli.checks.gradcheck import FAILS, HOLDS, Checked, gradcheck
from losscli.losses.catalogue import find, losses
from losscli.schema.faults import LossError
from losscli.schema.loss import Loss, Units
from tests.laws.drawing import Array, Question, draw
from tests.laws.running import bound, kinks

CASES = [  # a convention that sets no value has the derivatives of torch
    (loss, convention.name)
    for loss in losses()
    for convention in loss.conventions.values()
    if convention.name == "torch" or convention.values
]


def found(question: Question, sampled: int = 0) -> list[Checked]:
    """What is found of the gradient of the mean; nothing if drawn options contradict the inputs."""
    reduction = "mean" if "mean" in question.loss.reductions else "sum"
    try:
        return gradcheck(bound(question, reduction), sampled)
    except LossError:
        return []


@pytest.mark.parametrize(("loss", "convention"), CASES, ids=lambda x: x.name if isinstance(x, Loss) else x)
def test_gradient_is_the_derivative(loss: Loss, convention: str) -> None:
    questions = draw(loss, 1, (5,), convention)
    seen = 0
    for question in questions if loss.separable else questions[: 2 if convention == "torch" else 1]:
        for each in found(question):
            seen += each.checked + each.kinks + each.bounded
            told = (each.role, question.options, each.index, each.gradient, each.derivative, each.bent)
            assert each.verdict != FAILS, told
    assert seen


@pytest.mark.parametrize("units", [(3, 2), ()])
@pytest.mark.parametrize("loss", [loss for loss in losses() if loss.separable], ids=lambda loss: loss.name)
def test_of_other_shapes(loss: Loss, units: tuple[int, ...]) -> None:
    for question in draw(loss, 2, units or (1,))[:2]:
        assert all(each.verdict != FAILS for each in found(question)), question.options


def at_kinks(question: Question) -> Question:
    """Every other unit gets the first input as its second: an error, or a distance, of 0."""
    first, second = question.loss.roles[:2]
    inputs = {role: np.array(array) for role, array in question.inputs.items()}
    inputs[second][::2] = inputs[first][::2]
    return replace(question, inputs=inputs)


@pytest.mark.parametrize(
    ("name", "options"), [("l1", {}), ("smooth_l1", {"beta": 0.0}), ("triplet_margin", {"margin": 20.0})]
)
def test_gradient_at_a_kink_is_a_subgradient(name: str, options: dict[str, float]) -> None:
    """It lies between the two one-sided derivatives, which differ there."""
    question = at_kinks(Question(find(name), draw(find(name), 4, (8,), "exact")[0].inputs, options, "exact"))
    assert kinks(question).any()
    bent = [kink for each in found(question) for kink in each.bent]
    assert any(kink.left != kink.right for kink in bent)
    assert all(kink.inside for kink in bent)


def comparable(loss: Loss) -> bool:
    """Whether its second input can be the first: numbers of one domain in arrays of one shape."""
    first, second = (spec.forms for spec in loss.inputs[:2])
    return first[0].axes == second[0].axes and first[0].domain is second[0].domain and second[0].differentiable


@pytest.mark.parametrize(
    "loss", [each for each in losses() if each.separable and comparable(each)], ids=lambda loss: loss.name
)
def test_where_both_inputs_agree(loss: Loss) -> None:
    """A loss that bends where there is no error, or no distance, marks those units by `kinks=` in its `define`."""
    question = at_kinks(draw(loss, 4, (8,), "exact")[0])
    declared = kinks(question)
    for each in found(question):
        assert each.verdict != FAILS, (each.role, each.index, each.gradient, each.derivative, each.bent)
        undeclared = [(kink.index, kink.left, kink.right) for kink in each.bent if not declared[kink.index[0]]]
        assert not undeclared, f"slopes from left and right differ: give `define` of {loss.name} kinks="


def test_a_wrong_gradient_is_seen() -> None:
    """The law can fail: the slope of the square is not that of the absolute value."""
    square = draw(find("mse"), 0)[0]
    absolute = find("l1").kernel

    def kernel(input: Array, target: Array, **options: Any) -> Units:
        return replace(absolute(np.array(input), target, **options), value=(input - target) ** 2)

    wrong = replace(square.loss, kernel=kernel)
    assert {each.verdict for each in found(square)} == {HOLDS}
    assert {each.verdict for each in found(replace(square, loss=wrong))} == {FAILS}
