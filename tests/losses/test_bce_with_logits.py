"""Binary cross-entropy on raw scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array, Number
from tests.references.bce_with_logits import from_logits, softplus, terms

TINY = 4.248354255291589e-18  # log(1 + exp(-40)), and to 17 digits also sigmoid(-40)


def raw_scores(random: np.random.Generator) -> Array:
    return np.concatenate(
        [random.normal(0, 3, 20), random.uniform(-740, 740, 15), spread(random, 15, -300, 300), [0.0, 40.0, -40.0]]
    )


def test_accuracy_on_labels() -> None:
    random = np.random.default_rng(8)
    input = raw_scores(random)
    target = random.integers(0, 2, len(input)).astype(float)
    assert_accurate("bce_with_logits", from_logits, {"input": input, "target": target})


def test_accuracy_on_shares() -> None:
    random = np.random.default_rng(9)
    input = raw_scores(random)
    inputs = {"input": input, "target": random.random(len(input))}
    assert_accurate("bce_with_logits", from_logits, inputs, terms={"input": terms})


def test_accuracy_with_weights() -> None:
    random = np.random.default_rng(10)
    input = raw_scores(random)
    by_unit = {"weight": random.normal(size=len(input)), "pos_weight": random.uniform(0, 3, len(input))}

    def surprises(input: Number, weight: Number, pos_weight: Number, **_: Number) -> Number:
        return abs(weight) * max(pos_weight * softplus(-input), softplus(input))

    assert_accurate(
        "bce_with_logits",
        from_logits,
        {"input": input, "target": random.random(len(input))},
        by_unit=by_unit,
        terms={"input": terms, "target": surprises},
    )


@pytest.mark.parametrize(
    ("score", "target", "value", "slope"),
    [
        (40.0, 1.0, TINY, -TINY),  # PyTorch's slope is 0.0
        (-40.0, 0.0, TINY, TINY),  # PyTorch's value is 0.0
        (np.inf, 0.0, np.inf, 1.0),
        (-np.inf, 1.0, np.inf, -1.0),
        (np.inf, 1.0, 0.0, 0.0),  # PyTorch prints nan here, and in the next
        (-np.inf, 0.0, 0.0, 0.0),
    ],
)
def test_edges(score: float, target: float, value: float, slope: float) -> None:
    ours = losscli.compute("bce_with_logits", [score], [target], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"][0]) == (value, slope)
    assert bool(ours.warnings) == np.isinf(score)


def test_conventions() -> None:
    """One formula everywhere: Keras divides weighted losses by the count, optax does not reduce."""
    scores, labels, weights = [0.0, 0.0], [1, 0], [3.0, 1.0]
    assert losscli.compute("bce_with_logits", scores, labels, convention="optax").value.shape == (2,)
    weighted = {
        name: losscli.compute("bce_with_logits", scores, labels, convention=name, sample_weight=weights).value
        for name in ("torch", "keras")
    }
    assert weighted == pytest.approx({"torch": np.log(2.0), "keras": 2.0 * np.log(2.0)})


@pytest.mark.parametrize("pos_weight", [None, 2.0])
def test_an_infinite_loss_of_weight_0(pos_weight: float | None) -> None:
    """It counts nothing, in value and slope, and is spoken of."""
    options: dict[str, Any] = {} if pos_weight is None else {"pos_weight": pos_weight}
    ours = losscli.compute("bce_with_logits", [-np.inf, 0.0], [1, 0], weight=[0.0, 1.0], gradients=True, **options)
    assert ours.gradients is not None
    assert ours.value == np.log(2.0) / 2.0
    assert ours.gradients["input"].tolist() == [0.0, 0.25]
    assert ours.gradients["target"][0] == 0.0
    assert ["0·inf" in warning for warning in ours.warnings] == [True]
