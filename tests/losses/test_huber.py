"""Huber's loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.huber import huber

DELTAS = [1.0, 0.3, 1e-9, 1e9]


@pytest.mark.parametrize("delta", DELTAS)
def test_accuracy(delta: float) -> None:
    assert_accurate("huber", huber, errors(np.random.default_rng(3)), delta=delta)


@pytest.mark.parametrize("delta", DELTAS)
def test_accuracy_around_the_threshold(delta: float) -> None:
    error = delta * np.concatenate([1.0 + np.arange(1, 5) * 2.0**-52, 1.0 - np.arange(1, 5) * 2.0**-53, [0.999, 1.001]])
    error = np.concatenate([error, -error])
    assert_accurate("huber", huber, {"input": error, "target": np.zeros_like(error)}, delta=delta)


@pytest.mark.parametrize("delta", [0.0, -1.0])
def test_delta_must_be_positive(delta: float) -> None:
    with pytest.raises(losscli.LossError, match="delta must be greater than 0"):
        losscli.compute("huber", [1.0], [0.0], delta=delta)


def test_frameworks_have_the_same_delta() -> None:
    """Half the square up to 1, then the distance less a half; optax does not reduce."""
    inputs = ([1.0, 2.0, 5.0], [1.5, 2.0, 3.0])
    assert losscli.compute("huber", *inputs, convention="optax").value.tolist() == [0.125, 0.0, 1.5]
    assert losscli.compute("huber", *inputs, convention="keras").value == pytest.approx(1.625 / 3, rel=1e-15)
