"""The contrastive loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import vectors
from tests.references._formulas import Array
from tests.references.contrastive import contrastive


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize(("one", "other"), vectors(np.random.default_rng(61)))
def test_accuracy(one: Array, other: Array, target: int) -> None:
    """A margin among the distances, so that pairs apart lie on both sides of it."""
    margin = 1.25 * float(np.median(np.hypot.reduce(one - other, axis=1)))
    inputs = {"input1": one, "input2": other, "target": np.full(len(one), target)}
    assert_accurate("contrastive", contrastive, inputs, margin=margin)


def test_accuracy_near_the_margin() -> None:
    """Here most of margin - d cancels."""
    one = np.random.default_rng(62).normal(size=(12, 3))
    other = one + np.array([3.0, 4.0, 0.0]) * (1.0 - 10.0 ** -np.arange(2.0, 14.0))[:, None]
    inputs = {"input1": one, "input2": other, "target": np.zeros(12, int)}
    assert_accurate("contrastive", contrastive, inputs, margin=5.0)


def test_by_hand() -> None:
    """Distances 5 and 1/2: half of 25, half of the quarter missing to 1, and nothing beyond the margin."""
    ours = losscli.compute(
        "contrastive",
        np.zeros((3, 2)),
        [[3.0, 4.0], [0.3, 0.4], [3.0, 4.0]],
        [1, 0, 0],
        reduction="none",
        gradients=True,
    )
    assert ours.value == pytest.approx([12.5, 0.125, 0.0], rel=1e-15)
    assert ours.gradients is not None
    assert ours.gradients["input1"] == pytest.approx(np.array([[-3.0, -4.0], [0.3, 0.4], [0.0, 0.0]]), rel=1e-15)


def test_a_pair_apart_at_one_point_has_no_slope() -> None:
    ours = losscli.compute("contrastive", [[1.0, 2.0]], [[1.0, 2.0]], [0], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input1"].tolist()) == (0.5, [[0.0, 0.0]])


def test_a_label_of_another_loss_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match="target is -1, and must be 0 or 1"):
        losscli.compute("contrastive", [[1.0]], [[1.0]], [-1])
