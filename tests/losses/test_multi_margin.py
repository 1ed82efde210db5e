"""The multi-class margin loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references._formulas import Array
from tests.references.multi_margin import multi_margin

CLASSES = 5


def labelled(seed: int) -> dict[str, Array]:
    """Ordinary scores, leads that miss the margin by an ulp or so, and scores of any magnitude."""
    random = np.random.default_rng(seed)
    target = random.integers(0, CLASSES, 40)
    close = random.normal(size=(10, CLASSES))
    close[np.arange(10), target[10:20]] = close.max(axis=1) + 1.0 - random.choice([1e-15, 1e-9], 10)
    input = np.concatenate([random.normal(size=(10, CLASSES)), close, spread(random, (20, CLASSES), -60, 60)])
    return {"input": input, "target": target}


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("margin", [1.0, 0.3, -0.5])
def test_accuracy(p: int, margin: float) -> None:
    assert_accurate("multi_margin", multi_margin, labelled(41), p=p, margin=margin)


def test_accuracy_with_class_weights() -> None:
    weight = np.random.default_rng(42).uniform(0.1, 9, CLASSES)
    assert_accurate("multi_margin", multi_margin, labelled(43), weight=weight, p=2)


def test_a_lead_just_short_of_the_margin() -> None:
    """1 - 0.9 + 0.1 … in floats would be off; by hand: the lead 1 - 2⁻⁵³ misses 2⁻⁵³, of two classes half."""
    ours = losscli.compute("multi_margin", [[1.0 - 2.0**-53, 0.0]], [0], gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (2.0**-54, [[-0.5, 0.5]])


@pytest.mark.parametrize("p", [1, 2])
def test_at_the_kink_nothing_is_passed_on(p: int) -> None:
    """PyTorch's choice: its comparison is `z > 0`."""
    ours = losscli.compute("multi_margin", [[1.0, 0.0]], [0], p=p, gradients=True)
    assert ours.gradients is not None
    assert (ours.value, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_the_mean_divides_by_the_samples_whatever_their_weights() -> None:
    """By hand: each sample misses 1 once, over 2 classes; weights 1 and 3."""
    ours = losscli.compute("multi_margin", [[0.0, 0.0], [0.0, 0.0]], [0, 1], weight=[1.0, 3.0])
    assert (ours.value, ours.denominator) == (1.0, 2.0)


def test_pytorchs_documented_example() -> None:
    """(0.1 - 0.8 + 1) + (0.2 - 0.8 + 1) + (0.4 - 0.8 + 1), over 4: 0.325."""
    assert losscli.compute("multi_margin", [[0.1, 0.2, 0.4, 0.8]], [3]).value == pytest.approx(0.325, rel=1e-15)


def test_a_single_sample_and_higher_ranks() -> None:
    input = np.random.default_rng(44).normal(size=(3, 4, 2))
    target = np.array([[0, 1], [2, 3], [3, 0]])
    ours = losscli.compute("multi_margin", input, target, reduction="none").value
    for n, d in np.ndindex(3, 2):
        assert losscli.compute("multi_margin", input[n, :, d], target[n, d]).value == ours[n, d]


def test_p_is_1_or_2() -> None:
    with pytest.raises(losscli.LossError, match="p must be 1 or 2, got 3"):
        losscli.compute("multi_margin", [[0.0, 1.0]], [0], p=3)


def test_a_label_out_of_range_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match=r"target\[1\]: target is 2, and must be a class index from 0 to 1"):
        losscli.compute("multi_margin", [[0.0, 1.0], [1.0, 0.0]], [0, 2])
