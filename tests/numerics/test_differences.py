"""Derivatives of functions known by their values alone, against formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from losscli.numerics.differences import derivative

_SPREAD = 10.0 ** np.random.default_rng(5).uniform(-12.0, 3.0, 60)
_LEVEL = np.random.default_rng(6).uniform(-40.0, 40.0, 60)


def _derivative(function: Callable[[Any], Any], x: NDArray[np.float64]) -> tuple[Any, Any]:
    def along(move: NDArray[Any]) -> NDArray[Any]:
        try:
            return np.asarray(function(x + move))
        except TypeError:
            return np.full(x.shape, np.nan)

    near = np.where(x == 0.0, 1.0, np.abs(x))
    return derivative(along, near, np.full(x.shape, min(1.0, near.max())))


@pytest.mark.parametrize(
    ("function", "slope", "x", "rtol"),
    [
        (lambda x: x**3, lambda x: 3.0 * x**2, _LEVEL, 1e-15),
        (np.log, lambda x: 1.0 / x, _SPREAD, 1e-15),
        (lambda x: np.log(1.0 - x), lambda x: -1.0 / (1.0 - x), 1.0 - np.minimum(_SPREAD, 0.5), 1e-15),
        (lambda x: 1.0 / (1.0 + np.exp(-x)), lambda x: np.exp(-x) / (1.0 + np.exp(-x)) ** 2, _LEVEL, 1e-14),
        (lambda x: np.maximum(x, 0.5), lambda x: 1.0 * (x > 0.5), _LEVEL, 0.0),
    ],
)
def test_the_complex_step_has_nearly_all_digits(
    function: Callable[[Any], Any], slope: Callable[[Any], Any], x: NDArray[np.float64], rtol: float
) -> None:
    found, by_complex = _derivative(function, x)
    assert by_complex.all()
    np.testing.assert_allclose(found, slope(x), rtol=rtol)


@pytest.mark.parametrize(
    ("function", "slope", "x"),
    [
        (np.abs, np.sign, np.concatenate([_LEVEL, _SPREAD, -_SPREAD])),  # by the complex step 0
        (lambda x: np.abs(np.log(x)), lambda x: np.sign(np.log(x)) / x, _SPREAD),
        (lambda x: np.hypot(x, 1.0), lambda x: x / np.hypot(x, 1.0), _LEVEL),  # takes no complex numbers
        (lambda x: np.real(x) ** 2, lambda x: 2.0 * x, _LEVEL),
        (lambda x: np.sqrt((x * np.conj(x)).real), np.sign, _LEVEL),
    ],
)
def test_differences_where_the_complex_step_is_wrong(
    function: Callable[[Any], Any], slope: Callable[[Any], Any], x: NDArray[np.float64]
) -> None:
    found, by_complex = _derivative(function, x)
    assert not by_complex.any()
    np.testing.assert_allclose(found, slope(x), rtol=1e-9)


def test_at_a_kink_it_lies_between_the_sides() -> None:
    found, _ = _derivative(lambda x: np.maximum(x, 0.0), np.zeros(1))
    assert found.tolist() == [0.5]


def test_of_no_number_there_is_no_derivative() -> None:
    found, _ = _derivative(lambda x: np.where(np.real(x) > 0.0, x, np.nan), np.array([-1.0, 2.0]))
    np.testing.assert_array_equal(found, [np.nan, 1.0])
