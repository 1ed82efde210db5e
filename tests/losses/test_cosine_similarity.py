"""The cosine of the angle between two vectors."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import vectors
from tests.references._formulas import Array
from tests.references.cosine_similarity import TERMS, bounded, cosine


@pytest.mark.parametrize(("one", "other"), vectors(np.random.default_rng(29)))
def test_accuracy(one: Array, other: Array) -> None:
    assert_accurate("cosine_similarity", cosine, {"x1": one, "x2": other}, terms=TERMS)


@pytest.mark.parametrize(("one", "other"), vectors(np.random.default_rng(30)))
def test_accuracy_with_the_bound(one: Array, other: Array) -> None:
    inputs = {"x1": one, "x2": other}
    assert_accurate("cosine_similarity", bounded, inputs, convention="torch", terms=TERMS, eps=1e-8)


def test_a_zero_vector() -> None:
    """PyTorch's bound makes it 0, with a slope along the other vector; without a bound it is undefined."""
    ours = losscli.compute("cosine_similarity", [[0.0, 0.0]], [[3.0, 4.0]], gradients=True)
    assert ours.gradients is not None
    assert ours.value[0] == 0.0
    assert ours.gradients["x1"][0] == pytest.approx([0.6e8, 0.8e8], rel=1e-15)
    assert np.isnan(losscli.compute("cosine_similarity", [[0.0]], [[1.0]], convention="exact").value[0])


def test_a_cosine_is_never_over_1() -> None:
    """PyTorch's was (#78064)."""
    vectors = np.random.default_rng(31).normal(size=(2000, 7))
    assert np.abs(losscli.compute("cosine_similarity", vectors, 3.0 * vectors).value).max() == 1.0


def test_keras_turns_the_sign_and_optax_keeps_it() -> None:
    """Keras: minus the cosine, as a mean, with lengths of 1e-7 at least; optax: as it is."""
    one, other = [[3.0, 4.0], [1e-8, 0.0]], [[4.0, 3.0], [1.0, 0.0]]
    keras = losscli.compute("cosine_similarity", one, other, convention="keras", gradients=True)
    assert keras.value == pytest.approx(-(0.96 + 0.1) / 2, rel=1e-15)
    optax = losscli.compute("cosine_similarity", one, other, convention="optax", gradients=True)
    assert optax.value == pytest.approx([0.96, 1.0], rel=1e-15)
    assert keras.gradients is not None
    assert optax.gradients is not None
    assert keras.gradients["x1"][0] == pytest.approx(-optax.gradients["x1"][0] / 2, rel=1e-15)
