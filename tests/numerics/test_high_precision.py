"""NumPy code in 60 digits, against mpmath itself; infinities where float64 has them; nothing rounded silently."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from losscli.numerics.high_precision import DIGITS, Precise, floats, precise

X = np.array([0.1, 0.7, 3.25])


@pytest.mark.parametrize(
    ("ufunc", "exact"),
    [
        (np.exp, mpmath.exp),
        (np.expm1, mpmath.expm1),
        (np.log, mpmath.log),
        (np.log1p, mpmath.log1p),
        (np.sqrt, mpmath.sqrt),
        (np.tanh, mpmath.tanh),
        (np.arctan, mpmath.atan),
        (np.cbrt, mpmath.cbrt),
        (np.square, lambda x: x * x),
        (np.log2, lambda x: mpmath.log(x, 2)),
        (np.negative, lambda x: -x),
    ],
)
def test_functions(ufunc: Any, exact: Any) -> None:
    found = ufunc(precise(X))
    with mpmath.workdps(DIGITS + 10):
        for number, x in zip(found, X.tolist(), strict=True):
            expected = exact(mpmath.mpf(x))
            assert abs(mpmath.mpf(str(number)) - expected) <= abs(expected) * mpmath.mpf(10) ** (2 - DIGITS)


def test_infinities_as_in_float64() -> None:
    """Zeros, infinities and what is undefined, where mpmath raises or goes to complex numbers."""
    edges = np.array([0.0, 1.0, -1.0, np.inf, -np.inf])
    with np.errstate(all="ignore"):
        for function in (np.log, np.sqrt, np.exp, np.log1p, np.reciprocal):
            np.testing.assert_array_equal(np.isnan(floats(function(precise(edges)))), np.isnan(function(edges)))
            np.testing.assert_array_equal(np.isinf(floats(function(precise(edges)))), np.isinf(function(edges)))
        quotient = edges[:, None] / np.array([0.0, 2.0, np.inf])
        found = floats(precise(edges)[:, None] / precise(np.array([0.0, 2.0, np.inf])))
    np.testing.assert_array_equal(found, quotient)


def test_what_needs_bits_or_predicates() -> None:
    x = precise(np.array([0.75, -6.0, 0.0]))
    mantissa, exponent = np.frexp(x)
    assert (floats(mantissa).tolist(), exponent.tolist()) == ([0.75, -0.75, 0.0], [0, 3, 0])
    assert floats(np.ldexp(x, np.array([1, -1, 5]))).tolist() == [1.5, -3.0, 0.0]
    assert np.isfinite(x).tolist() == [True, True, True]
    assert np.isfinite(x).dtype == bool
    assert isinstance(np.where(np.array([True, False, True]), x, 1.0), Precise)
    assert floats(x.max()).item() == 0.75
    assert floats(np.concatenate([x, np.ones(1)])).tolist() == [0.75, -6.0, 0.0, 1.0]
    assert x.astype(np.intp).tolist() == [0, -6, 0]


def test_digits_are_not_lost_without_a_word() -> None:
    x, plain = precise(X), np.zeros(3)
    with pytest.raises(TypeError, match="digits would be lost"):
        plain[:] = x
    plain += x  # takes the place of the plain array
    assert isinstance(plain, Precise)
    assert float(x.min()) == 0.1  # a number that code only chooses a way by


def test_other_users_of_mpmath_keep_their_numbers() -> None:
    precise(X)
    assert float(mpmath.mpf("0.5")) == 0.5
    assert mpmath.mp.dps == 15
