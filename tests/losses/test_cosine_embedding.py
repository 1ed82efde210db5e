"""The cosine embedding loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import vectors
from tests.references._formulas import Array
from tests.references.cosine_embedding import EPS, TERMS, with_eps, without_eps


@pytest.mark.parametrize("target", [1, -1])
@pytest.mark.parametrize(("formula", "convention"), [(without_eps, "exact"), (with_eps, "torch")])
@pytest.mark.parametrize(("one", "other"), vectors(np.random.default_rng(32)))
def test_accuracy(one: Array, other: Array, formula: object, convention: str, target: int) -> None:
    assert callable(formula)
    inputs = {"input1": one, "input2": other, "target": np.full(len(one), target)}
    assert_accurate("cosine_embedding", formula, inputs, convention=convention, terms=TERMS, margin=0.2)


def test_near_the_margin() -> None:
    """cos - margin keeps its digits down to a part in 2**-50 of the margin."""
    angle = np.arccos(0.5) * (1.0 - 10.0 ** -np.arange(1.0, 14.0))
    inputs = {
        "input1": np.stack([np.cos(angle), np.sin(angle)], axis=1),
        "input2": np.tile([1.0, 0.0], (len(angle), 1)),
        "target": np.full(len(angle), -1),
    }
    assert_accurate("cosine_embedding", without_eps, inputs, terms=TERMS, margin=0.5)


def both(one: list[float], other: list[float], target: int, **options: str) -> tuple[float, list[float]]:
    ours = losscli.compute(
        "cosine_embedding", [one], [other], [target], gradients=True, convention=options.get("convention", "torch")
    )
    assert ours.gradients is not None
    return ours.value, ours.gradients["input1"][0].tolist()


def test_zero_vectors() -> None:
    """PyTorch says 1, with slopes of -1e6 and 0; without eps the angle is undefined."""
    assert both([0.0, 0.0], [1.0, 0.0], 1) == (1.0, [pytest.approx(-1e6, rel=1e-8), 0.0])
    assert both([0.0, 0.0], [0.0, 0.0], 1) == (1.0, [0.0, 0.0])
    assert np.isnan(both([0.0, 0.0], [1.0, 0.0], 1, convention="exact")[0])


def test_identical_vectors() -> None:
    """0, but for eps, which makes 1 / (1 + 100 · 1e-14 / 1e-12) of tiny ones; PyTorch's float32 gives nan at 1e20."""
    assert both([1e20, 1e20], [1e20, 1e20], 1, convention="exact") == (0.0, [0.0, 0.0])
    assert both([1e-7, 0.0], [1e-7, 0.0], 1, convention="exact") == (0.0, [0.0, 0.0])
    assert both([1e-7, 0.0], [1e-7, 0.0], 1)[0] == pytest.approx(1 - 1e-14 / (1e-14 + EPS), rel=1e-15)


def test_at_the_margin_the_slope_is_passed_on() -> None:
    """cos = margin = 0: PyTorch's choice among the subgradients."""
    assert both([1.0, 0.0], [0.0, 1.0], -1, convention="exact") == (0.0, [0.0, 1.0])


def test_a_label_must_be_a_sign() -> None:
    with pytest.raises(losscli.LossError, match="must be -1 or 1"):
        losscli.compute("cosine_embedding", [[1.0]], [[1.0]], [0])
