"""The squared hinge loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.squared_hinge import squared_hinge


def raw_scores(seed: int) -> dict[str, Array]:
    """Of every magnitude whose square is a float, and next to the edge on either side."""
    random = np.random.default_rng(seed)
    near = 1.0 + np.array([-4.0, -1.0, 2.0, 8.0]) * 2.0**-53
    score = np.concatenate([random.normal(0, 2, 30), spread(random, 20, -300, 150), near, -near, [0.0]])
    return {"input": score, "target": random.choice([-1.0, 1.0], len(score))}


def test_accuracy() -> None:
    assert_accurate("squared_hinge", squared_hinge, raw_scores(53))


def test_by_hand() -> None:
    ours = losscli.compute("squared_hinge", [2.5, 1.0, 0.5, 0.5], [1, 1, 1, -1], reduction="none", gradients=True)
    assert ours.gradients is not None
    assert ours.value.tolist() == [0.0, 0.0, 0.25, 2.25]
    assert ours.gradients["input"].tolist() == [0.0, 0.0, -1.0, 3.0]


def test_a_square_beyond_float64_is_infinite() -> None:
    ours = losscli.compute("squared_hinge", [-1e200], [1], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (np.inf, -2e200)


def test_keras_divides_by_the_count() -> None:
    """By hand: (2 · 2.25 + 0.25) / 2 elements; else over weights of 3."""
    weighted = {
        name: losscli.compute("squared_hinge", [0.5, 0.5], [-1, 1], convention=name, sample_weight=[2.0, 1.0]).value
        for name in ("keras", "torch")
    }
    assert weighted == pytest.approx({"keras": 4.75 / 2.0, "torch": 4.75 / 3.0})
