"""Every loss of PyTorch against PyTorch, on questions that are made up from the losses' definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.golden.cases import Array
from tests.laws.drawing import Question, draw
from tests.losses.test_recorded_torch import assert_near, largest

torch = pytest.importorskip("torch", reason="the live comparison needs the torch extra")
torch.set_num_threads(1)  # arrays are tiny, and threads cost more than they bring

OF_TORCH = tuple(loss for loss in losses() if loss.function_name or hasattr(torch.nn, loss.class_name or "-"))
SHAPES: tuple[tuple[int, ...], ...] = ((1,), (5,), (3, 2), (2, 1, 3))
ROWS_ONLY = ("multi_margin", "multilabel_margin", "cosine_embedding")  # PyTorch takes no more axes than sample and row
SEEDS = 3
AT_LEAST = 1400  # different combinations of loss, options, shape and reduction
PARTS = 1e-3  # a gradient may be what is left of a chance less 1, which PyTorch rounds

# Where PyTorch's gradient is no number, or not that of its value; the other entries are compared.
SPOILED = {
    ("bce", "target"): "the slope of the unclamped logarithms, infinite where the value is clamped",
    ("kl_div", "target"): "0 · log 0 is hidden in the value, not in the slope",
    ("poisson_nll", "target"): "Stirling's term of targets below 0 is hidden in the value, not in the slope",
}


@cache
def asked(loss: Loss) -> tuple[tuple[Question, str], ...]:
    """Options and inputs drawn anew for every seed and shape, each under every reduction."""
    return tuple(
        (tempered(question), reduction)
        for seed in range(SEEDS)
        for shape in SHAPES
        if len(shape) == 1 or loss.name not in ROWS_ONLY
        for question in draw(loss, seed, shape)
        for reduction in loss.reductions
    )


def tempered(question: Question) -> Question:
    """The question without what is beyond PyTorch's precision or documents.

    Where 1e12 meets 1 PyTorch loses all digits, and where eps takes a norm's place it differentiates the norm all the
    same. PyTorch's adaptive softmax has its options in the shapes of its matrices.
    """
    inputs = {
        role: np.where(np.abs(array) > 1e6, array * 1e-9, array) if array.dtype.kind == "f" else array
        for role, array in question.inputs.items()
    }
    options = {} if question.loss.name == "adaptive_log_softmax" else dict(question.options)
    if "eps" in options:
        options["eps"] = abs(options["eps"]) * 1e-6
    return replace(question, inputs=inputs, options=options)


def combination(question: Question, reduction: str) -> tuple[Any, ...]:
    """What makes a question another one, but for the numbers of its inputs."""
    options = tuple((name, np.shape(value) or str(value)) for name, value in question.options.items())
    shapes = tuple((array.shape, array.dtype.kind) for array in question.inputs.values())
    return question.loss.name, options, shapes, reduction


def computed(question: Question, reduction: str) -> losscli.Computed:
    loss = question.loss
    inputs: dict[str, Any] = {role: array for role, array in question.inputs.items() if role in loss.roles}
    for spec in loss.inputs:
        if spec.members is not None:
            inputs[spec.name] = {name: array for name, array in question.inputs.items() if name not in loss.roles}
    return losscli.compute(loss.name, reduction=reduction, gradients=True, jobs=1, **inputs, **question.options)


def for_torch(question: Question) -> Mapping[str, Array]:
    """Inputs as PyTorch wants them: signs are whole numbers, of which it gives no gradient."""
    smooth = {spec.name for spec in question.loss.inputs if spec.differentiable and spec.forms}
    return {
        role: array if role in smooth or role not in question.loss.roles else array.astype(np.int64)
        for role, array in question.inputs.items()
    }


def test_there_are_enough() -> None:
    """In all, and of each loss."""
    assert len({combination(*each) for loss in OF_TORCH for each in asked(loss)}) >= AT_LEAST
    for loss in OF_TORCH:
        assert len(asked(loss)) >= 18, loss.name


@pytest.mark.parametrize("loss", OF_TORCH, ids=lambda loss: loss.name)
def test_as_torch(loss: Loss) -> None:
    from tests.golden.torch_answers import torch_answer

    for question, reduction in asked(loss):
        ours = computed(question, reduction)
        theirs = torch_answer(loss.name, for_torch(question), question.options, reduction)
        what = f"{question.options} {reduction}"
        assert_near(ours.value, theirs.value, what, terms=largest(np.asarray(ours.per_sample)))
        assert ours.gradients is not None
        if np.isnan(theirs.value).any():  # the mean of nothing, which has no slope
            continue
        for role, slope in theirs.gradients.items():
            told = np.isfinite(slope) if (loss.name, role) in SPOILED else np.ones(slope.shape, bool)
            assert_near(ours.gradients[role][told], slope[told], f"{role}: {what}", terms=PARTS)
