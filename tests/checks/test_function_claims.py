"""Claims that a function of Python's makes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli

Array = NDArray[np.float64]
X, T = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.5])


def squares(x: Array, t: Array) -> Array:
    return np.square(x - t)


def test_functions_at_hand() -> None:
    assert losscli.verify("mse", X, T, claim=lambda x, t: squares(x, t).mean())
    assert losscli.verify("mse", X, T, claim_per_sample=squares)
    assert losscli.verify("mse", X, T, claim_gradient=lambda x, t: 2 * (x - t) / 3)
    assert losscli.verify("mse", X, T, claim_gradient={"target": lambda x, t: 2 * (t - x) / 3})
    refuted = losscli.verify("mse", X, T, claim_per_sample=lambda x, t: 2 * squares(x, t))
    assert refuted.explanations[0].mistake == "double"


def test_it_cannot_write_to_the_data() -> None:
    def writes(x: Array, t: Array) -> Array:
        x -= t
        return x

    with pytest.raises(losscli.LossError, match=r"test_function_claims.py line \d+: it changes its inputs"):
        losscli.verify("mse", X, T, claim_per_sample=writes)
    assert X.tolist() == [1.0, 2.0, 3.0]


def test_without_a_reduction_the_value_is_that_of_each_sample() -> None:
    assert losscli.verify("mse", X, T, reduction="none", claim=squares)


def test_array_options_and_weights_as_arrays() -> None:
    logp, labels, weight = np.log([[0.2, 0.8], [0.5, 0.5]]), [1, 0], np.array([1.0, 3.0])

    def nll(
        logp: Array, labels: NDArray[np.int64], weight: Array | None = None, sample_weight: Array | None = None
    ) -> Array:
        assert weight is not None
        assert sample_weight is not None
        assert labels.dtype == np.int64
        return np.asarray(-logp[np.arange(2), labels] * weight[labels] * sample_weight)

    assert losscli.verify("nll", logp, labels, weight=weight, sample_weight=[2.0, 1.0], claim_per_sample=nll)


def test_a_tensor_is_taken_off_its_graph() -> None:
    torch = pytest.importorskip("torch")

    def losses(x: Array, t: Array) -> object:
        return torch.tensor(squares(x, t), requires_grad=True)

    verified = losscli.verify("mse", X, T, claim_per_sample=losses)
    assert verified
    assert "returns a Tensor, which is taken as an array" in verified.warnings[0]
