"""The logistic loss on labels of -1 and 1."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references.soft_margin import soft_margin


def test_accuracy() -> None:
    random = np.random.default_rng(51)
    score = np.concatenate(
        [random.normal(0, 3, 25), random.uniform(-740, 740, 20), spread(random, 20, -300, 300), [0.0, 40.0, -40.0]]
    )
    assert_accurate("soft_margin", soft_margin, {"input": score, "target": random.choice([-1.0, 1.0], len(score))})


@pytest.mark.parametrize(
    ("score", "side", "value", "slope"),
    [
        (0.0, 1.0, 0.6931471805599453, -0.5),
        (-1000.0, 1.0, 1000.0, -1.0),  # PyTorch: inf and nan
        (np.inf, 1.0, 0.0, 0.0),
        (-np.inf, -1.0, 0.0, 0.0),
        (np.inf, -1.0, np.inf, 1.0),
    ],
)
def test_edges(score: float, side: float, value: float, slope: float) -> None:
    """Limits of the formula."""
    ours = losscli.compute("soft_margin", [score], [side], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (value, slope)


def test_labels_have_no_gradient() -> None:
    ours = losscli.compute("soft_margin", 0.5, 1, gradients=True)
    assert ours.gradients is not None
    assert list(ours.gradients) == ["input"]
    assert ours.gradients["input"].shape == ()


@pytest.mark.parametrize("loss", ["soft_margin", "hinge", "squared_hinge", "hinge_embedding"])
@pytest.mark.parametrize("label", [0, 2, 0.5])
def test_other_labels_are_errors_with_a_cure(loss: str, label: float) -> None:
    with pytest.raises(losscli.LossError, match=rf"\[1\]: target is {label}, and must be -1 or 1\n.*2·label - 1"):
        losscli.compute(loss, [0.5, 0.5], [1, label])
