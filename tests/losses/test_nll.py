"""The negative log-likelihood on log-probabilities."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import scores
from tests.references.nll import nll


def test_accuracy() -> None:
    random = np.random.default_rng(16)
    input = scores(random, 5)
    inputs = {"input": input[np.isfinite(input).all(axis=1)]}
    inputs["target"] = random.integers(0, 5, len(inputs["input"]))
    assert_accurate("nll", nll, inputs, weight=random.uniform(0.1, 3, 5))


def test_positive_inputs_are_taken_as_they_are() -> None:
    """They are no log-probabilities, but the formula has a value; PyTorch says -1 too."""
    assert losscli.compute("nll", [[1.0, 0.0]], [0]).value == -1.0


def test_a_class_of_weight_0_counts_0_whatever_its_logarithm() -> None:
    ours = losscli.compute("nll", [[-np.inf, -1.0]], [0], weight=[0.0, 1.0], reduction="sum")
    assert ours.value == 0.0


def test_the_mean_divides_by_the_weights_of_the_labels() -> None:
    ours = losscli.compute("nll", [[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0]], [0, 1, -100], weight=[1.0, 3.0])
    assert (ours.value, ours.denominator, ours.ignored) == ((1.0 + 3.0 * 4.0) / 4.0, 4.0, 1)


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_out_of_range_is_an_error(label: int) -> None:
    with pytest.raises(losscli.LossError, match="class index from 0 to 1"):
        losscli.compute("nll", [[-1.0, -2.0]], [label])
