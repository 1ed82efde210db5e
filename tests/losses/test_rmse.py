"""The root mean squared error."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import ULPS, ulps_off
from tests.nasty.families import spread
from tests.nasty.mixtures import errors
from tests.references._formulas import Array
from tests.references._truth import exact
from tests.references.rmse import root as rooted


def assert_rooted(input: Array, target: Array) -> None:
    """Value and gradient within 4 ulps: √(Σe²/n) and e/(n √(Σe²/n)), with mpmath."""
    ours = losscli.compute("rmse", input, target, gradients=True)
    assert ours.gradients is not None
    with mp.workdps(60):
        error = [mpf(float(a)) - mpf(float(b)) for a, b in zip(input.ravel(), target.ravel(), strict=True)]
        (root,) = rooted({"input": exact(input), "target": exact(target)})
        slopes = [e / (root * len(error)) for e in error]
        assert ulps_off(ours.value, root) <= ULPS
        for role, sign in (("input", 1), ("target", -1)):
            for found, slope in zip(ours.gradients[role].ravel(), slopes, strict=True):
                assert ulps_off(found, sign * slope) <= ULPS


def test_accuracy() -> None:
    pairs = errors(np.random.default_rng(68))
    assert_rooted(pairs["input"], pairs["target"])


@pytest.mark.parametrize("magnitude", [1e-320, 1e-200, 1.0, 1e200, 1e307])
def test_accuracy_at_any_magnitude(magnitude: float) -> None:
    """The square of 1e200 is infinite, that of 1e-200 is 0."""
    random = np.random.default_rng(69)
    assert_rooted(magnitude * random.normal(size=(7, 3)), magnitude * random.normal(size=(7, 3)))


def test_no_order_changes_a_bit() -> None:
    random = np.random.default_rng(70)
    input = spread(random, 1000, -20, 20)
    turned = random.permutation(input)
    straight = losscli.compute("rmse", input, np.zeros(1000)).value
    assert losscli.compute("rmse", turned, np.zeros(1000)).value == straight


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_every_reduction_is_the_same_number(reduction: str) -> None:
    """√(4/3) of the errors 0, 0, -2."""
    ours = losscli.compute("rmse", [1.0, 2.0, 3.0], [1.0, 2.0, 5.0], reduction=reduction)
    assert np.shape(ours.value) == ()
    assert float(ours.value) == pytest.approx(1.1547005383792515, rel=1e-15)


def test_a_perfect_prediction() -> None:
    ours = losscli.compute("rmse", [1.0, 2.0], [1.0, 2.0], gradients=True)
    assert ours.gradients is not None
    assert ours.value == 0.0
    assert ours.gradients["input"].tolist() == [0.0, 0.0]


def test_scikit_learn_takes_a_root_for_each_output() -> None:
    """By hand: the roots are 3 and 4, and √((9 + 16)/2) is another number."""
    input, target = np.array([[3.0, 0.0], [-3.0, 0.0]]), np.array([[0.0, 4.0], [0.0, 4.0]])
    ours = losscli.compute("rmse", input, target, convention="sklearn", gradients=True)
    assert ours.gradients is not None
    assert ours.value == 3.5
    assert ours.gradients["input"].tolist() == [[0.25, -0.25], [-0.25, -0.25]]
    assert losscli.compute("rmse", input, target).value == pytest.approx(np.sqrt(12.5), rel=1e-15)


def test_a_single_number_without_an_axis() -> None:
    assert losscli.compute("rmse", 1.0, 3.0).value == 2.0


def test_shapes_must_agree() -> None:
    with pytest.raises(losscli.LossError, match="target has shape"):
        losscli.compute("rmse", [[1.0], [2.0]], [1.0, 2.0])


def test_the_place_of_a_wrong_number_is_named() -> None:
    with pytest.raises(losscli.LossError, match=r"target\[1, 0\]: target is nan"):
        losscli.compute("rmse", [[1.0], [2.0]], [[1.0], [np.nan]])
