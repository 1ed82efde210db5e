"""The Kullback-Leibler divergence."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import DIGITS, assert_accurate
from tests.references._formulas import Number
from tests.references.kl_div import kl_div, kl_div_of_logs, slope_terms


def test_accuracy() -> None:
    random = np.random.default_rng(13)
    target = np.concatenate(
        [random.random(40), 10.0 ** random.uniform(-320, 0, 30), 1.0 - 10.0 ** random.uniform(-15, -1, 20)]
    )
    near = np.log(target) * (1.0 + 10.0 ** random.uniform(-12, 0, len(target)))
    input = np.where(random.random(len(target)) < 0.5, near, -50.0 * random.random(len(target)))
    assert_accurate("kl_div", kl_div, {"input": input, "target": target}, terms={"target": slope_terms})


def test_accuracy_where_a_model_is_right_to_the_last_bit() -> None:
    """Here only the rounding of the input is left of log t - input. It is good to 2**-100 of log t."""
    target = np.random.default_rng(14).random(50)
    input = np.log(target)
    ours = losscli.compute("kl_div", input, target, reduction="none").value
    with mp.workdps(DIGITS):
        for found, x, t in zip(ours.tolist(), input.tolist(), target.tolist(), strict=True):
            assert abs(found - kl_div(mpf(x), mpf(t))) <= abs(mpf(t) * mpf(x)) * mpf(2) ** -100 + abs(found) * 2**-52


def test_accuracy_with_log_target() -> None:
    random = np.random.default_rng(15)
    target = np.concatenate([-50.0 * random.random(30), -random.random(30), -700.0 * random.random(10)])
    input = target * (1.0 + 10.0 ** random.uniform(-12, 0, len(target)))

    def terms(input: Number, target: Number, log_target: bool) -> Number:
        return mp.exp(target) * max(abs(target - input), mpf(1)) if log_target else mpf(0)

    inputs = {"input": input, "target": target}
    assert_accurate("kl_div", kl_div_of_logs, inputs, terms={"target": terms}, log_target=True)


@pytest.mark.parametrize("input", [-np.inf, -1.0, 0.0])
def test_a_target_of_0_adds_0(input: float) -> None:
    """PyTorch prints nan at -inf."""
    ours = losscli.compute("kl_div", [input], [0.0], gradients=True, reduction="sum")
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, 0.0)
    assert bool(ours.warnings) == np.isinf(input)


@pytest.mark.parametrize("input", [-np.inf, -1.0])
def test_a_log_target_of_minus_infinity_adds_0(input: float) -> None:
    """PyTorch prints nan at both."""
    ours = losscli.compute("kl_div", [input], [-np.inf], log_target=True, reduction="sum")
    assert ours.value == 0.0
    assert ours.warnings


def test_the_slope_at_a_target_of_0_is_minus_infinity() -> None:
    """log t + 1 - input; PyTorch prints nan."""
    ours = losscli.compute("kl_div", [-1.0], [0.0], gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["target"][0] == -np.inf


def test_a_negative_target_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="from 0 to 1"):
        losscli.compute("kl_div", [-1.0], [-1.0])


def test_single_terms_may_be_negative() -> None:
    """A legitimate value of a single element: only sums over distributions are never negative."""
    assert losscli.compute("kl_div", [np.log(0.9)], [0.5], reduction="sum").value < 0.0


def test_batchmean_divides_by_the_first_axis() -> None:
    input, target = np.log(np.full((2, 4), 0.25)), np.full((2, 4), 0.25)
    target[:, 0], target[:, 1:] = 1.0, 0.0
    batchmean = losscli.compute("kl_div", input, target, reduction="batchmean").value
    assert batchmean == pytest.approx(np.log(4.0), rel=1e-15)  # of a certainty from the uniform distribution
    assert losscli.compute("kl_div", input, target, reduction="mean").value == batchmean / 4.0


def test_optax_means_the_batch() -> None:
    """It adds up each row, and the mean of the rows is batchmean."""
    input, target = np.log(np.full((2, 4), 0.25)), np.eye(4)[:2]
    ours = losscli.compute("kl_div", input, target, convention="optax").value
    assert ours == pytest.approx(np.log(4.0), rel=1e-15)
