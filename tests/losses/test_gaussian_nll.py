"""The negative log-likelihood of a normal distribution."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.gaussian_nll import gaussian


def spans(random: np.random.Generator) -> dict[str, Array]:
    """Errors of all magnitudes: with any variance, with that of their own square, and where the loss is 0."""
    error = np.concatenate([random.normal(size=20), spread(random, 30, -140, 140)])
    var = 10.0 ** random.uniform(-140, 140, 50)
    var[:20] = random.uniform(0.01, 3, 20)
    own = spread(random, 20, -140, 140)
    vanishing = random.uniform(0.01, 0.99, 20)
    at_zero = np.sqrt(-vanishing * np.log(vanishing)) * (1.0 + 1e-9 * random.normal(size=20))
    plateau = np.full(4, 1.0 / (2.0 * np.pi)) * (1.0 + 1e-9 * random.normal(size=4))  # where log 2πv is 0
    near = random.normal(size=20)
    error = np.concatenate([error, own, at_zero, [0.0, 0.0, 1e-9, 1e-100]])
    return {
        "input": np.concatenate([error, near + 1e-9 * random.normal(size=20)]),
        "target": np.concatenate([0.1 * error * (np.arange(94) < 50), near]),
        "var": np.concatenate(
            [var, own**2 * (1.0 + 1e-9 * random.normal(size=20)), vanishing, plateau, random.uniform(0.1, 3, 20)]
        ),
    }


@pytest.mark.parametrize("full", [False, True])
def test_accuracy(full: bool) -> None:
    assert_accurate("gaussian_nll", gaussian, spans(np.random.default_rng(63)), full=full)


def test_no_variance_at_all() -> None:
    """The limits as the variance goes to 0; `exact`, for PyTorch's eps keeps them finite."""
    ours = losscli.compute(
        "gaussian_nll", [1.0, 2.0], [1.0, 0.0], [0.0, 0.0], convention="exact", reduction="none", gradients=True
    )
    assert ours.gradients is not None
    assert ours.value.tolist() == [-np.inf, np.inf]
    assert ours.gradients["input"].tolist() == [0.0, np.inf]
    assert ours.gradients["var"].tolist() == [np.inf, -np.inf]


def test_a_variance_below_eps_has_pytorchs_gradient() -> None:
    """PyTorch 2.13.0 takes the slope at eps, although its loss is flat there."""
    ours = losscli.compute("gaussian_nll", [1.0, 0.0], [0.0, 0.0], [0.0, 0.0], reduction="none", gradients=True)
    assert ours.gradients is not None
    assert ours.value.tolist() == pytest.approx([499993.0922446, -6.907755278982137], rel=1e-12)
    assert ours.gradients["var"].tolist() == pytest.approx([-499999500000.0, 500000.0], rel=1e-12)


def test_full_adds_a_constant() -> None:
    plain, full = (losscli.compute("gaussian_nll", [1.0], [3.0], [2.0], full=full).value for full in (False, True))
    assert full - plain == pytest.approx(0.9189385332046727, rel=1e-14)  # log(2π)/2


@pytest.mark.parametrize("shape", [(), (2,), (2, 1)])
def test_fewer_variances_than_numbers(shape: tuple[int, ...]) -> None:
    """Each stands for all the numbers it is spread over, and its gradient is the sum of theirs."""
    input, target = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, -1.0]]), np.array([[1.5, 2.0, 3.0], [2.0, 1.0, -1.5]])
    var = np.array([0.5, 2.0]).reshape(shape) if shape else np.array(0.5)
    ours = losscli.compute("gaussian_nll", input, target, var, gradients=True)
    every = np.broadcast_to(var.reshape(-1, 1), (2, 3)).copy()
    whole = losscli.compute("gaussian_nll", input, target, every, gradients=True)
    assert ours.gradients is not None
    assert whole.gradients is not None
    assert ours.value == whole.value
    np.testing.assert_array_equal(ours.gradients["input"], whole.gradients["input"])
    expected = (
        whole.gradients["var"].sum(axis=1, keepdims=True).reshape(shape) if shape else whole.gradients["var"].sum()
    )
    assert ours.gradients["var"].shape == shape
    np.testing.assert_allclose(ours.gradients["var"], expected, rtol=1e-14)


def test_a_variance_must_not_be_negative() -> None:
    with pytest.raises(losscli.LossError, match=r"var\[1\]: var is -1, and must be 0 or greater"):
        losscli.compute("gaussian_nll", [1.0, 2.0], [1.0, 2.0], [1.0, -1.0])
    with pytest.raises(losscli.LossError, match="eps must be 0 or greater"):
        losscli.compute("gaussian_nll", [1.0], [1.0], [1.0], eps=-1.0)
