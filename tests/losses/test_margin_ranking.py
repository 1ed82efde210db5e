"""The margin ranking loss."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from tests.losses.reference import assert_accurate
from tests.nasty.families import spread
from tests.references.margin_ranking import margin_ranking


@pytest.mark.parametrize("margin", [0.0, 1.0, 1e-9, -0.5, 1e9])
def test_accuracy(margin: float) -> None:
    """Scores of all magnitudes, nearly equal ones, and leads that are nearly the margin: what is left is a rounding."""
    random = np.random.default_rng(41)
    ordinary, near = random.normal(size=(2, 40))
    input1 = np.concatenate([ordinary, spread(random, 30, -300, 300), near, near])
    input2 = np.concatenate([random.normal(size=40), spread(random, 30, -300, 300), np.nextafter(near, 9.0), near])
    input2[110:] -= margin * (1.0 + 1e-15 * random.integers(-3, 4, 40))
    inputs = {"input1": input1, "input2": input2, "target": random.choice([-1.0, 1.0], len(input1))}
    assert_accurate("margin_ranking", margin_ranking, inputs, margin=margin, gradients=False)


def both(input1: float, input2: float, target: int, margin: float = 0.0) -> tuple[float, float, float]:
    ours = losscli.compute("margin_ranking", [input1], [input2], [target], margin=margin, gradients=True)
    assert ours.gradients is not None
    return ours.value, ours.gradients["input1"][0], ours.gradients["input2"][0]


def test_both_signs_by_hand() -> None:
    assert both(1.0, 3.0, 1, 0.5) == (2.5, -1.0, 1.0)
    assert both(1.0, 3.0, -1, 0.5) == (0.0, 0.0, 0.0)
    assert both(3.0, 1.0, -1, -0.5) == (1.5, 1.0, -1.0)


def test_the_slope_is_passed_on_where_the_margin_is_just_met() -> None:
    """PyTorch's choice, also for equal scores with the default margin of 0."""
    assert both(3.0, 1.0, 1, 2.0) == (0.0, -1.0, 1.0)
    assert both(1.0, 1.0, -1) == (0.0, 1.0, -1.0)


def test_a_target_of_0_is_an_error() -> None:
    """PyTorch gives the margin, whatever the scores are."""
    with pytest.raises(losscli.LossError, match="target is 0, and must be -1 or 1"):
        losscli.compute("margin_ranking", [1.0, 2.0], [0.0, 1.0], [1, 0])


def test_kinks_are_where_the_margin_is_just_kept() -> None:
    """At target · (input1 - input2) = margin, to the rounding of the inputs; not a millionth beside it."""
    kinks = find("margin_ranking").kinks
    assert kinks is not None
    random = np.random.default_rng(8)
    input1, target = random.normal(0.0, 50.0, 200), random.choice([-1.0, 1.0], 200)
    for margin in (0.7, 0.0, -0.3):
        input2 = input1 - target * margin
        assert kinks(input1=input1, input2=input2, target=target, margin=margin).all()
        for beside in (1e-6, -1e-6, 3.0):
            assert not kinks(input1=input1, input2=input2 + beside, target=target, margin=margin).any()


@pytest.mark.parametrize(
    ("input1", "input2", "target", "value"),
    [(1e301, 0.0, 1.0, 0.0), (1e301, 0.0, -1.0, 1e301), (1e300, -1e300, -1.0, 2e300), (-1e307, 1e307, 1.0, 2e307)],
)
def test_the_largest_numbers(input1: float, input2: float, target: float, value: float) -> None:
    """By hand: max(0, -target (input1 - input2))."""
    ours = losscli.compute("margin_ranking", [input1], [input2], [target], gradients=True)
    assert ours.gradients is not None
    assert ours.value == value
    assert ours.gradients["input1"].tolist() == [-target if value else 0.0]
