"""The smooth L1 loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import errors
from tests.references.smooth_l1 import smooth_l1

BETAS = [1.0, 0.3, 1e-9, 1e9]


@pytest.mark.parametrize("beta", [*BETAS, 0.0])
def test_accuracy(beta: float) -> None:
    assert_accurate("smooth_l1", smooth_l1, errors(np.random.default_rng(4)), beta=beta)


@pytest.mark.parametrize("beta", BETAS)
def test_accuracy_around_the_threshold(beta: float) -> None:
    error = beta * np.concatenate([1.0 + np.arange(1, 5) * 2.0**-52, 1.0 - np.arange(1, 5) * 2.0**-53, [0.999, 1.001]])
    error = np.concatenate([error, -error])
    assert_accurate("smooth_l1", smooth_l1, {"input": error, "target": np.zeros_like(error)}, beta=beta)


def test_beta_0_at_its_kink() -> None:
    ours = losscli.compute("smooth_l1", [2.0], [2.0], beta=0.0, gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (0.0, 0.0)


def test_a_tiny_beta_at_its_corner() -> None:
    assert losscli.compute("smooth_l1", [2.0], [2.0], beta=1e-50).value == 0.0


def test_beta_must_not_be_negative() -> None:
    with pytest.raises(losscli.LossError, match="beta must be 0 or greater"):
        losscli.compute("smooth_l1", [1.0], [0.0], beta=-1.0)


def test_only_beta_0_has_a_kink_and_only_where_the_error_is_0() -> None:
    kinks = find("smooth_l1").kinks
    assert kinks is not None
    input, target = np.array([1.0, 2.0]), np.array([1.0, 3.0])
    assert kinks(input=input, target=target, beta=0.0).tolist() == [True, False]
    assert kinks(input=input, target=target, beta=1.0).tolist() == [False, False]
