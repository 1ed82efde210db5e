"""No bit depends on how the data lie in memory, how they are cut into chunks, how many threads work, or their order."""

from __future__ import annotations

import warnings
from threading import Thread
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.engine import threads
from losscli.engine.layout import Layout
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.laws.drawing import Array, Question, draw, of, questions
from tests.nasty.layouts import LAYOUTS

QUESTIONS = [*questions(11, (17,)), *(question for question in questions(12, (3, 2, 3)) if not question.options)]


every_question = of(QUESTIONS)


def with_places(question: Question) -> bool:
    """Whether entries of an option belong to single units, so that units cannot be left out or put in another order."""
    return any(spec.option.axes in ("u", "u d") and spec.name in question.options for spec in question.loss.options)


WITHOUT_PLACES = [question for question in QUESTIONS if not with_places(question)]


def bits(answer: losscli.Computed) -> dict[str, bytes]:
    """Everything an answer says, as bytes; one NaN is as good as another."""
    arrays: dict[str, Any] = {
        **{name: getattr(answer, name) for name in ("value", "sum", "mean", "standard_error", "denominator")},
        "per_sample": answer.per_sample,
        **(answer.gradients or {}),
    }
    numbers = {name: np.asarray(array, np.float64) + 0.0 for name, array in arrays.items()}
    return {name: np.where(np.isnan(array), np.nan, array).tobytes() for name, array in numbers.items()}


def everything(question: Question, inputs: dict[str, Array] | None = None, **settings: Any) -> dict[str, bytes]:
    return bits(question.answer(inputs, gradients=True, **settings))


def cut(elements: int, patch: pytest.MonkeyPatch) -> None:
    """Chunks of about so many elements, where all of a question would fit into one."""
    chunks = Layout.chunks
    patch.setattr(Layout, "chunks", lambda layout: chunks(layout, elements))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one for every thread that the engine starts."""
    names: list[str] = []

    class Noted(Thread):
        def start(self) -> None:
            super().start()
            names.append(self.name)

    monkeypatch.setattr(threads, "Thread", Noted)
    return names


@every_question
def test_threads(question: Question, started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three threads on chunks of 3 elements, and one that has all in one chunk."""
    whole = {reduction: everything(question, reduction=reduction, jobs=1) for reduction in question.loss.reductions}
    assert not started
    cut(3, monkeypatch)
    for reduction, expected in whole.items():
        before = len(started)
        assert everything(question, reduction=reduction, jobs=3) == expected
        assert len(started) >= before + 2


