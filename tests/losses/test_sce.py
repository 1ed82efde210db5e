"""Symmetric cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

import losscli
from tests.losses.reference import Array, Number, assert_accurate, log, log_softmax, scores

CLASSES = 4


def sce(input: list[Number], target: int, a: Number, b: Number, clip: Number, bound: Number = 0) -> Number:
    """a · CE + b · RCE. RCE = -Σ p log(onehot, at least clip), where the tutorials' p too is at least clip."""
    logarithms = log_softmax(input)
    wrong = mp.fsum(max(mp.exp(x), bound) for c, x in enumerate(logarithms) if c != target)
    return -a * logarithms[target] - b * log(clip) * wrong


def clipped(input: list[Number], target: int, a: Number, b: Number, clip: Number) -> Number:
    return sce(input, target, a, b, clip, bound=clip)


def slope_terms(input: list[Number], clip: Number, b: Number, **_: Number) -> list[Number]:
    """What is cut off in RCE is pushed up by CE, and down with all that is not cut off: at most by b log(clip) p."""
    return [-b * log(clip) * mp.exp(x) if mp.exp(x) < clip else 0 for x in log_softmax(input)]


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
