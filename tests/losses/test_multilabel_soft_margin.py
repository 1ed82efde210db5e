"""The multi-label soft margin loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.multilabel_soft_margin import multilabel_soft_margin, slope_terms

CLASSES = 4


def tagged(seed: int, *, shares: bool) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    far = random.normal(size=(10, CLASSES)) * 10.0 ** random.uniform(-9, 2.5, (10, 1))
    input = np.concatenate([random.normal(0, 3, (10, CLASSES)), far, np.zeros((1, CLASSES))])
    target = random.random(input.shape)
    return {"input": input, "target": target if shares else np.rint(target)}


@pytest.mark.parametrize("shares", [False, True])
def test_accuracy(shares: bool) -> None:
    inputs = tagged(47, shares=shares)
    assert_accurate("multilabel_soft_margin", multilabel_soft_margin, inputs, terms={"input": slope_terms})


def test_accuracy_with_class_weights() -> None:
    weight = np.random.default_rng(48).uniform(0.1, 9, CLASSES)
    assert_accurate("multilabel_soft_margin", multilabel_soft_margin, tagged(49, shares=False), weight=weight)


def test_a_right_and_confident_row_keeps_its_digits() -> None:
    """log(1 + exp(-40)) for each class (mpmath); a sigmoid in float64 would say 0."""
    ours = losscli.compute("multilabel_soft_margin", [[40.0, -40.0]], [[1.0, 0.0]])
    assert ours.value == 4.248354255291589e-18


def test_the_weights_are_not_divided_by() -> None:
    """Every class costs log 2; the weights 1 and 3 over two classes make it twice that."""
    ours = losscli.compute("multilabel_soft_margin", [[0.0, 0.0]], [[1.0, 0.0]], weight=[1.0, 3.0])
    assert ours.value == 2.0 * np.log(2.0)


def test_a_class_of_weight_0_counts_0_even_where_it_is_infinitely_wrong() -> None:
    ours = losscli.compute("multilabel_soft_margin", [[np.inf, 0.0]], [[0.0, 1.0]], weight=[0.0, 1.0], gradients=True)
    assert ours.gradients is not None
    assert ours.value == np.log(2.0) / 2.0
    assert ours.gradients["input"].tolist() == [[0.0, -0.25]]


def test_a_target_that_is_no_share_is_an_error() -> None:
    """Class indices, which are multilabel_margin's."""
    with pytest.raises(losscli.LossError, match=r"target is 2, and must be from 0 to 1"):
        losscli.compute("multilabel_soft_margin", [[0.0, 1.0, 2.0]], [[2, 0, -1]])
