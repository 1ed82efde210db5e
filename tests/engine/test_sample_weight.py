"""Sample weights: what they do to single losses, and the shapes they may have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli

Array = Any


def test_losses_of_samples_are_weighted_as_their_gradients_are() -> None:
    """keras.losses.MeanSquaredError(reduction=None) of (2, 1) gives [2, 0] here (Keras 3.15.1)."""
    found = losscli.compute("mse", [1, 2], [0, 0], sample_weight=[2, 0], reduction="none", gradients=True)
    assert found.value.tolist() == found.per_sample.tolist() == [2.0, 0.0]
    assert found.gradients is not None
    assert found.gradients["input"].tolist() == [4.0, 0.0]
    assert found.sum == 2.0


def test_a_claim_of_the_weighted_losses_holds_and_of_the_plain_ones_not() -> None:
    asked: dict[str, Any] = {"sample_weight": [2.0, 0.5, 1.0], "reduction": "none"}
    inputs = [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]
    assert losscli.verify("mse", *inputs, claim_per_sample=[2.0, 2.0, 9.0], **asked).holds
    refuted = losscli.verify("mse", *inputs, claim_per_sample=[1.0, 4.0, 9.0], **asked)
    assert refuted.explanations[0].mistake == "sample_weight_forgotten"


def test_the_worst_samples_are_those_of_the_largest_weighted_loss() -> None:
    from losscli.engine.evaluate import Wanted
    from losscli.request.api import request_of
    from losscli.request.compute import compute

    request = request_of(
        "mse",
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]),
        {},
        reduction=None,
        convention="torch",
        sample_weight=[20.0, 1.0, 1.0],
        class_axis=None,
        nonfinite="error",
        size_average=None,
        reduce=None,
    )
    assert compute(request.bound(), Wanted(worst=2)).worst == (0, 2)


@pytest.mark.parametrize(
    ("shape", "weight", "over_units"),
    [
        ((4,), (), lambda w: np.full(4, w)),
        ((4,), (4, 1), lambda w: w[:, 0]),
        ((4, 3), (4,), lambda w: np.repeat(w[:, None], 3, axis=1)),
        ((4, 3), (4, 1), lambda w: np.repeat(w, 3, axis=1)),
        ((4, 3), (1, 3), lambda w: np.repeat(w, 4, axis=0)),
        ((4, 3), (3,), lambda w: np.repeat(w[None], 4, axis=0)),
        ((4, 3), (4, 3), lambda w: w),
        ((4, 3, 1), (4, 3), lambda w: w[..., None]),
        ((3, 3), (3,), lambda w: np.repeat(w[:, None], 3, axis=1)),  # one a sample goes before one a column
    ],
)
@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_shapes(shape: tuple[int, ...], weight: tuple[int, ...], over_units: Any, reduction: str) -> None:
    """Against the sums of a plain expression, with the weights written out in full."""
    random = np.random.default_rng(4)
    input, target, heavy = random.normal(size=shape), random.normal(size=shape), random.uniform(0.5, 2.0, weight)
    full = over_units(heavy)
    each = full * (input - target) ** 2
    expected = each if reduction == "none" else each.sum() / full.sum()
    slope = 2.0 * full * (input - target) / (1.0 if reduction == "none" else full.sum())
    found = losscli.compute("mse", input, target, sample_weight=heavy, reduction=reduction, gradients=True)
    np.testing.assert_allclose(found.value, expected, rtol=1e-14)
    assert found.gradients is not None
    np.testing.assert_allclose(found.gradients["input"], slope, rtol=1e-13)


@pytest.mark.parametrize("weight", [(5,), (2, 4), (4, 3, 1, 2)])
def test_other_shapes_are_refused(weight: tuple[int, ...]) -> None:
    with pytest.raises(losscli.LossError, match="one entry a sample"):
        losscli.compute("mse", np.ones((4, 3)), np.ones((4, 3)), sample_weight=np.ones(weight))


def test_weights_that_add_up_to_nothing_have_no_mean() -> None:
    found = losscli.compute("mse", [1.0, 2.0], [0.0, 0.0], sample_weight=[1.0, -1.0])
    assert np.isnan(found.value)
    assert any("add up to 0" in warning for warning in found.warnings)
