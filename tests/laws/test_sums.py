"""What a reduction says is the correctly rounded result of its samples: Python's exact fractions say so too."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import fsum

import numpy as np
import pytest

from losscli.engine.evaluate import Evaluation, Wanted, evaluate
from losscli.engine.reduce import reduce
from losscli.losses.catalogue import losses
from tests.laws.drawing import Array, Question, of, questions
from tests.laws.running import arguments, bound, picked

QUESTIONS = [question for question in questions(21, (19,)) if np.isfinite(question.answer(reduction="sum").value)]


every_question = of(QUESTIONS)
with_denominator = of(question for question in QUESTIONS if question.answer(reduction="mean").denominator)


def total(values: Array) -> Fraction:
    return sum(map(Fraction, values.ravel().tolist()), Fraction(0))


def denominators(question: Question) -> Array:
    """What each unit adds to the mean's denominator."""
    whole = question.loss.denominator
    each = None if whole is None else whole(**picked(whole, arguments(question)))
    return np.ones(bound(question).layout.units) if each is None else each


def test_every_loss_is_asked() -> None:
    """Not all of its questions may have an infinite sum, for which no law here stands."""
    assert {question.loss.name for question in QUESTIONS} == {loss.name for loss in losses() if loss.separable}


@every_question
def test_sum(question: Question) -> None:
    answer = question.answer(reduction="sum")
    assert answer.value == answer.sum == fsum(answer.per_sample.ravel().tolist())


@every_question
def test_mean(question: Question) -> None:
    answer = question.answer(reduction="mean")
    below = total(denominators(question))
    assert answer.denominator == float(below)
    assert answer.value == answer.mean
    if below:
        assert answer.mean == float(total(answer.per_sample) / below)
    else:
        assert np.isnan(answer.mean)


@with_denominator
def test_weighted_mean(question: Question) -> None:
    """The sample weights multiply losses and denominators; no product is rounded."""
    random = np.random.default_rng(22)
    weight = random.uniform(0.0, 3.0, 19)
    answer = question.answer(reduction="mean", sample_weight=weight)
    losses = question.answer().per_sample.reshape(19, -1)
    each = denominators(question).reshape(19, -1)
    above = sum((Fraction(w) * total(row) for w, row in zip(weight.tolist(), losses, strict=True)), Fraction(0))
    heavy = weight if bound(question).convention.weights_divide else np.ones(19)
    below = sum((Fraction(w) * total(row) for w, row in zip(heavy.tolist(), each, strict=True)), Fraction(0))
    assert answer.mean == float(above / below)


@with_denominator
def test_gradient_of_the_mean_is_that_of_the_sum_over_the_denominator(question: Question) -> None:
    mean, whole = (question.answer(reduction=way, gradients=True) for way in ("mean", "sum"))
    assert mean.gradients is not None
    assert whole.gradients is not None
    for role, gradient in whole.gradients.items():
        expected = gradient / mean.denominator
        slack = 1e-15 * np.abs(expected[np.isfinite(expected)]).max(initial=0.0)  # an element may be a difference
        np.testing.assert_allclose(mean.gradients[role], expected, rtol=1e-15, atol=slack)


def of_rows(question: Question, rows: slice) -> Evaluation:
    options = {
        name: value[rows] if len(np.shape(value)) and len(value) == 19 else value
        for name, value in question.options.items()
    }
    part = replace(question, inputs={role: a[rows] for role, a in question.inputs.items()}, options=options)
    return evaluate(bound(part), Wanted(spread=True, worst=3))


@every_question
def test_sum_of_parts_is_the_whole(question: Question) -> None:
    """Tallies of parts add up to that of the whole, exactly: so do shards, chunks and threads."""
    whole = of_rows(question, slice(None))
    parts = [of_rows(question, rows) for rows in (slice(0, 4), slice(4, 5), slice(5, 19))]
    added = parts[0].tally + parts[1].tally + parts[2].tally
    assert added.numerator == whole.tally.numerator
    assert added.denominator == whole.tally.denominator
    assert added.spread == whole.tally.spread
    assert added.count == whole.tally.count
    one, other = reduce(whole.bound, added), reduce(whole.bound, whole.tally)
    np.testing.assert_array_equal(
        [one.sum, one.mean, one.standard_error], [other.sum, other.mean, other.standard_error]
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@of(question for question in QUESTIONS if question.loss.ignores and question.inputs["target"].ndim == 1)
def test_ignored_samples_leave_no_trace(question: Question, reduction: str) -> None:
    target = np.array(question.inputs["target"])
    target[::3] = -100
    some = question.answer({**question.inputs, "target": target}, reduction=reduction, gradients=True)
    left = question.answer(
        {role: np.delete(a, np.s_[::3], 0) for role, a in question.inputs.items()}, reduction=reduction
    )
    assert some.gradients is not None
    assert (some.value, some.ignored, some.count) == (left.value, 7, 12)
    assert not some.per_sample[::3].any()
    assert not some.gradients["input"][::3].any()
    none_left = question.answer({**question.inputs, "target": np.full(19, -100)}, reduction=reduction)
    assert none_left.value == 0.0 if reduction == "sum" else np.isnan(none_left.value)
    assert none_left.warnings if reduction == "mean" else not none_left.count
