"""The Tversky loss."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import DIGITS, ulps_off
from tests.losses.test_dice import masks
from tests.references._formulas import Array
from tests.references.tversky import parts

OPTIONS = [(0.3, 0.7, 0.0), (0.5, 0.5, 1.0), (1.0, 1.0, 0.0), (0.0, 2.0, 1e-3)]


@pytest.mark.parametrize(("alpha", "beta", "smooth"), OPTIONS)
@pytest.mark.parametrize(("input", "target"), masks(np.random.default_rng(91)))
def test_accuracy(input: Array, target: Array, alpha: float, beta: float, smooth: float) -> None:
    ours = losscli.compute("tversky", input, target, alpha=alpha, beta=beta, smooth=smooth, gradients=True)
    assert ours.gradients is not None
    with mp.workdps(DIGITS):
        p, t = ([mpf(x) for x in array.ravel().tolist()] for array in (input, target))
        right, wrong, missed = parts(p, t)
        below = right + mpf(alpha) * wrong + mpf(beta) * missed + smooth
        share = (right + smooth) / below
        assert ulps_off(ours.value, 1 - share) <= 4.0
        for role, other, over, under in (("input", t, alpha, beta), ("target", p, beta, alpha)):
            for found, x in zip(ours.gradients[role].ravel(), other, strict=True):
                more, less = mpf(over) * (1 - x) * share, mpf(under) * x * share + x * (1 - share)
                assert ulps_off(found, (more - less) / below, max(more, less) / below) <= 4.0


def test_keras_weighs_the_wrong_ones_with_alpha() -> None:
    """By hand: alpha 0.3 for what is wrong, beta 0.7 for the one that is missed, epsilon below alone."""
    keras = losscli.compute("tversky", [1, 0], [1, 1], alpha=0.3, beta=0.7, convention="keras").value
    assert keras == pytest.approx(1.0 - 1.0 / (1.7 + 1e-7), rel=1e-14)


def test_older_keras_is_a_mistake_by_name() -> None:
    """Before 3.16 it was 1 - 1/1.3 here."""
    ours = losscli.verify("tversky", [1, 0], [1, 1], claim=0.2307693, alpha=0.3, beta=0.7, convention="keras")
    assert not ours.holds
    assert [found.mistake for found in ours.explanations][:1] == ["alpha_on_missed"]


def test_empty_masks() -> None:
    ours = losscli.compute("tversky", [0.0], [0.0])
    assert ours.value == 0.0
    assert ours.warnings


def test_alpha_must_not_be_negative() -> None:
    with pytest.raises(losscli.LossError, match="alpha must be 0 or greater"):
        losscli.compute("tversky", [1.0], [1.0], alpha=-0.1)
