"""Symmetric cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import scores
from tests.references._formulas import Array
from tests.references.sce import clipped, sce, slope_terms

CLASSES = 4


def labelled(seed: int) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    input = scores(random, CLASSES)
    input = input[(input[:, 0] < 700) | (input[:, 1] > 700)]  # a subnormal softmax has no digits to multiply
    return {"input": input, "target": np.where(np.isinf(input[:, 1]), 0, random.integers(0, CLASSES, len(input)))}


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.1, 6.0), (1.0, 0.0)])
def test_accuracy(a: float, b: float) -> None:
    assert_accurate("sce", sce, labelled(27), a=a, b=b, clip=1e-4)


@pytest.mark.parametrize("clip", [1e-4, 1e-7])
def test_accuracy_of_the_tutorials_form(clip: float) -> None:
    options = {"convention": "torch", "a": 1.0, "b": 1.0, "clip": clip}
    assert_accurate("sce", clipped, labelled(28), terms={"input": slope_terms}, **options)


def test_impossible_and_true_counts_only_in_the_cross_entropy() -> None:
    """With a = 0 nothing of its infinity is left; the reverse part is -log(1e-4) in all."""
    ours = losscli.compute("sce", [[-np.inf, 0.0]], [0], a=0.0, convention="exact")
    assert ours.value == pytest.approx(-np.log(1e-4), rel=1e-15)
    assert losscli.compute("sce", [[-np.inf, 0.0]], [0]).value == np.inf
