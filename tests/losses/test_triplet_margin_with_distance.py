"""The triplet margin loss with a distance of choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import Array, Number, assert_accurate, vectors

Vector = list[Number]
Distance = Callable[[Vector, Vector], Number]
LOSS = "triplet_margin_with_distance"
SMALLEST = 1e-300
ROLES = ("anchor", "positive", "negative")


def differences(one: Vector, other: Vector) -> Vector:
    return [abs(a - b) for a, b in zip(one, other, strict=True)]


def cosine_distance(one: Vector, other: Vector) -> Number:
    return 1 - mp.fdot(one, other) / mp.sqrt(mp.fdot(one, one) * mp.fdot(other, other))


DISTANCES: dict[str, Distance] = {
    "euclidean": lambda one, other: mp.sqrt(mp.fsum(entry**2 for entry in differences(one, other))),
    "manhattan": lambda one, other: mp.fsum(differences(one, other)),
    "chebyshev": lambda one, other: max(differences(one, other)),
    "cosine": cosine_distance,
}


def triplet(
    anchor: Vector, positive: Vector, negative: Vector, distance_function: str, margin: Number, swap: bool = False
) -> Number:
    distance = DISTANCES[distance_function]
    far = distance(anchor, negative)
    if swap:
        far = min(far, distance(positive, negative))
    return max(mpf(0), distance(anchor, positive) - far + margin)


def of_slopes(**_: object) -> Number:
    """Slopes are differences of entries of unit vectors."""
    return mpf(1)


def of_turns(anchor: Vector, positive: Vector, negative: Vector, **_: object) -> Number:
    """Those of a cosine fall with the length of the vector."""
    return 1 / min(mp.sqrt(mp.fdot(vector, vector)) for vector in (anchor, positive, negative))


def norms(pair: tuple[Array, Array]) -> float:
    """The largest entry of the smaller of two arrays."""
    return min(float(np.abs(array).max()) for array in pair)


@pytest.mark.parametrize("name", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize(("one", "other"), vectors(np.random.default_rng(51)))
def test_accuracy(one: Array, other: Array, name: str) -> None:
    """The margin is small beside the distances, and these nearly alike: most of them cancels."""
    if name == "chebyshev":  # off the kink, where several entries of a difference are the largest
        other = other + np.arange(1, 6) * (other - one)
    random = np.random.default_rng(52)
    mirror = random.choice([-1.0, 1.0], one.shape) * (1.0 + 1e-9 * random.normal(size=one.shape))
    inputs = {"anchor": one, "positive": other, "negative": one + (other - one) * mirror}
    terms = dict.fromkeys(ROLES, of_slopes)
    assert_accurate(LOSS, triplet, inputs, terms=terms, margin=1e-12, distance_function=name)


@pytest.mark.parametrize(
    ("one", "other"), [pair for pair in vectors(np.random.default_rng(53)) if norms(pair) > SMALLEST]
)
def test_accuracy_of_angles(one: Array, other: Array) -> None:
    """Cosines near 1 on both sides, and any. Of subnormal vectors the slopes are infinite, and so is no difference."""
    terms = dict.fromkeys(ROLES, of_turns)
    inputs = {
        "anchor": one,
        "positive": other,
        "negative": one + 0.7 * other * (np.abs(one).max() / np.abs(other).max()),
    }
    assert_accurate(LOSS, triplet, inputs, terms=terms, margin=1e-9, distance_function="cosine")


@pytest.mark.parametrize("name", DISTANCES)
def test_accuracy_with_swap(name: str) -> None:
    random = np.random.default_rng(54)
    inputs = {role: random.normal(size=(8, 4)) for role in ROLES}
    terms = dict.fromkeys(ROLES, of_turns)
    assert_accurate(LOSS, triplet, inputs, terms=terms, margin=2.0, distance_function=name, swap=True)


def value(*inputs: list[float], **options: Any) -> float:
    return float(losscli.compute(LOSS, *([row] for row in inputs), **options).value)


def test_by_hand() -> None:
    """Differences (3, 4) and (6, 8), and the angles between (1, 0), (3, 4) and (4, 3)."""
    vectors = ([0.0, 0.0], [3.0, 4.0], [6.0, 8.0])
    assert value(*vectors, margin=7.0, convention="exact") == 2.0
    assert value(*vectors, margin=9.0, distance_function="manhattan") == 2.0
    assert value(*vectors, margin=5.0, distance_function="chebyshev") == 1.0
    angles = ([1.0, 0.0], [3.0, 4.0], [4.0, 3.0])
    assert value(*angles, margin=0.1, distance_function="cosine") == pytest.approx(0.3, rel=1e-15)


def test_eps_belongs_to_the_euclidean_distance() -> None:
    """PyTorch's default, pairwise_distance, adds 1e-6 to each entry; the others are plain."""
    same = [1.0, 2.0]
    far = [7.0, 10.0]
    assert value(same, same, far, margin=11.0) == pytest.approx(
        1.0 + np.sqrt(2.0) * 1e-6 - np.hypot(6.0 - 1e-6, 8.0 - 1e-6) + 10.0, rel=1e-15
    )
    assert value(same, same, far, margin=15.0, distance_function="manhattan") == 1.0


def test_a_zero_vector_has_the_cosine_0() -> None:
    """By PyTorch's bound of 1e-8 on lengths; without it there is no angle."""
    vectors = ([0.0, 0.0], [1.0, 0.0], [0.0, 1.0])
    assert value(*vectors, distance_function="cosine") == 1.0
    assert np.isnan(value(*vectors, distance_function="cosine", convention="exact"))


@pytest.mark.parametrize("margin", [0.0, -1.0])
def test_the_margin_must_be_positive(margin: float) -> None:
    """As in PyTorch, which takes 0 for triplet_margin."""
    with pytest.raises(losscli.LossError, match="margin must be greater than 0"):
        value([0.0], [1.0], [2.0], margin=margin)


def test_an_unknown_distance_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="euclidean, cosine, manhattan or chebyshev"):
        value([0.0], [1.0], [2.0], distance_function="cityblock")
