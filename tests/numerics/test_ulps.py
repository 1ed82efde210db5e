"""Ulps against math.ulp, math.nextafter and NumPy's float32 arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from losscli.numerics.ulps import ulp, ulps_between

LARGEST = float(np.finfo(np.float64).max)
VALUES = [
    0.0,
    -0.0,
    5e-324,
    1e-310,
    2.0**-1022,
    1e-300,
    0.1,
    math.nextafter(1.0, 0.0),
    1.0,
    -1.0,
    3.7,
    2.0**52,
    LARGEST,
]


@pytest.mark.parametrize("value", [*VALUES, math.inf, -math.inf])
def test_ulp_is_pythons(value: float) -> None:
    assert ulp(value) == math.ulp(value)


def test_ulp_keeps_shape_and_nan() -> None:
    assert ulp(np.ones((2, 3))).shape == (2, 3)
    assert np.isnan(ulp(math.nan))


@pytest.mark.parametrize("value", [0.0, 1e-45, 1e-40, 2.0**-126, 0.1, 1.0, -3.0, 1e38])
def test_float32_spacing(value: float) -> None:
    single = np.float32(value)
    magnitude = abs(single)
    assert ulp(float(single), np.float32) == float(np.nextafter(magnitude, np.float32(np.inf))) - float(magnitude)


def test_float32_spacing_just_under_a_power_of_two() -> None:
    assert ulp(1 - 2.0**-40, np.float32) == 2.0**-24  # rounded to float32 first, it would be twice that
    assert ulp(1.0, np.float32) == 2.0**-23
    assert ulp(2.0**130, np.float32) == 2.0**107


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("steps", [0, 1, 2, 17])
def test_steps_are_counted(value: float, steps: int) -> None:
    reached = value
    for _ in range(steps):
        reached = math.nextafter(reached, -math.inf)
    assert ulps_between(value, reached) == ulps_between(reached, value) == steps


def test_extremes() -> None:
    assert ulps_between(0.0, -0.0) == 0
    assert ulps_between(-5e-324, 5e-324) == 2
    assert ulps_between(1.0, 2.0) == 2**52
    assert ulps_between(LARGEST, math.inf) == 1
    assert ulps_between(-math.inf, math.inf) == 2 * 0x7FF0000000000000
    assert ulps_between(math.nan, -math.nan) == 0
    assert ulps_between(math.nan, math.inf) == ulps_between(1.0, math.nan) == 2**64 - 1


def test_arrays_broadcast_and_need_not_be_contiguous() -> None:
    grid = np.arange(12.0).reshape(3, 4)
    found = ulps_between(np.nextafter(grid, np.inf).T, grid.T)
    assert found.shape == (4, 3)
    assert (found == 1).all()
    assert ulps_between(1.0, [1.0, 1 + 2.0**-52]).tolist() == [0, 1]