@every_question
@pytest.mark.parametrize("elements", [3, 40])
def test_chunks(question: Question, elements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = everything(question, reduction="mean")
    cut(elements, monkeypatch)
    assert everything(question, reduction="mean", jobs=1) == whole


@every_question
def test_memory_layout(question: Question) -> None:
    straight = everything(question, reduction="mean")
    for name, laid_out in LAYOUTS.items():
        turned = {role: laid_out(array) for role, array in question.inputs.items()}
        assert everything(question, turned, reduction="mean") == straight, name


def by_type(question: Question) -> bool:
    """Whether a constant of the convention depends on the type of the first input."""
    return any(callable(value) for value in question.loss.conventions[question.convention].values.values())


@of(question for question in QUESTIONS if not by_type(question))
def test_wider_types(question: Question) -> None:
    """A float32 is the float64 of the same value, and so is a small integer."""
    narrow = {
        role: array.astype(np.int8 if array.dtype.kind == "i" else np.float32)
        for role, array in question.inputs.items()
    }
    wide = {role: array.astype(np.float64) for role, array in narrow.items()}
    assert everything(question, narrow, reduction="mean") == everything(question, wide, reduction="mean")


@of(WITHOUT_PLACES)
def test_order_of_the_samples(question: Question) -> None:
    order = np.random.default_rng(0).permutation(len(question.inputs[question.loss.roles[0]]))
    straight = question.answer(reduction="mean")
    turned = question.answer({role: array[order] for role, array in question.inputs.items()}, reduction="mean")
    assert (turned.sum, turned.mean, turned.standard_error) == pytest.approx(
        (straight.sum, straight.mean, straight.standard_error), rel=0, abs=0, nan_ok=True
    )
    np.testing.assert_array_equal(turned.per_sample, straight.per_sample[order])


@of(WITHOUT_PLACES)
def test_a_sample_does_not_feel_the_others(question: Question) -> None:
    assert question.loss.separable
    together = question.answer(reduction="sum", gradients=True)
    assert together.gradients is not None
    for at in (0, 1, len(together.per_sample) - 1):
        alone = question.answer(
            {r: a[at : at + 1] for r, a in question.inputs.items()}, reduction="sum", gradients=True
        )
        assert alone.gradients is not None
        np.testing.assert_array_equal(alone.per_sample, together.per_sample[at : at + 1])
        for role, gradient in alone.gradients.items():
            np.testing.assert_array_equal(gradient, together.gradients[role][at : at + 1])


def of_rows(question: Question) -> bool:
    """Whether a sample is a number or a row of classes, and no option is an array."""
    first = question.inputs[question.loss.roles[0]]
    return first.ndim <= 2 and not question.loss.axis_option and not question.options


@of(filter(of_rows, QUESTIONS))
def test_a_single_sample_without_a_batch(question: Question) -> None:
    """The first sample, less its axis: classes then lie on axis 0."""
    together = question.answer(reduction="none", gradients=True)
    alone = question.answer(
        {role: array[0] for role, array in question.inputs.items()}, reduction="none", gradients=True
    )
    assert together.gradients is not None
    assert alone.gradients is not None
    np.testing.assert_array_equal(alone.value, together.value[0])
    for role, gradient in alone.gradients.items():
        assert gradient.shape == question.inputs[role].shape[1:]


@of(WITHOUT_PLACES)
def test_no_samples(question: Question) -> None:
    nothing = question.answer({r: a[:0] for r, a in question.inputs.items()}, reduction="mean", gradients=True)
    assert np.isnan(nothing.value)
    assert (nothing.sum, nothing.count) == (0.0, 0)
    assert nothing.per_sample.shape[0] == 0
    assert nothing.warnings


SHAPES: list[tuple[int, ...]] = [(), (3,), (2, 3), (2, 1, 3), (2, 1, 3, 2)]


def of_elements(question: Question) -> bool:
    forms = [form for spec in question.loss.inputs for form in spec.forms]
    return all(form.axes == "u" for form in forms) and not question.options


@of(question for shape in SHAPES for question in questions(13, shape) if of_elements(question))
def test_ranks_of_elementwise_losses(question: Question) -> None:
    shape = question.inputs[question.loss.roles[0]].shape
    answer = question.answer(reduction="none", gradients=True)
    flat = question.answer({r: a.reshape(-1) for r, a in question.inputs.items()}, reduction="none")
    if len(shape) > 1 and question.loss.conventions[question.convention].averages_rows:
        means = flat.value.reshape(shape).mean(axis=-1)
        assert np.shape(answer.value) == shape[:-1]
        np.testing.assert_allclose(answer.value, means, rtol=1e-12)
    else:
        assert np.shape(answer.value) == shape
        np.testing.assert_array_equal(np.ravel(answer.value), flat.value)


@of(question for question in questions(14, (3, 2, 2)) if question.loss.inputs[0].forms[0].axes == "u c")
def test_class_axis(question: Question) -> None:
    """The classes may lie on any axis, if --class-axis says so; 1 is where PyTorch has them."""
    usual = question.answer(reduction="none")
    for axis in (0, 2, 3, -1):
        moved = {
            role: np.moveaxis(array, 1, axis) if array.ndim == 4 else array for role, array in question.inputs.items()
        }
        np.testing.assert_array_equal(question.answer(moved, reduction="none", class_axis=axis).value, usual.value)


@pytest.mark.parametrize("loss", [loss for loss in losses() if loss.separable], ids=lambda loss: loss.name)
def test_nan_is_an_error_unless_it_may_propagate(loss: Loss) -> None:
    """Without a weight, which may be 0: then a sample counts nothing, whatever it is."""
    unweighted = [question for question in draw(loss, 15, (4,)) if "weight" not in question.options]
    assert unweighted
    for question in unweighted:
        for spec in (spec for spec in loss.inputs if spec.forms[0].differentiable):
            spoiled = {role: np.array(values, np.float64) for role, values in question.inputs.items()}
            spoiled[spec.name][1] = np.nan
            with pytest.raises(losscli.LossError, match=rf"{spec.name}\[1.*nan"):
                question.answer(spoiled)
            with warnings.catch_warnings(action="error"):
                answer = question.answer(spoiled, reduction="none", nonfinite="propagate")
            assert np.isnan(answer.value[1]).all(), spec.name
            assert not np.isnan(answer.value[0]).any()
