"""Binary cross-entropy on probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mpf

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate, worst_ulps
from tests.nasty.mixtures import chances
from tests.references._formulas import Number, log
from tests.references.bce import bce, clamped


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


@pytest.mark.parametrize(
    ("convention", "dtype", "for_yes", "for_no"),
    [  # what it costs to be sure and wrong, by hand: the logarithm of where each framework cuts p off
        ("torch", "float64", 100.0, 100.0),
        ("torch", "float32", 100.0, 100.0),
        ("keras", "float64", 7 * np.log(10.0), -np.log(1.0 - (1.0 - 1e-7))),
        ("keras", "float32", 7 * np.log(10.0), 23 * np.log(2.0)),  # 1 - 1e-7 is 1 - 2⁻²³ there
        ("sklearn", "float64", 52 * np.log(2.0), 52 * np.log(2.0)),
        ("sklearn", "float32", 23 * np.log(2.0), 23 * np.log(2.0)),
        ("sklearn", "float16", 10 * np.log(2.0), 10 * np.log(2.0)),
        ("sklearn", "int64", 52 * np.log(2.0), 52 * np.log(2.0)),
        ("exact", "float64", np.inf, np.inf),
    ],
)
def test_sure_and_wrong(convention: str, dtype: str, for_yes: float, for_no: float) -> None:
    def cost(probability: int, label: int) -> float:
        value: float = losscli.compute("bce", np.array([probability], dtype), [label], convention=convention).value
        return value

    assert (cost(0, 1), cost(1, 0)) == pytest.approx((for_yes, for_no), rel=1e-15)


def cut_off(input: Number, target: Number) -> Number:
    """Keras': p between 1e-7 and 1 - 1e-7, two float64."""
    p = max(min(input, mpf(1.0 - 1e-7)), mpf(1e-7))
    return -(target * log(p) + (1 - target) * log(1 - p))


def test_accuracy_of_what_keras_cuts_off() -> None:
    """Values and gradients: the slope of the value, 0 where p is cut off."""
    assert_accurate("bce", cut_off, chances(np.random.default_rng(58)), convention="keras")


@pytest.mark.parametrize("convention", ["keras", "sklearn"])
def test_what_is_cut_off_has_no_slope(convention: str) -> None:
    ours = losscli.compute("bce", [0.0, 1.0, 0.5], [1, 0, 1], convention=convention, reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"].tolist() == [0.0, 0.0, -2.0]


def test_just_not_cut_off() -> None:
    """At its bound a clip passes the slope on, as PyTorch's does under Keras."""
    ours = losscli.compute("bce", [1e-7], [1], convention="keras", gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["input"][0] == pytest.approx(-1e7, rel=1e-15)


def test_nan_is_not_cut_off() -> None:
    ours = losscli.compute("bce", [np.nan], [1], convention="keras", nonfinite="propagate", gradients=True)
    assert ours.gradients is not None
    assert np.isnan([ours.value, ours.gradients["input"][0]]).all()


def test_weighted_means_of_the_frameworks() -> None:
    """By hand, losses log 2 and log 4 with weights 3 and 1: over the count in Keras, over the weights elsewhere."""
    weighted = {
        name: losscli.compute("bce", [0.5, 0.25], [1, 1], convention=name, sample_weight=[3.0, 1.0]).value
        for name in ("torch", "keras", "sklearn")
    }
    total = 5.0 * np.log(2.0)
    assert weighted == pytest.approx({"torch": total / 4.0, "keras": total / 2.0, "sklearn": total / 4.0})


def test_an_infinite_loss_of_weight_0() -> None:
    """It counts nothing, in value and slope, and is spoken of."""
    ours = losscli.compute("bce", [0.0, 0.5], [1, 1], weight=[0.0, 1.0], convention="exact", gradients=True)
    assert ours.gradients is not None
    assert ours.value == pytest.approx(np.log(2.0) / 2.0)
    assert ours.gradients["input"].tolist() == [0.0, -1.0]
    assert ours.gradients["target"].tolist() == [0.0, 0.0]
    assert ["0·inf" in warning for warning in ours.warnings] == [True]


def test_kinks() -> None:
    """Where p begins to be cut off; 0 and 1 are none, for nothing lies beyond."""
    kinks = find("bce").kinks
    assert kinks is not None
    p = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert kinks(input=p, p_floor=0.25, p_ceiling=0.75).tolist() == [False, True, False, True, False]
    assert not kinks(input=p, p_floor=0.0, p_ceiling=1.0).any()
