"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

import numpy as np

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.log_cosh import log_cosh


def test_accuracy() -> None:
    """Squares of the smallest errors are below any float64, and their losses 0."""
    assert_accurate("log_cosh", log_cosh, errors(np.random.default_rng(64)))


def test_accuracy_where_the_forms_change() -> None:
    error = np.concatenate(
        [np.linspace(0.01, 3.0, 60), 1.0 + np.arange(-3, 4) * 2.0**-53, 10.0 ** np.arange(-150, 3.0, 9)]
    )
    assert_accurate("log_cosh", log_cosh, {"input": error, "target": np.zeros_like(error)})


def test_large_errors_do_not_overflow() -> None:
    """cosh(1000) does."""
    ours = losscli.compute("log_cosh", [1000.0, -1e300], [0.0, 0.0], reduction="none", gradients=True)
    assert ours.gradients is not None
    assert ours.value.tolist() == [1000.0 - np.log(2.0), 1e300]
    assert ours.gradients["input"].tolist() == [1.0, -1.0]
