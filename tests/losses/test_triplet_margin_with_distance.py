"""The triplet margin loss with a distance of choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import vectors
from tests.references._formulas import Array
from tests.references.triplet_margin_with_distance import (
    DISTANCES,
    ROLES,
    of_slopes,
    of_turns,
    triplet,
)

LOSS = "triplet_margin_with_distance"
SMALLEST = 1e-300


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


OWN = """
import numpy as np

def of_rows(x, y):
    return np.sqrt(((x - y + 1e-6) ** 2).sum(axis=-1))

def of_vectors(x, y, shift=1e-6):
    return np.linalg.norm(x - y + shift)

def down(x, y):
    return sum(np.abs(x - y))

def absolute(x, y):
    return np.abs(x - y).sum(axis=1)

def differences(x, y):
    return x - y

def raises(x, y):
    return {}["distance"]

def alone(x):
    return x.sum(axis=1)

def gradient(prediction):
    return prediction
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return path


def triplets(rows: int, width: int) -> dict[str, Any]:
    random = np.random.default_rng([55, rows, width])
    return {role: random.normal(size=(rows, width)) * 10.0 ** random.uniform(-2, 2, (rows, 1)) for role in ROLES}


def assert_alike(mine: losscli.Computed, theirs: losscli.Computed) -> None:
    np.testing.assert_allclose(mine.per_sample, theirs.per_sample, rtol=1e-12, atol=1e-12)
    assert mine.gradients is not None
    assert theirs.gradients is not None
    for role in ROLES:
        np.testing.assert_allclose(mine.gradients[role], theirs.gradients[role], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(("rows", "width"), [(1, 1), (1, 3), (2, 2), (3, 3), (9, 4), (3, 2)])
@pytest.mark.parametrize(
    ("function", "name"),
    [("of_rows", "euclidean"), ("of_vectors", "euclidean"), ("down", "manhattan"), ("absolute", "manhattan")],
)
def test_a_distance_of_ones_own(own: Path, function: str, name: str, rows: int, width: int, swap: bool) -> None:
    """The built-in one, whether it takes all rows at once or a pair, as a sum along the first axis of rows does."""
    arrays = triplets(rows, width)
    mine = losscli.compute(LOSS, **arrays, distance_function=f"{own}:{function}", swap=swap, gradients=True)
    assert_alike(mine, losscli.compute(LOSS, **arrays, distance_function=name, swap=swap, gradients=True))


def test_a_function_that_is_at_hand() -> None:
    def euclidean(x: Array, y: Array) -> Array:
        return np.asarray(np.sqrt(np.sum((x - y + 1e-6) ** 2, axis=-1)))

    arrays = triplets(7, 5)
    mine = losscli.compute(LOSS, **arrays, distance_function=euclidean, gradients=True)
    assert_alike(mine, losscli.compute(LOSS, **arrays, gradients=True))


def test_vectors_in_chunks(own: Path) -> None:
    """More rows than a chunk holds, shared between threads."""
    arrays = triplets(90_000, 2)
    mine = losscli.compute(LOSS, **arrays, distance_function=f"{own}:of_rows", jobs=2, reduction="none")
    np.testing.assert_allclose(mine.value, losscli.compute(LOSS, **arrays, reduction="none").value, atol=1e-12)


def test_no_triplets(own: Path) -> None:
    nothing = np.zeros((0, 3))
    found = losscli.compute(
        LOSS, nothing, nothing, nothing, distance_function=f"{own}:of_rows", reduction="sum", gradients=True
    )
    assert found.value == 0.0
    assert found.gradients is not None
    assert found.gradients["anchor"].shape == (0, 3)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("differences", r"own.py:differences: it returns shape \(2, 3\) for two arrays of shape \(2, 3\)\nreturn n"),
        ("raises", "own.py line 20: KeyError: 'distance'"),
        ("alone", r"a distance takes two inputs, and this takes 1 \(x\)"),
        ("of_row", "no function 'of_row', did you mean 'of_rows'"),
        ("", "names no function in a Python file"),
    ],
)
def test_what_is_wrong_with_a_distance_of_ones_own(own: Path, function: str, told: str) -> None:
    with pytest.raises(losscli.LossError, match=told):
        losscli.compute(LOSS, **triplets(4, 3), distance_function=f"{own}:{function}")


def test_a_distance_of_two_vectors_is_of_these_alone() -> None:
    def shared(x: Array, y: Array) -> Array:
        return np.asarray(np.abs(x - y).sum(axis=1) / len(x))

    with pytest.raises(losscli.LossError, match="shared: the distance of two vectors depends on the other vectors"):
        losscli.compute(LOSS, **triplets(4, 3), distance_function=shared)


def test_the_way_to_verify_a_claim(own: Path) -> None:
    """Its value from the file is the claim, and another word of the list its explanation."""
    arrays = triplets(5, 3)
    value = losscli.compute(LOSS, **arrays, distance_function="manhattan").value
    assert losscli.verify(LOSS, **arrays, distance_function=f"{own}:absolute", claim=float(f"{value:.12g}")).holds
    refuted = losscli.verify(LOSS, **arrays, distance_function=f"{own}:of_rows", claim=float(f"{value:.12g}"))
    assert not refuted.holds
    assert "distance_function was manhattan" in refuted.explanations[0].text


def test_a_suite_finds_the_file_beside_itself(own: Path) -> None:
    suite = own.with_name("suite.yaml")
    suite.write_text(
        f"losscli: 1\ncases:\n  - name: own\n    loss: {LOSS}\n    inputs: [[[0, 0]], [[3, 4]], [[6, 8]]]\n"
        "    options: {distance_function: 'own.py:absolute', margin: 9}\n    expect: {value: 2}\n",
        encoding="utf-8",
    )
    assert losscli.run_suite(suite).holds
