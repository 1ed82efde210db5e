"""The negative log-likelihood of a Poisson distribution."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.poisson_nll import poisson


def whole(random: np.random.Generator, size: int) -> Array:
    """Counts, without 1, where Stirling's terms set in with a jump."""
    return random.choice([0.0, 2.0, 3.0, 5.0, 17.0, 30.0], size)


def counts(random: np.random.Generator) -> dict[str, Array]:
    """Log-rates with counts that are far off, near the optimum x = log t, and near the zero of the loss, e^x = t x."""
    input = np.concatenate(
        [random.normal(0, 3, 30), random.uniform(-700, 650, 20), 10.0 ** random.uniform(-300, 0, 10)]
    )
    target = np.concatenate([whole(random, 30), 10.0 ** random.uniform(-9, 9, 30)])
    at_optimum = 10.0 ** random.uniform(0.1, 15, 20)
    at_zero = random.uniform(0.5, 300, 20)
    near = [1.0 + 1e-12 * random.integers(1, 9, 20), 1.0 + 1e-9 * random.normal(size=20)]
    return {
        "input": np.concatenate([input, np.log(at_optimum) * near[0], at_zero, [0.0, 1.0, -1.0, np.log(2.0)]]),
        "target": np.concatenate([target, at_optimum, np.exp(at_zero) / at_zero * near[1], [0.0, 1.5, 2.0, 2.0]]),
    }


@pytest.mark.parametrize("full", [False, True])
def test_accuracy(full: bool) -> None:
    assert_accurate("poisson_nll", poisson, counts(np.random.default_rng(61)), log_input=True, full=full)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("eps", [0.0, 1e-8])
def test_accuracy_on_rates(full: bool, eps: float) -> None:
    """Counts are near the rate, or near the zero of the loss, x = t log x, or neither; rates are near 1 too."""
    random = np.random.default_rng(62)
    rate = np.concatenate(
        [random.uniform(0.1, 9, 30), 10.0 ** random.uniform(-12, 12, 30), 1.0 + random.normal(size=9) * 1e-9]
    )
    rate = np.concatenate([rate, rate[rate > 1.5]])
    target = whole(random, len(rate))
    target[15:50] = rate[15:50] * (1.0 + 1e-9 * random.normal(size=35))
    alike = slice(69, None)
    target[alike] = rate[alike] / np.log(rate[alike]) * (1.0 + 1e-12 * random.integers(1, 9, len(target[alike])))
    assert_accurate("poisson_nll", poisson, {"input": rate, "target": target}, log_input=False, full=full, eps=eps)


def test_a_log_rate_that_overflows() -> None:
    ours = losscli.compute("poisson_nll", [800.0], [3.0], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (np.inf, np.inf)  # e^800 is no float64


def test_full_is_stirlings_approximation_and_nothing_up_to_1() -> None:
    """log 2! would be 0.6931; PyTorch 2.13.0 prints 0.6518 for it."""
    plain = losscli.compute("poisson_nll", [0.0, 0.0], [2.0, 1.0], reduction="none").value
    full = losscli.compute("poisson_nll", [0.0, 0.0], [2.0, 1.0], reduction="none", full=True).value
    assert (full - plain).tolist() == pytest.approx([0.651806484604536, 0.0], rel=1e-14)


def test_eps_keeps_a_rate_of_0_finite() -> None:
    """-log(1e-8) with PyTorch's eps, infinite without: PyTorch 2.13.0 prints 18.4207."""
    for convention, expected in (("torch", 18.420680743952367), ("exact", np.inf)):
        ours = losscli.compute("poisson_nll", [0.0], [1.0], log_input=False, convention=convention)
        assert ours.value == pytest.approx(expected, rel=1e-15)


def test_nothing_is_expected_and_nothing_comes() -> None:
    ours = losscli.compute("poisson_nll", [0.0], [0.0], log_input=False, convention="exact", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, 1.0)
    assert any("0·inf counts as 0" in warning for warning in ours.warnings)


def test_what_is_impossible_has_an_infinite_slope() -> None:
    ours = losscli.compute("poisson_nll", [0.0], [2.0], log_input=False, full=True, convention="exact", gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0], ours.gradients["target"][0]) == (np.inf, -np.inf, np.inf)


def test_negative_targets_are_remarked() -> None:
    """PyTorch's own example draws them from a normal distribution."""
    ours = losscli.compute("poisson_nll", [0.5], [-1.0])
    assert ours.value == pytest.approx(np.exp(0.5) + 0.5, rel=1e-15)
    assert any("no count" in warning for warning in ours.warnings)


def test_a_rate_must_not_be_negative() -> None:
    with pytest.raises(losscli.LossError, match=r"input\[1\]: input is -2, and must be 0 or greater"):
        losscli.compute("poisson_nll", [1.0, -2.0], [1.0, 1.0], log_input=False)
    with pytest.raises(losscli.LossError, match="eps must be 0 or greater"):
        losscli.compute("poisson_nll", [1.0], [1.0], eps=-1.0)


def test_keras_takes_rates() -> None:
    """2 - 3 log(2 + 1e-7), by mpmath."""
    ours = losscli.compute("poisson_nll", [2.0], [3.0], convention="keras")
    assert ours.value == pytest.approx(-0.07944169167983221, rel=1e-13)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("input", "target", "log_input"),
    [
        (7e306, 1e150, True),
        (711.0, 1e308, True),
        (712.0, 1e305, True),
        (-1e307, 1e307, True),
        (1e10, -1e307, True),
        (1e307, 1e306, False),
        (1e306, 1e307, False),
        (1e308, 1e308, False),
        (1.0, 1e308, False),
    ],
)
def test_terms_beyond_float64(input: float, target: float, log_input: bool, full: bool) -> None:
    """Against mpmath: a sum that fits is right, and one that does not has its sign."""
    ours = losscli.compute("poisson_nll", [input], [target], log_input=log_input, full=full, eps=0.0).value
    with mp.workdps(700):
        log_rate = mpf(input) if log_input else mp.log(input)
        share = mpf(target) * log_rate
        stirling = mpf(target) * mp.log(target) - target + mp.log(2 * mp.pi * target) / 2 if full and target > 1 else 0
        # e^7e306 has more digits than there is room for; it is larger than any other term
        rate = mp.exp(log_rate) if log_rate < 1e6 else mpf("1e10000")
        true = rate - share + stirling
        expected = float(true) if abs(true) < mpf(np.finfo(float).max) else float(mp.sign(true)) * float("inf")
    assert ours == pytest.approx(expected, rel=1e-13)
