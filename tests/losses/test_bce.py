"""Binary cross-entropy on probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mpf

import losscli
from tests.losses.reference import Number, assert_accurate, chances, log, times, worst_ulps


def bce(input: Number, target: Number, weight: Number = 1) -> Number:
    return -weight * (times(target, log(input)) + times(1 - target, log(1 - input)))


def clamped(input: Number, target: Number) -> Number:
    """PyTorch's: each logarithm is at least -100."""
    return -(target * max(log(input), mpf(-100)) + (1 - target) * max(log(1 - input), mpf(-100)))


def test_accuracy() -> None:
    assert_accurate("bce", bce, chances(np.random.default_rng(5)))


def test_accuracy_with_weights() -> None:
    random = np.random.default_rng(6)
    inputs = chances(random)
    assert_accurate("bce", bce, inputs, by_unit={"weight": random.normal(size=len(inputs["input"]))})


def test_accuracy_of_the_clamped_values() -> None:
    """Values only: PyTorch's gradient is not that of its clamp, see below."""
    worst = worst_ulps("bce", clamped, chances(np.random.default_rng(7)), convention="torch", gradients=False)
    assert worst["value"] <= 4.0


@pytest.mark.parametrize(
    ("probability", "target", "value", "slope"),
    [  # as recorded of PyTorch 2.13 in float64, whose 1e-12 is that of a float32
        (0.0, 1.0, 100.0, -1000000003995.8029),
        (1e-30, 1.0, 69.07755278982137, -1000000003995.8029),
        (1e-60, 1.0, 100.0, -1000000003995.8029),
        (1e-17, 0.0, 1e-17, 1.000000003995803e-05),
    ],
)
def test_torch_bounds(probability: float, target: float, value: float, slope: float) -> None:
    ours = losscli.compute("bce", [probability], [target], gradients=True)
    assert ours.gradients is not None
    assert ours.value == pytest.approx(value, rel=1e-15)
    assert ours.gradients["input"][0] == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize(
    ("probability", "target", "value", "slope", "by_target"),
    [  # limits of the formula
        (0.0, 1.0, np.inf, -np.inf, np.inf),
        (1.0, 0.0, np.inf, np.inf, -np.inf),
        (0.0, 0.0, 0.0, 1.0, np.inf),
        (1.0, 1.0, 0.0, -1.0, -np.inf),
        (1e-60, 1.0, 138.15510557964274, -1e60, 138.15510557964274),
        (1e-17, 0.0, 1e-17, 1.0, 39.14394658089878),
    ],
)
def test_exact_has_no_bounds(probability: float, target: float, value: float, slope: float, by_target: float) -> None:
    ours = losscli.compute("bce", [probability], [target], gradients=True, convention="exact")
    assert ours.gradients is not None
    found = (ours.value, ours.gradients["input"][0], ours.gradients["target"][0])
    assert found == pytest.approx((value, slope, by_target), rel=1e-15)


@pytest.mark.parametrize(("probability", "target"), [(1.0 + 1e-7, 1.0), (-0.1, 0.0), (np.nan, 0.0), (0.5, 2.0)])
def test_outside_0_to_1_is_an_error(probability: float, target: float) -> None:
    with pytest.raises(losscli.LossError, match="must be from 0 to 1"):
        losscli.compute("bce", [probability], [target])
