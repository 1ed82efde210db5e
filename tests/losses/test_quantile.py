"""The quantile loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.quantile import pinball


@pytest.mark.parametrize("quantile", [0.5, 0.9, 1e-9, 0.0, 1.0])
def test_accuracy(quantile: float) -> None:
    assert_accurate("quantile", pinball, errors(np.random.default_rng(67)), quantile=quantile)


def test_each_side_has_its_slope() -> None:
    ours = losscli.compute("quantile", [1.0, 3.0, 2.0], [2.0, 2.0, 2.0], quantile=0.75, reduction="sum", gradients=True)
    assert ours.gradients is not None
    assert ours.per_sample.tolist() == [0.75, 0.25, 0.0]
    assert ours.gradients["input"].tolist() == [-0.75, 0.25, 0.0]
    assert ours.gradients["target"].tolist() == [0.75, -0.25, 0.0]


def test_the_best_constant_is_the_quantile() -> None:
    """Of 101 equally spaced targets, 0.9 lie below 90: no other constant loses less."""
    targets = np.arange(101.0)
    losses = [losscli.compute("quantile", np.full(101, c), targets, quantile=0.9).value for c in targets]
    assert int(np.argmin(losses)) == 90


def test_it_answers_to_pinball() -> None:
    assert losscli.compute("pinball", [1.0], [2.0]).value == 0.5


@pytest.mark.parametrize("quantile", [-0.1, 1.5])
def test_a_quantile_is_a_share(quantile: float) -> None:
    with pytest.raises(losscli.LossError, match="quantile must be from 0 to 1"):
        losscli.compute("quantile", [1.0], [0.0], quantile=quantile)
