"""The hinge loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.hinge import hinge


def raw_scores(seed: int) -> dict[str, Array]:
    """Of every magnitude, and next to the kink on either side."""
    random = np.random.default_rng(seed)
    near = 1.0 + np.array([-4.0, -1.0, 2.0, 8.0]) * 2.0**-53
    score = np.concatenate(
        [random.normal(0, 2, 30), spread(random, 20, -300, 300), spread(random, 10, -1, 1), near, -near, [0.0]]
    )
    return {"input": score, "target": random.choice([-1.0, 1.0], len(score))}


def test_accuracy() -> None:
    assert_accurate("hinge", hinge, raw_scores(52))


@pytest.mark.parametrize(("score", "side"), [(1.0, 1.0), (-1.0, -1.0)])
def test_half_the_slope_at_the_kink(score: float, side: float) -> None:
    """As torch.maximum and jax.numpy.maximum share it, by which Keras 3.15 and optax 0.2.8 compute."""
    ours = losscli.compute("hinge", [score], [side], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, -0.5 * side)


def test_conventions() -> None:
    """By hand, losses 0, 0.7 and 1.3: Keras divides by the count, scikit-learn by the weights, optax by nothing."""
    scores, sides, weights = [2.5, 0.3, 0.3], [1, 1, -1], [2.0, 1.0, 1.0]
    assert losscli.compute("hinge", scores, sides, convention="optax").value == pytest.approx([0.0, 0.7, 1.3])
    mean = {
        name: losscli.compute("hinge", scores, sides, convention=name, sample_weight=weights).value
        for name in ("keras", "sklearn")
    }
    assert mean == pytest.approx({"keras": 2.0 / 3.0, "sklearn": 0.5})


@pytest.mark.parametrize("score", [np.inf, np.nan])
def test_scores_must_be_finite(score: float) -> None:
    with pytest.raises(losscli.LossError, match="must be a finite number"):
        losscli.compute("hinge", [score], [1])


def test_kinks() -> None:
    """Where the margin is exactly 1."""
    score, side = np.array([1.0, 1.0, -1.0, 2.0, 0.0]), np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    kinks = find("hinge").kinks
    assert kinks is not None
    assert kinks(input=score, target=side).tolist() == [True, False, True, False, False]
