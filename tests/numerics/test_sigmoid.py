"""Scalar functions against their definitions in mpmath, with digits enough for e**-1e5 beside 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from losscli.numerics import logarithm
from losscli.numerics.logarithm import log1p_unit
from losscli.numerics.sigmoid import sigmoid
from tests.nasty.sums import Floats

DIGITS = 400  # e**-745 beside 1 needs 324


def points(seed: int, size: int = 300) -> Floats:
    """Reals of all magnitudes, many around the places where a formula changes hands."""
    rng = np.random.default_rng(seed)
    places = np.array([0.0, math.log(2), 1.0, 18.0, 33.3, 36.7, 37.0, 709.7, 744.0])
    near = np.repeat(places, 20) * (1 + rng.standard_normal(180) * 10.0 ** rng.uniform(-16, -1, 180))
    magnitudes = np.concatenate([10.0 ** rng.uniform(-320, 3, size), rng.uniform(0, 50, size), near])
    return np.asarray(np.concatenate([magnitudes, -magnitudes, [0.0, 5e-324, 1e308, -1e308]]))


def worst(found: Floats, expected: Callable[..., Any], *arguments: Floats) -> float:
    """The largest error in ulps of the expected value."""
    errors = [0.0]
    with mp.workdps(DIGITS):
        for got, *args in zip(found.tolist(), *(each.tolist() for each in arguments), strict=True):
            truth = expected(*map(mp.mpf, args))
            if math.isfinite(got):
                errors.append(float(abs(mp.mpf(got) - truth) / math.ulp(float(truth))))
            else:
                errors.append(0.0 if got == float(truth) else math.inf)
    return max(errors)


def test_within_4_ulp() -> None:
    x = points(0)
    assert worst(sigmoid(x), lambda x: 1 / (1 + mp.exp(-x)) if x > -1e4 else mp.mpf(0), x) <= 4


def test_limits() -> None:
    x = np.array([-math.inf, math.inf, -1e308, 1e308, math.nan])
    np.testing.assert_array_equal(sigmoid(x), [0.0, 1.0, 0.0, 1.0, math.nan])


def test_arguments_are_left_alone_and_shapes_kept() -> None:
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    before = x.copy()
    assert sigmoid(x).shape == sigmoid(x.T).T.shape == (3, 4)
    np.testing.assert_array_equal(sigmoid(x.T).T, sigmoid(x))
    np.testing.assert_array_equal(x, before)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is what is tested, whatever this machine would choose."""
    monkeypatch.setattr(logarithm, "_USE_NUMPY", False)


@pytest.mark.usefixtures("table")
def test_log1p_unit_within_its_bound() -> None:
    rng = np.random.default_rng(3)
    y = np.concatenate(
        [
            rng.random(1000),
            10.0 ** rng.uniform(-320, 0, 500),
            rng.uniform(2.0**-12, 2.0**-8, 1500),
            np.arange(1, 2049) / 2048,  # grid points, and halfway between them
            [0.0, 5e-324, math.nextafter(2.0**-11, 0), math.nextafter(1, 0), 1.0],
        ]
    )
    assert worst(log1p_unit(y), mp.log1p, y) <= 2.2


@pytest.mark.usefixtures("table")
def test_log1p_unit_bound_cell_by_cell() -> None:
    """The docstring's sum of errors with the true error of each table entry, at the end of the cell that is smaller."""
    bounds = []
    with mp.workdps(40):
        for cell in range(1, 1025):
            g, half = cell / 1024, 2.0**-11
            entry = abs(mp.mpf(math.log1p(g)) - mp.log1p(mp.mpf(g)))
            assert logarithm._LOGARITHMS[cell] == pytest.approx(math.log1p(g), rel=2.0**-52)
            entry = max(entry, abs(mp.mpf(float(logarithm._LOGARITHMS[cell])) - mp.log1p(mp.mpf(g))))
            inverse = abs(mp.mpf(float(logarithm._INVERSES[cell])) * (1 + mp.mpf(g)) - 1)
            r = half / (1 + g)
            ulp = math.ulp(math.log1p(g - half))
            bounds.append(0.5 + float((entry + r * inverse + math.ulp(r) + r * 2.0**-57) / ulp))
    assert bounds[0] <= 2.2
    assert bounds[1] <= 1.6
    assert max(bounds[2:]) <= 1.3


@pytest.mark.usefixtures("table")
def test_log1p_unit_of_an_element_depends_on_nothing_else() -> None:
    y = np.random.default_rng(4).random((1 << 16) + 77)
    whole = log1p_unit(y)
    np.testing.assert_array_equal(log1p_unit(y[::-1])[::-1], whole)
    np.testing.assert_array_equal(np.concatenate([log1p_unit(part) for part in np.split(y, [1, 5, 40_000])]), whole)
    y[3] = math.nan
    assert np.flatnonzero(np.isnan(log1p_unit(y))).tolist() == [3]
    assert log1p_unit(np.array([])).size == 0
