"""The triplet margin loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import assert_accurate, worst_ulps
from tests.nasty.mixtures import vectors
from tests.references._formulas import Array, Number
from tests.references.triplet_margin import ROLES, TERMS, Vector, triplet_margin

PAIRS = vectors(np.random.default_rng(33))


def triplets(one: Array, other: Array) -> dict[str, Array]:
    """The negatives lie about as far away as the positives."""
    random = np.random.default_rng(34)
    mirror = random.choice([-1.0, 1.0], one.shape) * (1.0 + 1e-9 * random.normal(size=one.shape))
    return {"anchor": one, "positive": other, "negative": one + (other - one) * mirror}


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_accuracy(one: Array, other: Array, p: float) -> None:
    """The margin is small beside the distances, and these nearly alike: most of them cancels."""
    if np.isinf(p):  # off the kink, where several entries of a difference are the largest
        other = other + np.arange(1, 6) * (other - one)
    inputs = triplets(one, other)
    assert_accurate("triplet_margin", triplet_margin, inputs, terms=TERMS, margin=1e-12, p=p, eps=0.0)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.5])
def test_accuracy_with_eps_and_swap(p: float) -> None:
    random = np.random.default_rng(35)
    inputs = {role: random.normal(size=(8, 4)) for role in ROLES}
    options = {"margin": 3.0, "p": p, "eps": 1e-6, "swap": True}
    assert_accurate("triplet_margin", triplet_margin, inputs, terms=TERMS, **options)


@pytest.mark.parametrize("p", [1.25, 3.5, 20.0, 2000.0])
def test_accuracy_of_other_norms(p: float) -> None:
    """Here the distances are good to 4 ulps, not their difference. A large power must not underflow."""
    one, other = np.random.default_rng(36).normal(size=(2, 5, 4))
    inputs = {"anchor": one, "positive": other, "negative": one}
    assert_accurate("triplet_margin", triplet_margin, inputs, terms=TERMS, margin=0.0, p=p, eps=0.0)


@pytest.mark.parametrize("p", [2.0, 3.5])
def test_slopes_of_one_distance(p: float) -> None:
    """Where the negative is far too near, the slope of the positive is that of one norm, good to 4 ulps of itself."""
    one, other = np.random.default_rng(37).normal(size=(2, 5, 4))
    inputs = {"anchor": one, "positive": other, "negative": one + 1e-3}
    worst = worst_ulps("triplet_margin", triplet_margin, inputs, margin=1.0, p=p, eps=0.0)
    assert worst["positive"] <= 4.0


def triplet(*inputs: list[float], **options: Any) -> tuple[float, list[float]]:
    ours = losscli.compute("triplet_margin", *([row] for row in inputs), gradients=True, **options)
    assert ours.gradients is not None
    return ours.value, ours.gradients["anchor"][0].tolist()


def test_all_the_same() -> None:
    """A norm has no slope at 0: PyTorch's choice is 0."""
    assert triplet([1.0, 2.0], [1.0, 2.0], [1.0, 2.0], eps=0.0) == (1.0, [0.0, 0.0])


def test_eps_is_added_to_each_entry_of_a_difference() -> None:
    """So the distance of a vector from itself is √2 · 1e-6 in two dimensions."""
    value, _ = triplet([1.0, 2.0], [1.0, 2.0], [1.0, 2.0], margin=0.0, eps=1e-6)
    assert value == 0.0
    near = losscli.compute("triplet_margin", [[1.0, 2.0]], [[1.0, 2.0]], [[5.0, 5.0]], margin=5.0).value
    assert near == pytest.approx(np.sqrt(2.0) * 1e-6 - np.hypot(4.0 - 1e-6, 3.0 - 1e-6) + 5.0, rel=1e-9)


def test_huge_distances() -> None:
    """PyTorch's float32 is inf from 1e20 on."""
    value, slopes = triplet([1e200, 1e200], [0.0, 0.0], [1e200, 1e200], margin=0.0, eps=0.0)
    assert value == pytest.approx(np.sqrt(2.0) * 1e200, rel=1e-15)
    assert slopes == pytest.approx([np.sqrt(0.5)] * 2, rel=1e-15)


def test_the_slope_is_passed_on_where_the_margin_is_just_met() -> None:
    assert triplet([0.0], [1.0], [3.0], margin=2.0, eps=0.0) == (0.0, [0.0])  # -1 of the positive, 1 of the negative
    assert triplet([0.0], [1.0], [-3.0], margin=2.0, eps=0.0) == (0.0, [-2.0])


def test_p_under_1_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="p must be 1 or greater"):
        triplet([0.0], [1.0], [2.0], p=0.5)


@pytest.mark.parametrize("p", [2.0, 4.0])
def test_accuracy_with_the_constant_under_the_root(p: float) -> None:
    """optax's: (Σ |x - y|^p + 1e-6)^(1/p), whose slope at 0 is 0. Its root is rounded, so the distances count."""
    random = np.random.default_rng(38)
    inputs = {role: random.normal(size=(6, 4)) for role in ROLES}

    def distance_of_optax(one: Vector, other: Vector, p: Number) -> Number:
        powers = mp.fsum(abs(a - b) ** p for a, b in zip(one, other, strict=True))
        return (powers + mpf(1e-6)) ** (1 / p)

    def formula(anchor: Vector, positive: Vector, negative: Vector, margin: Number, p: Number) -> Number:
        return max(mpf(0), distance_of_optax(anchor, positive, p) - distance_of_optax(anchor, negative, p) + margin)

    rest = {"terms": TERMS, "margin": 5.0, "p": p}
    assert_accurate("triplet_margin", formula, inputs, convention="optax", **rest)
    same = losscli.compute("triplet_margin", [[1.0]], [[1.0]], [[1.0]], margin=1.0, convention="optax", gradients=True)
    assert same.gradients is not None
    assert (same.value.tolist(), same.gradients["anchor"].tolist()) == ([1.0], [[0.0]])
