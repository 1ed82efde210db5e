"""Losses whose data stay whole keep the laws that do not speak of chunks."""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np

from losscli.schema.loss import Loss
from tests.laws.drawing import Question, of, questions
from tests.laws.test_bits import bits
from tests.nasty.layouts import LAYOUTS

QUESTIONS = list(questions(31, (6,), whole=True))


every_question = of(QUESTIONS)


def everything(question: Question, **settings: Any) -> dict[str, bytes]:
    return bits(question.answer(gradients=True, reduction="mean", **settings))


@every_question
def test_memory_layout(question: Question) -> None:
    straight = everything(question)
    for name, laid_out in LAYOUTS.items():
        turned = {role: laid_out(array) for role, array in question.inputs.items()}
        assert bits(question.answer(turned, gradients=True, reduction="mean")) == straight, name


@every_question
def test_wider_types(question: Question) -> None:
    """A float32 is the float64 of the same value."""
    narrow = {r: a if a.dtype.kind == "i" else a.astype(np.float32) for r, a in question.inputs.items()}
    wide = {r: a if a.dtype.kind == "i" else a.astype(np.float64) for r, a in narrow.items()}
    one, other = (question.answer(each, gradients=True, reduction="mean") for each in (narrow, wide))
    assert bits(one) == bits(other)


@every_question
def test_sum(question: Question) -> None:
    answer = question.answer(reduction="sum")
    assert answer.sum == fsum(np.ravel(answer.per_sample).tolist())


@every_question
def test_gradients_have_the_shapes_of_their_inputs(question: Question) -> None:
    answer = question.answer(gradients=True, reduction="sum")
    assert answer.gradients is not None
    for role, gradient in answer.gradients.items():
        assert gradient.shape == question.inputs[role].shape


@of(question for question in QUESTIONS if question.loss.divisor is None)  # else a mean weighs the samples otherwise
def test_the_gradient_of_the_mean_is_that_of_the_sum_over_the_denominator(question: Question) -> None:
    mean, total = (question.answer(gradients=True, reduction=way) for way in ("mean", "sum"))
    assert mean.gradients is not None
    assert total.gradients is not None
    for role, gradient in total.gradients.items():
        np.testing.assert_allclose(mean.gradients[role], gradient / mean.denominator, rtol=1e-12, atol=1e-20)


def begins_with_samples(loss: Loss) -> bool:
    """Whether every array has its samples on its first axis."""
    forms = [form for spec in loss.inputs for form in spec.forms]
    return bool(loss.units and loss.units.startswith("n")) and all(
        form.axes.split()[0].removesuffix("?") == "n" for form in forms
    )


@of(question for question in QUESTIONS if begins_with_samples(question.loss))
def test_order_of_the_samples(question: Question) -> None:
    """Their order only orders the losses."""
    order = np.random.default_rng(0).permutation(6)
    turned = {r: a[order] if r in question.loss.roles else a for r, a in question.inputs.items()}
    straight, other = question.answer(reduction="none"), question.answer(turned, reduction="none")
    np.testing.assert_allclose(other.value, straight.value[order], rtol=1e-13)


def test_each_of_them_is_asked() -> None:
    assert len({question.loss.name for question in QUESTIONS}) >= 7
