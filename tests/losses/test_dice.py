"""The Dice loss."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import DIGITS, ulps_off
from tests.references._formulas import Array, Number
from tests.references.dice import dice

Formula = list[Number]


def masks(random: np.random.Generator) -> list[tuple[Array, Array]]:
    """Guesses and masks: any, nearly right to 1e-14, nearly all wrong, nearly empty, and soft ones."""
    mask = (random.random((4, 5)) < 0.4).astype(float)
    slip = 10.0 ** random.uniform(-14, -1, mask.shape)
    return [
        (random.random(mask.shape), mask),
        (np.abs(mask - slip), mask),
        (np.abs(1.0 - mask - slip), mask),
        (10.0 ** random.uniform(-300, -200, mask.shape), np.where(np.arange(20) == 3, 1.0, 0.0).reshape(4, 5)),
        (random.random(mask.shape), random.random(mask.shape)),
        (mask, mask),
    ]


@pytest.mark.parametrize(
    ("smooth", "convention", "eps"), [(0.0, "exact", 0.0), (1.0, "torch", 0.0), (0.0, "keras", 1e-7)]
)
@pytest.mark.parametrize(("input", "target"), masks(np.random.default_rng(81)))
def test_accuracy(input: Array, target: Array, smooth: float, convention: str, eps: float) -> None:
    ours = losscli.compute("dice", input, target, smooth=smooth, convention=convention, gradients=True)
    assert ours.gradients is not None
    with mp.workdps(DIGITS):
        p, t = ([mpf(x) for x in array.ravel().tolist()] for array in (input, target))
        assert ulps_off(ours.value, dice(p, t, mpf(smooth), mpf(eps))) <= 4.0
        common, below = mp.fdot(p, t), mp.fsum(p) + mp.fsum(t) + smooth + mpf(eps)
        share = (2 * common + smooth) / below
        for role, other in (("input", t), ("target", p)):
            for found, x in zip(ours.gradients[role].ravel(), other, strict=True):
                assert ulps_off(found, (share - 2 * x) / below, max(share, 2 * x) / below if 0 < x < 1 else 0) <= 4.0


def test_every_reduction_is_the_one_number() -> None:
    one, other = [[0.5, 1.0], [1.0, 0.0]], [[1, 1], [0, 1]]
    values = {float(losscli.compute("dice", one, other, reduction=way).value) for way in ("none", "mean", "sum")}
    assert len(values) == 1


def test_empty_masks() -> None:
    """0 with a note, as with any smooth; Keras' epsilon below alone makes it the worst there is."""
    nothing = np.zeros((2, 2))
    ours = losscli.compute("dice", nothing, nothing, gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, nothing.tolist())
    assert "nothing is marked" in " ".join(ours.warnings)
    smooth = losscli.compute("dice", nothing, nothing, smooth=1.0)
    assert (smooth.value, smooth.warnings) == (0.0, ())
    assert losscli.compute("dice", nothing, nothing, convention="keras").value == 1.0


def test_a_score_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="input is 2, and must be from 0 to 1"):
        losscli.compute("dice", [2.0, 0.5], [1, 0])


def test_shapes_must_agree() -> None:
    with pytest.raises(losscli.LossError, match="target has shape"):
        losscli.compute("dice", [[0.5, 0.5]], [1, 0])
