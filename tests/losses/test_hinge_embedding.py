"""The hinge embedding loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references.hinge_embedding import hinge_embedding

MARGINS = [1.0, 0.0, -2.5, 1e-9, 1e9]


@pytest.mark.parametrize("margin", MARGINS)
def test_accuracy(margin: float) -> None:
    random = np.random.default_rng(54)
    near = margin + (abs(margin) or 1.0) * np.array([-1e-3, -(2.0**-50), 2.0**-50, 1e-3])
    distance = np.concatenate([np.abs(random.normal(0, 2, 20)), spread(random, 20, -300, 300), near])
    inputs = {"input": distance, "target": random.choice([-1.0, 1.0], len(distance))}
    assert_accurate("hinge_embedding", hinge_embedding, inputs, margin=margin)


@pytest.mark.parametrize(
    ("distance", "side", "value", "slope"),
    [
        (-3.0, 1, -3.0, 1.0),  # no distance, and no error: as PyTorch
        (1.0, -1, 0.0, -1.0),  # at the kink, PyTorch's choice
        (0.25, -1, 0.75, -1.0),
        (2.0, -1, 0.0, 0.0),
    ],
)
def test_torch_choices(distance: float, side: int, value: float, slope: float) -> None:
    """As PyTorch 2.13 printed them."""
    ours = losscli.compute("hinge_embedding", [distance], [side], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (value, slope)


def test_the_margin_must_be_finite() -> None:
    with pytest.raises(losscli.LossError, match="margin must be a finite number"):
        losscli.compute("hinge_embedding", [1.0], [1], margin=np.inf)


def test_kinks() -> None:
    """Where a pair apart is exactly the margin apart."""
    kinks = find("hinge_embedding").kinks
    assert kinks is not None
    assert kinks(input=np.array([2.0, 2.0, 1.0]), target=np.array([-1.0, 1.0, -1.0]), margin=2.0).tolist() == [
        True,
        False,
        False,
    ]
