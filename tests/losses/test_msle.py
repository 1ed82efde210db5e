"""The mean squared logarithmic error."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.msle import squared


def amounts(random: np.random.Generator) -> dict[str, Array]:
    """Above -1: near it, near 0, of any magnitude, and nearly equal."""
    input, target = (
        np.concatenate(
            [
                random.uniform(-1, 9, 20),
                10.0 ** random.uniform(-150, 300, 20),
                random.permutation(
                    np.concatenate([10.0 ** random.uniform(-15, 0, 10) - 1.0, 10.0 ** random.uniform(0, 308, 10)])
                ),
            ]
        )
        for _ in range(2)
    )
    near = np.concatenate([random.uniform(-0.9, 9, 10), 10.0 ** random.uniform(-12, 12, 10)])
    far = [1.7e308, -1.0 + 2.0**-53]
    return {
        "input": np.concatenate([input, near, far]),
        "target": np.concatenate([target, near * (1.0 + 1e-15 * random.integers(1, 9, 20)), far[::-1]]),
    }


def test_accuracy() -> None:
    assert_accurate("msle", squared, amounts(np.random.default_rng(65)))


def test_keras_raises_what_is_below_its_bound() -> None:
    """Keras 3 computes log(max(·, 1e-7) + 1): a number below is 1e-7, and its slope 0."""
    ours = losscli.compute("msle", [-0.5, 3.0], [1.0, -0.25], convention="keras", reduction="none", gradients=True)
    assert ours.gradients is not None
    expected = [(np.log1p(1e-7) - np.log(2.0)) ** 2, (np.log(4.0) - np.log1p(1e-7)) ** 2]
    assert ours.value.tolist() == pytest.approx(expected, rel=1e-14)
    assert ours.gradients["input"][0] == 0.0
    assert ours.gradients["target"][1] == 0.0
    assert ours.gradients["input"][1] == pytest.approx(2 * (np.log(4.0) - np.log1p(1e-7)) / 4, rel=1e-14)


@pytest.mark.parametrize("number", [-1.0, -3.0])
def test_numbers_must_be_above_minus_1(number: float) -> None:
    with pytest.raises(losscli.LossError, match=rf"input\[1\]: input is {number:.0f}, and must be greater than -1"):
        losscli.compute("msle", [1.0, number], [1.0, 1.0])
    with pytest.raises(losscli.LossError, match=r"target\[0\]"):
        losscli.compute("msle", [1.0], [number])


def test_kinks_are_at_the_floor_of_either() -> None:
    kinks = find("msle").kinks
    assert kinks is not None
    input, target = np.array([0.1, 2.0, 0.1, 2.0]), np.array([2.0, 0.1, 0.1, 2.0])
    assert kinks(input=input, target=target, floor=0.1).tolist() == [True, True, True, False]


def test_a_perfect_prediction_has_no_slope() -> None:
    ours = losscli.compute("msle", [0.5, 3.0], [0.5, 3.0], gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"].tolist() == [0.0, 0.0]


def test_keras_takes_what_its_bound_raises() -> None:
    """Keras' own test has targets of -2 and -5; both count as 1e-7, and so does a prediction of -1."""
    ours = losscli.compute("msle", [1.0, -1.0], [-2.0, -5.0], convention="keras", reduction="none", gradients=True)
    assert ours.gradients is not None
    assert ours.value.tolist() == pytest.approx([float(np.log1p(1.0) - np.log1p(1e-7)) ** 2, 0.0], rel=1e-15)
    assert ours.gradients["target"].tolist() == [0.0, 0.0]
    with pytest.raises(losscli.LossError, match="must be greater than -1"):
        losscli.compute("msle", [1.0], [-2.0])
